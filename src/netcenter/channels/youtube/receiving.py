"""Asks YouTube what is new: comments are not pushed, new videos alone are.

One call a minute lists the newest hundred threads, with how many replies each has: new ones, edits, new replies, likes
and what has vanished are all seen from it. Older threads, comments that were held back, and views are looked at now
and then. https://developers.google.com/youtube/v3/docs/commentThreads/list
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from netcenter.channels.contract import ChannelError, Connection, Polled, Raw, Reconciled, loose
from netcenter.channels.youtube import watching, wire
from netcenter.channels.youtube.turning import THREADS, Turn, marked
from netcenter.channels.youtube.wire import YouTube

Told = Mapping[str, Any]

POLL_SECONDS = 60.0
PAGES = 20  # of a hundred threads, that one poll reads at most
STAGES = ("published", "heldForReview", "likelySpam")
TURN = 20  # threads of one page when reconciling: each may cost a call for its replies
OLDER = timedelta(days=7)  # how much older than the span a thread may be whose replies are looked for


def poll(connection: Connection, cursor: dict[str, Any]) -> Polled:
    """Cursor: since when we listen, the newest thread, what is watched, and when each look is due."""
    youtube, now = _signed_in(connection), wire.now()
    state: dict[str, Any] = {"watch": {}, "videos": {}, "due": {}, **deepcopy(cursor)}
    first = "begin" not in state
    begin = loose.moment(state.get("begin")) or now - timedelta(days=_days(connection))
    newest = loose.moment(state.get("newest")) or begin
    listed, reached, whole = _listed(youtube, newest)
    turn = Turn(youtube, state, begin, now)
    for thread in reversed(listed):
        turn.take(thread)
    if reached:
        times = [at for thread in listed if (at := watching.said_at(watching.top_of(thread)))]
        state["newest"] = max([newest, *times]).isoformat()
    state["begin"] = begin.isoformat()
    if not first:
        turn.look_again(listed, whole)
    return Polled(tuple(turn.raws()), state)


def _listed(youtube: YouTube, newest: datetime) -> tuple[list[Told], bool, bool]:
    """The newest threads; whether they reach down to what is known; and whether there are no others."""
    query, found, token = {**THREADS, "allThreadsRelatedToChannelId": youtube.own}, list[Told](), ""
    for _page in range(PAGES):
        try:
            page = youtube.asked("commentThreads", {**query, "pageToken": token or None})
        except ChannelError as error:
            if error.reason != "rate" or not found:
                raise
            break  # the next poll begins at the top again, and goes further
        found += loose.objects(page.get("items"))
        token = loose.text(page.get("nextPageToken"), 2000)
        last = watching.said_at(watching.top_of(found[-1])) if found else None
        if not token or last is None or last < newest:
            return found, True, not token
    return found, False, False


def reconcile(connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]) -> Reconciled:
    """A page of threads at a time; then those that are held back."""
    youtube, stage = _signed_in(connection), int(cursor.get("stage", 0))
    turn = Turn(youtube, {"watch": {}, "due": {}}, since, wire.now(), until, patient=False)
    query = {**THREADS, "allThreadsRelatedToChannelId": youtube.own, "maxResults": TURN,
             "moderationStatus": STAGES[stage], "pageToken": cursor.get("token")}  # fmt: skip
    page = youtube.asked("commentThreads", query)
    threads = loose.objects(page.get("items"))
    for thread in reversed(threads):
        turn.take(marked(thread, STAGES[stage]) if stage else thread, STAGES[stage])
    times = [at for thread in threads if (at := watching.said_at(watching.top_of(thread)))]
    token = loose.text(page.get("nextPageToken"), 2000)
    if token and times and min(times) > since - OLDER:
        after: dict[str, Any] = {"stage": stage, "token": token}
    else:
        after = {"stage": stage + 1} if stage + 1 < len(STAGES) else {}
    raws, present = tuple(turn.raws()), tuple(turn.present)
    return Reconciled(raws, after, more=bool(after), present=present, lists_all=not after, current=True)


def follow(reference: str, connection: Connection) -> tuple[Raw, ...]:
    """A video that the hub announced: how far it carries, and what is said under it already."""
    youtube, now, video = wire.YouTube(connection), wire.now(), reference.removeprefix("video:")
    found = youtube.named("videos", [video], {"part": "id,snippet,statistics"})
    if not found:
        return ()
    turn = Turn(youtube, {"watch": {}, "due": {}}, now - OLDER, now, patient=False)
    try:
        page = youtube.asked("commentThreads", {**THREADS, "videoId": video})
    except ChannelError as error:
        if error.reason != "gone":  # its comments are switched off
            raise
        page = {}
    for thread in reversed(loose.objects(page.get("items"))):
        turn.take(thread)
    return (watching.carried(found[0], watching.views(found[0]), now), *turn.raws())


def _signed_in(connection: Connection) -> YouTube:
    """As whose channel we ask. Raises ChannelError before anybody has signed in."""
    youtube = wire.YouTube(connection)
    if not youtube.own:
        raise ChannelError("nobody has signed in yet, so it is not known which channel this is", reason="token")
    return youtube


def _days(connection: Connection) -> float:
    days = connection.config.get("history_days", 1)
    return float(days) if isinstance(days, int | float) and days >= 0 else 1.0
