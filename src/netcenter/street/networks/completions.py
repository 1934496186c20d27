"""An OpenAI-compatible endpoint on the street: chat completions, strict, as https://platform.openai.com/docs/api-reference
describes them. What it says is up to whoever starts it: `says` gets the messages and returns words, or a whole choice.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from netcenter.street.networks.base import Asked, Network, Rate, Refused, Said, Weather, number, one_of, route, text
from netcenter.street.networks.base.serving import STATUSES

Messages = Sequence[Mapping[str, str]]
Says = Callable[[Messages], "str | dict[str, Any] | bytes"]
KINDS = {401: "invalid_request_error", 429: "rate_limit_exceeded", 404: "invalid_request_error"}
_MESSAGE = {"role": one_of("system", "user", "assistant", "developer"), "content": text(400_000)}
_BODY = {"model": str, "messages": [_MESSAGE], "max_tokens?": number(1, 100_000), "stream?": bool,
         "max_completion_tokens?": number(1, 100_000), "temperature?": float}  # fmt: skip


def parrot(messages: Messages) -> str:
    """A harmless model: the protocol's first words, or the first answer, with its mark; to a plain question, "yes"."""
    try:
        told = json.loads(messages[-1]["content"])
    except ValueError:
        return "yes"
    source = next(iter([*told["words"], *told["answers"], *told["steps"]]), None)
    return f"{source['text']} [{source['mark']}]" if source else "Hola."


class Completions(Network):
    """One endpoint with its models. `heard` keeps what it was told, for whoever asks what left the house."""

    rates = {"completions": Rate(100, 60)}

    def __init__(
        self, says: Says = parrot, now: Callable[[], float] = time.time, weather: Weather | None = None,
        models: Sequence[str] = ("gpt-street",), newer: Sequence[str] = (), slow: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(now, weather)
        self.says, self.models, self.newer, self.slow = says, {*models, *newer}, set(newer), slow
        self.heard: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)
        self.tokens.issue("sk-street")

    @property
    def base(self) -> str:
        return f"{self.url}/v1"

    def refusal(self, refused: Refused) -> Said:
        status = STATUSES[refused.why]
        kind = KINDS.get(status, "invalid_request_error")
        return Said(status, {"error": {"message": str(refused), "type": kind, "param": None, "code": refused.why}})

    @route("POST", "/v1/chat/completions", json=_BODY, bucket="completions")
    def complete(self, asked: Asked) -> Said:
        told = asked.fields
        if told["model"] not in self.models:
            raise Refused("route", f"The model `{told['model']}` does not exist")
        if told["model"] in self.newer and "max_tokens" in told:
            raise Refused("unknown", "'max_tokens' is not supported with this model. Use 'max_completion_tokens'")
        self.heard.append(told)
        if self.slow:
            time.sleep(self.slow)
        said = self.says(told["messages"])
        if isinstance(said, bytes):
            return Said(body=said)
        whole = {"message": {"role": "assistant", "content": said}, "finish_reason": "stop"}
        choice = {"index": 0, **(whole if isinstance(said, str) else said)}
        return Said(body={
            "id": f"chatcmpl-{next(self._numbers)}", "object": "chat.completion", "created": int(self.now()),
            "model": told["model"], "choices": [choice],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        })  # fmt: skip
