"""The reviews of all locations of an account, a few locations at a time.

https://developers.google.com/my-business/reference/rest/v4/accounts.locations/batchGetReviews
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from netcenter.channels.contract import ChannelError, Connection, Polled, Reconciled, Unreadable, loose
from netcenter.channels.googlebusiness import reading
from netcenter.channels.googlebusiness.client import (
    AT_ONCE,
    MOST_LOCATIONS,
    NEWEST,
    account_of,
    api,
    locations,
    review_path,
)
from netcenter.channels.reviews import watching
from netcenter.channels.reviews.watching import Item, Page

PLACES_EVERY = 6 * 3600.0  # seconds after which we ask again which locations there are


class Locations:
    """A shelf for `watching`: some locations together, newest words first."""

    def __init__(self, connection: Connection, names: Sequence[str]) -> None:
        self.connection, self.names = connection, names

    def page(self, after: str) -> Page:
        if not self.names:
            return Page(())
        account = account_of(self.connection)
        asked = {"locationNames": [f"{account}/{name}" for name in self.names], **NEWEST}
        path = f"v4/{account}/locations:batchGetReviews"
        told = loose.within(api(self.connection).post(path, {**asked, **({"pageToken": after} if after else {})}))
        found = [item_in(one) for one in loose.objects(told.get("locationReviews"))]
        return Page(tuple(one for one in found if one is not None), loose.text(told.get("nextPageToken"), 2000))

    def wording(self, review: str) -> str | None:
        try:
            found = item_in({"review": api(self.connection).get(review_path(self.connection, review))})
        except ChannelError as error:
            if error.reason == "gone":
                return None
            raise
        return "" if found is None else found.mark


def item_in(body: Mapping[str, Any]) -> Item | None:
    """The review of an entry; one that cannot be read must not hide the others."""
    try:
        return reading.item(loose.within(body, "review"))
    except Unreadable:
        return None


def poll(connection: Connection, cursor: dict[str, Any], now: float, days_back: float) -> Polled:
    """One part of the locations; the others follow at once."""
    state = dict(cursor)
    turn, parts = _part(connection, state, now)
    kept: dict[str, Any] = dict(state.get("shelves", {}))
    found = watching.poll(Locations(connection, parts[turn]), dict(kept.get(str(turn), {})), now, days_back)
    state["shelves"] = {**kept, str(turn): found.cursor}
    following = turn if found.more else (turn + 1) % len(parts)
    state["turn"] = following
    return Polled(found.raws, state, more=found.more or following != 0)


def reconcile(
    connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any], now: float
) -> Reconciled:  # fmt: skip
    state = dict(cursor)
    turn, parts = _part(connection, state, now)
    page = watching.reconcile(Locations(connection, parts[turn]), since, until, dict(state.get("shelf", {})), now)
    if page.more:
        return replace(page, cursor={**state, "shelf": page.cursor})
    if turn + 1 < len(parts):
        counts = {count.day.isoformat(): count.messages for count in page.counts}
        return replace(page, cursor={**state, "turn": turn + 1, "shelf": {"counts": counts}}, more=True, counts=())
    return page


def _part(connection: Connection, state: dict[str, Any], now: float) -> tuple[int, list[list[str]]]:
    """Which part of the locations is next, and all parts. Which locations there are is asked now and then."""
    if not state.get("places") or now - float(state.get("asked", 0)) >= PLACES_EVERY:
        state["places"], state["asked"] = locations(connection)[:MOST_LOCATIONS], now
    names: list[str] = list(state["places"])
    parts = [names[n : n + AT_ONCE] for n in range(0, len(names), AT_ONCE)] or [[]]
    return min(int(state.get("turn", 0)), len(parts) - 1), parts
