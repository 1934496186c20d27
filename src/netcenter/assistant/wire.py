"""The one call that leaves the house: an OpenAI-compatible endpoint, asked once, with a limit on time and size.

https://platform.openai.com/docs/api-reference/chat/create; what other servers offer of it is told in docs/assistant.md.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netcenter.lib import http

TIMEOUT = 30.0  # seconds for the whole exchange
LIMIT = 2**18  # bytes of an answer
MOST_TOKENS = 1200  # a draft, and what some models think before it


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where, which model, and with which key; "" where none is asked for."""

    base_url: str
    model: str
    key: str = ""


class Failed(Exception):
    """No draft came. `code` says why: time, away, address, key, unknown, limit, refused, garbled, declined, empty."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def complete(endpoint: Endpoint, messages: Sequence[Mapping[str, str]], timeout: float = TIMEOUT) -> str:
    """What the model says: text and nothing else, whatever else it would like to call or do. Raises Failed."""
    answer = _asked(endpoint, messages, "max_tokens", timeout)
    if answer.status == 400 and b"max_completion_tokens" in answer.body:  # newer models of OpenAI know only this name
        answer = _asked(endpoint, messages, "max_completion_tokens", timeout)
    if answer.status != 200:
        raise Failed(_why(answer.status))
    return _said(answer)


def _asked(endpoint: Endpoint, messages: Sequence[Mapping[str, str]], limit: str, timeout: float) -> http.Answered:
    body = {"model": endpoint.model, "messages": list(messages), limit: MOST_TOKENS, "stream": False}
    headers = {"content-type": "application/json", "accept": "application/json"}
    if endpoint.key:
        headers["authorization"] = f"Bearer {endpoint.key}"
    url = endpoint.base_url.rstrip("/") + "/chat/completions"
    try:
        return http.request("POST", url, body=json.dumps(body).encode(), headers=headers, timeout=timeout, limit=LIMIT)
    except http.HttpFailed as failed:
        late = "did not answer within" in str(failed)
        raise Failed("address" if failed.permanent else "time" if late else "away") from failed


def _why(status: int) -> str:
    if status in (401, 403):
        return "key"
    if status in (404, 405) or 300 <= status < 400:
        return "unknown"
    return "limit" if status == 429 else "away" if status >= 500 else "refused"


def _said(answer: http.Answered) -> str:
    try:
        told: Any = json.loads(answer.body)
        choice = told["choices"][0]
        content, ended = choice["message"].get("content"), choice.get("finish_reason")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise Failed("garbled") from error
    if ended == "content_filter" or choice["message"].get("refusal"):
        raise Failed("declined")
    if content is not None and not isinstance(content, str):
        raise Failed("garbled")
    if not (content or "").strip():
        raise Failed("empty")
    return str(content)
