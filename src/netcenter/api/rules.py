"""Which events a webhook wants, and what follows from the answer it gave."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

BACK_OFF = (10, 60, 300, 1800, 7200, 14400, 28800, 43200)  # seconds after each failed attempt; then a dead letter
REST = 60  # seconds at the most that a failing webhook is left alone with its other events
TRY_LATER = (408, 425, 429)

NEVER = "webhook."  # what happens to webhooks is not told to webhooks: it would never end


@dataclass(frozen=True)
class Group:
    """Events that belong together on the form: `pattern` is what a subscription keeps."""

    pattern: str
    kinds: tuple[str, ...]


# Changes of settings: only a webhook that is told everything ("*") hears of them.
SETTINGS = ("answer.", "area.", "brand.", "break.", "calendar.", "layer.", "organisation.", "person.", "queue.",
            "reading.", "search.", "site.", "source.", "skill.", "standard.", "team.", "token.", "topics.")  # fmt: skip

# Every other kind that the record knows, for the form and the documentation. A test compares it with the code.
GROUPS = (
    Group("message.*", ("message.received", "message.written", "message.sent", "message.failed", "message.retried",
                        "message.edited", "message.vanished", "message.read", "message.echoed", "message.hidden",
                        "message.reacted", "message.reached", "message.called", "message.opened",
                        "message.file_fetched")),
    Group("post.*", ("post.heard", "post.learned", "post.hidden", "post.vanished")),
    Group("deed.*", ("deed.asked", "deed.approved", "deed.dropped", "deed.done", "deed.refused")),
    Group("round.*", ("round.asked", "round.approved", "round.dropped", "round.paused", "round.resumed", "round.ended",
                      "round.stopped")),
    Group("sighting.*", ("sighting.heard", "sighting.repeated", "sighting.became_case", "sighting.passed",
                         "sighting.brought_back", "sighting.vanished")),
    Group("case.*", ("case.closed", "case.disposed", "case.passed", "case.snoozed", "case.woke", "case.writing",
                     "case.watched", "case.unwatched", "case.whispered", "case.barged", "case.unpinned")),
    Group("offer.*", ("offer.rang", "offer.accepted", "offer.declined", "offer.missed", "offer.withdrawn",
                      "offer.ended", "offer.filled")),
    Group("referral.*", ("referral.asked", "referral.seen", "referral.reminded", "referral.climbed",
                         "referral.answered", "referral.told", "referral.given_back", "referral.taken_back",
                         "referral.ran_out", "referral.news")),
    Group("acknowledgement.*", ("acknowledgement.told", "acknowledgement.refused", "acknowledgement.broken")),
    Group("menu.*", ("menu.asked", "menu.chosen", "menu.passed")),
    Group("note.*", ("note.written", "note.mentioned")),
    Group("promise.*", ("promise.near", "promise.broken")),
    Group("customer.*", ("customer.merged", "customer.described", "customer.learned")),
    Group("account.*", ("account.connected", "account.changed", "account.paused", "account.resumed",
                        "account.failing", "account.troubled", "account.menu_changed", "account.renewed",
                        "account.rights_missing", "account.silent", "account.reconciled")),
    Group("delivery.*", ("delivery.unreadable", "delivery.read_again")),
    Group("dispatch.*", ("dispatch.refused", "dispatch.retried")),
    Group("guard.*", ("guard.overruled",)),
    Group("protocol.*", ("protocol.followed", "protocol.ticked", "protocol.unticked", "protocol.added",
                         "protocol.changed", "protocol.switched", "protocol.removed", "protocol.approval_ruled")),
    Group("assistant.*", ("assistant.asked", "assistant.drafted", "assistant.failed", "assistant.answered",
                          "assistant.changed")),
    Group("approval.*", ("approval.asked", "approval.granted", "approval.returned", "approval.withdrawn")),
    Group("desk.*", ("desk.state", "desk.extended", "desk.no_more")),
)  # fmt: skip


def wants(patterns: Iterable[str], kind: str) -> bool:
    """Whether a subscription to these patterns ("case.*", "case.closed", "*") is told of such an event."""
    if kind.startswith(NEVER):
        return False
    return any(p in (kind, "*") or (p.endswith(".*") and kind.startswith(p[:-1])) for p in patterns)


@dataclass(frozen=True)
class Verdict:
    """What becomes of a delivery: sent, again after `wait`, or dead."""

    outcome: Literal["sent", "again", "dead"]
    wait: timedelta = timedelta()


def judge(status: int | None, attempts: int, *, permanent: bool = False, retry_after: str = "") -> Verdict:
    """`status` is None when there was no answer; `permanent` when asking again is useless. 410 is a polite no."""
    if status is not None and (200 <= status < 300 or status == 409):
        return Verdict("sent")
    refused = status is not None and 300 <= status < 500 and status not in TRY_LATER
    if permanent or refused or attempts > len(BACK_OFF):
        return Verdict("dead")
    asked = int(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 7 else 0
    return Verdict("again", timedelta(seconds=max(BACK_OFF[attempts - 1], min(asked, 86400))))
