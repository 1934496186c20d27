"""Which events a webhook is told, and what follows from its answers."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

import netcenter
from netcenter.api.rules import BACK_OFF, GROUPS, SETTINGS, judge, wants

HOUSE = Path(netcenter.__file__).parent


@pytest.mark.parametrize(
    ("patterns", "kind", "told"),
    [
        (["*"], "case.closed", True),
        (["case.*"], "case.closed", True),
        (["case.closed"], "case.closed", True),
        (["case.closed"], "case.closed_again", False),
        (["case.*"], "casement.opened", False),
        (["message.*"], "case.closed", False),
        ([], "case.closed", False),
        (["*", "webhook.*"], "webhook.gave_up", False),
    ],
)
def test_a_webhook_is_told_what_it_asked_for(patterns, kind, told):
    assert wants(patterns, kind) is told


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, "sent"), (204, "sent"), (409, "sent"), (301, "dead"), (400, "dead"), (401, "dead"), (404, "dead"),
     (410, "dead"), (408, "again"), (425, "again"), (429, "again"), (500, "again"), (503, "again"), (None, "again")],
)  # fmt: skip
def test_an_answer_decides_what_becomes_of_it(status, outcome):
    assert judge(status, 1).outcome == outcome


def test_it_waits_longer_each_time_and_then_gives_up():
    waits = [judge(500, attempt).wait.total_seconds() for attempt in range(1, len(BACK_OFF) + 1)]
    assert waits == sorted(waits)
    assert sum(waits) > 24 * 3600
    assert judge(500, len(BACK_OFF) + 1).outcome == "dead"


def test_what_can_never_work_is_not_tried_twice():
    assert judge(None, 1, permanent=True).outcome == "dead"


@pytest.mark.parametrize(
    ("asked", "seconds"), [("120", 120), ("1", 10), ("9" * 6, 86400), ("9" * 40, 10), ("soon", 10)]
)
def test_a_retry_after_is_heard_within_reason(asked, seconds):
    assert judge(429, 1, retry_after=asked).wait == timedelta(seconds=seconds)


def test_every_event_of_the_house_is_on_the_form_and_none_that_is_not():
    told = {kind for group in GROUPS for kind in group.kinds}
    assert all(kind.startswith(group.pattern[:-1]) for group in GROUPS for kind in group.kinds)
    calls = r"""(?:event|_tell)\(\s*(?:"([a-z]+\.[a-z_]+)")(?:\s+if [^,]+? else "([a-z]+\.[a-z_]+)")?"""
    sources = [path.read_text() for path in HOUSE.rglob("*.py")]
    recorded = {kind for source in sources for pair in re.findall(calls, source) for kind in pair if kind}
    unknown = {k for k in recorded - told if not k.startswith(("webhook.", *SETTINGS))}
    assert not unknown, f"add to GROUPS in api/rules.py: {sorted(unknown)}"
    everything = "\n".join(sources)
    assert not {kind for kind in told if everything.count(f'"{kind}"') < 2}
