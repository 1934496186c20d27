"""Behind a proxy everybody seems to come from the same address; what it says of them is believed, others are not."""

import asyncio

import pytest

from netcenter.helpcenter.asgi import Chat
from netcenter.site.asgi import Front


@pytest.mark.parametrize(("proxy", "seen"), [("127.0.0.1", "203.0.113.7"), ("198.51.100.9", "198.51.100.9")])
def test_a_visitor_of_the_chat_is_known_by_their_own_address(monkeypatch, proxy, seen):
    came = []

    async def visit(chat, scope, receive, send):
        came.append(scope["client"][0])

    monkeypatch.setattr(Chat, "__call__", visit)
    scope = {
        "type": "websocket", "path": "/chat/key/ws", "client": (proxy, 40000), "scheme": "ws",
        "headers": [(b"x-forwarded-for", b"203.0.113.7"), (b"x-forwarded-proto", b"https")],
    }  # fmt: skip
    front = Front()
    try:
        asyncio.run(front(scope, None, None))
    finally:
        front.bridge.close()
    assert came == [seen]
