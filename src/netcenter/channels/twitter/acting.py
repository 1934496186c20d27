"""What is done to words: hiding replies, liking, deleting ours.

https://docs.x.com/x-api/posts/hide-reply
https://docs.x.com/x-api/users/like-post
https://docs.x.com/x-api/direct-messages/blocks/introduction – to block somebody everywhere takes an Enterprise plan.
"""

from __future__ import annotations

from datetime import UTC, datetime

from netcenter.channels.contract import Act, ChannelError, Receipt
from netcenter.channels.twitter.client import X


def act(act: Act, x: X, own: str) -> Receipt:
    """Each is done once, however often it is asked for; what is gone already is deleted already."""
    if act.thread.place == "private" and act.verb not in ("delete_ours", "block", "unblock"):
        raise ChannelError(f"direct messages know no {act.verb}", permanent=True, reason="unfit")
    match act.verb:
        case "hide" | "show":
            x.put(f"2/tweets/{act.target}/hidden", {"hidden": act.verb == "hide"}, bucket="hide")
        case "react":
            x.post(f"2/users/{own}/likes", {"tweet_id": act.target}, bucket="like")
        case "unreact":
            x.call("DELETE", f"2/users/{own}/likes/{act.target}", bucket="unlike")
        case "block" | "unblock" if act.thread.place == "private" and act.to:
            x.call("POST", f"2/users/{act.to.external_id}/dm/{act.verb}", bucket="dm_block")
        case "delete_ours":
            _delete(act, x)
        case _:
            raise ChannelError(f"posts know no {act.verb}", permanent=True, reason="unfit")
    return Receipt(act.target, "sent", datetime.now(UTC))


def _delete(act: Act, x: X) -> None:
    where, bucket = ("dm_events", "dm_remove") if act.thread.place == "private" else ("tweets", "remove")
    try:
        x.call("DELETE", f"2/{where}/{act.target}", bucket=bucket)
    except ChannelError as error:
        if error.reason != "gone":
            raise
