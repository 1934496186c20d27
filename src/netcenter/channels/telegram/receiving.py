"""How updates come in: pushed to our hook, or asked for. Telegram keeps them for a day, and knows no other history.

While a hook is set, asking is refused (409): then we only look now and then whether Telegram reaches us.
https://core.telegram.org/bots/api#getting-updates
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from netcenter.channels.contract import Answer, ChannelError, Connection, Polled, Raw, Request, loose, signing
from netcenter.channels.telegram import wire
from netcenter.channels.telegram.reading import KINDS
from netcenter.channels.telegram.wire import Bot, Conflict

PAGE = 100  # updates of one answer
POLL_SECONDS = 3.0
HOLD = 2  # seconds that Telegram holds its answer back while there is nothing new
LOOK_AGAIN = 300.0  # seconds between two looks at the hook
FORGETS = 6 * 86400.0  # after a week without updates their numbers begin anew, anywhere: ours means nothing then
PROOF = "x-telegram-bot-api-secret-token"


def verify(request: Request, connection: Connection) -> Answer:
    """Telegram signs nothing: it sends the secret that we gave it. A button that was pressed is let go at once."""
    if request.method != "POST" or not signing.same(
        connection.secrets.get("webhook_secret", ""), request.headers.get(PROOF, "")
    ):
        return Answer(401, b"the secret is not ours", store=False)
    meta = {"received_at": datetime.fromtimestamp(request.at, UTC).isoformat()}
    try:
        update = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        return Answer(meta=meta)
    if not isinstance(update, dict):
        return Answer(meta=meta)
    if not (pressed := loose.text(loose.within(update, "callback_query").get("id"), 100)):
        return Answer(dedupe=_dedupe(update), meta=meta)
    told = orjson.dumps({"method": "answerCallbackQuery", "callback_query_id": pressed})
    return Answer(200, told, "application/json", dedupe=_dedupe(update), meta=meta)


def poll(connection: Connection, cursor: Mapping[str, Any], hold: int = 0) -> Polled:
    """Cursor: the number of the next update, when there was one last, and until when no hook need be looked at."""
    state, now, bot = dict(cursor), wire.now().timestamp(), Bot(connection)
    if is_pushed(state, now):
        return Polled((), state)
    asked: dict[str, Any] = {"limit": PAGE, "timeout": hold, "allowed_updates": list(KINDS)}
    if state.get("next") and now - float(state.get("at") or 0) < FORGETS:
        asked["offset"] = state["next"]
    try:
        updates = loose.objects(bot.do("getUpdates", asked))
    except Conflict as conflict:
        if not conflict.hooked:
            raise ChannelError(
                "another program asks with the same token: stop it, or make a token anew", retry_at=conflict.retry_at
            ) from conflict
        return _look_at_the_hook(bot, connection, state, now)
    at = datetime.fromtimestamp(now, UTC).isoformat()
    raws = tuple(Raw(orjson.dumps(dict(one)), _dedupe(one), {"received_at": at}) for one in updates)
    if numbers := [number for one in updates if (number := loose.count(one.get("update_id"))) is not None]:
        state |= {"next": max(numbers) + 1, "at": now}
    pressed = [loose.text(loose.within(one, "callback_query").get("id"), 100) for one in updates]
    state["pressed"] = [each for each in pressed if each]
    return Polled(raws, state, more=len(updates) >= PAGE)


def stored(connection: Connection, cursor: Mapping[str, Any]) -> None:
    """The buttons that were pressed are let go: until then they turn on the customer's screen."""
    for pressed in cursor.get("pressed", ()):
        try:
            Bot(connection).do("answerCallbackQuery", {"callback_query_id": pressed})
        except ChannelError as error:
            if not error.permanent:  # an old one cannot be let go any more
                return


def stream(connection: Connection, cursor: Mapping[str, Any], stop: Callable[[], bool]) -> Iterator[Polled]:
    """Ask without a pause; while Telegram pushes, be silent."""
    state: Mapping[str, Any] = dict(cursor)
    while not stop():
        if is_pushed(state, wire.now().timestamp()):
            yield Polled((), dict(state))
            _rest(HOLD, stop)
            continue
        polled = poll(connection, state, HOLD)
        state = polled.cursor
        yield polled


def is_pushed(state: Mapping[str, Any], now: float) -> bool:
    """Whether a hook was set when we last looked, a moment ago."""
    return now < float(state.get("pushed_until") or 0) <= now + LOOK_AGAIN


def _look_at_the_hook(bot: Bot, connection: Connection, state: dict[str, Any], now: float) -> Polled:
    """https://core.telegram.org/bots/api#webhookinfo"""
    told = loose.within(bot.do("getWebhookInfo"))
    state |= {"pushed_until": now + LOOK_AGAIN, "pressed": []}
    url = loose.text(told.get("url"), 1000)
    if url and not url.endswith(f"/hooks/{connection.key}"):
        raise ChannelError(f"Telegram calls another address: {url[:200]}", retry_at=None)
    failed_at = loose.count(told.get("last_error_date")) or 0
    if failed_at <= int(state.get("failed_at") or 0) or now - failed_at > 2 * LOOK_AGAIN:
        return Polled((), state)
    state["failed_at"] = failed_at
    return Polled((Raw(orjson.dumps({"webhook_info": dict(told)}), f"hook:{failed_at}"),), state)


def _dedupe(update: Mapping[str, Any]) -> str:
    """Pushed or asked for, it is the same update. Its number alone may come again after a quiet week."""
    number = loose.count(update.get("update_id"))
    whole = hashlib.sha256(orjson.dumps(dict(update), option=orjson.OPT_SORT_KEYS)).hexdigest()
    return f"{number}:{whole[:24]}" if number is not None else ""


def _rest(seconds: float, stop: Callable[[], bool]) -> None:
    ends = time.monotonic() + seconds
    while not stop() and (left := ends - time.monotonic()) > 0:
        time.sleep(min(0.25, left))
