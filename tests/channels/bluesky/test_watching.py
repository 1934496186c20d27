"""What is watched is the newest, whatever order the cursor comes back in (PostgreSQL's jsonb keeps none)."""

from netcenter.channels.bluesky import watching

POST = "at://did:plc:{who}/app.bsky.feed.post/{tid}"


def test_the_oldest_is_watched_no_more():
    oldest = POST.format(who="zoe", tid="3aaa")
    state = {"watch": {POST.format(who="ana", tid=f"3k{n:04}"): "" for n in range(watching.MOST - 1)} | {oldest: ""}}
    watching.note(state, fresh := POST.format(who="ana", tid="3z000"))
    assert fresh in state["watch"] and oldest not in state["watch"]
