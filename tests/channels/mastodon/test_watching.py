"""What is watched is the newest, whatever order the cursor comes back in (PostgreSQL's jsonb keeps none)."""

from netcenter.channels.mastodon import watching


def test_the_oldest_is_watched_no_more():
    newest_first = {str(9000 - n): ["", ""] for n in range(watching.MOST)}
    state = {"watch": newest_first}
    watching.note(state, {"id": "10000"})
    assert "10000" in state["watch"] and len(state["watch"]) == watching.MOST
    assert str(9000 - watching.MOST + 1) not in state["watch"]
