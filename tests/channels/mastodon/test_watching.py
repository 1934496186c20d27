"""What is watched is the newest, whatever order the cursor comes back in (PostgreSQL's jsonb keeps none)."""

from datetime import UTC, datetime, timedelta

from netcenter.channels.budgets import InProcess
from netcenter.channels.contract import Answered
from netcenter.channels.mastodon import watching
from netcenter.channels.mastodon.channel import CHANNEL
from netcenter.channels.mastodon.wire import Server


def test_the_oldest_is_watched_no_more():
    newest_first = {str(9000 - n): ["", ""] for n in range(watching.MOST)}
    state = {"watch": newest_first}
    watching.note(state, {"id": "10000"})
    assert "10000" in state["watch"] and len(state["watch"]) == watching.MOST
    assert str(9000 - watching.MOST + 1) not in state["watch"]


def test_the_limit_of_deletions_is_not_that_of_calls():
    budget = InProcess(CHANNEL.buckets)
    api = Server("https://social.example", {}, budget)
    soon = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    for most, left, spent in (("30", "2", 0), ("300", "290", 10)):
        headers = {"x-ratelimit-limit": most, "x-ratelimit-remaining": left, "x-ratelimit-reset": soon}
        api.heard(Answered(200, headers, b""), "calls")
        assert budget.spent("calls") == spent
