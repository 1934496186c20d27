"""What is watched is the newest, whatever order the cursor comes back in (PostgreSQL's jsonb keeps none)."""

import time

from netcenter.channels.bluesky import watching
from netcenter.channels.bluesky.channel import CHANNEL
from netcenter.channels.bluesky.wire import Pds
from netcenter.channels.budgets import InProcess
from netcenter.channels.contract import Answered

POST = "at://did:plc:{who}/app.bsky.feed.post/{tid}"


def test_the_oldest_is_watched_no_more():
    oldest = POST.format(who="zoe", tid="3aaa")
    state = {"watch": {POST.format(who="ana", tid=f"3k{n:04}"): "" for n in range(watching.MOST - 1)} | {oldest: ""}}
    watching.note(state, fresh := POST.format(who="ana", tid="3z000"))
    assert fresh in state["watch"] and oldest not in state["watch"]


def test_the_limit_of_signing_in_is_not_that_of_calls():
    budget = InProcess(CHANNEL.buckets)
    pds = Pds("https://pds.example", "", budget)
    soon = str(int(time.time()) + 300)
    for policy, left, spent in (("30;w=300", "2", 0), ("3000;w=300", "2900", 100)):
        headers = {"ratelimit-policy": policy, "ratelimit-remaining": left, "ratelimit-reset": soon}
        pds.heard(Answered(200, headers, b""), "calls")
        assert budget.spent("calls") == spent
