"""The few words of ASGI that the bare endpoints share."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Header = tuple[bytes, bytes]

TEXT = (b"content-type", b"text/plain")
JSON = (b"content-type", b"application/json")
CLOSE = (b"connection", b"close")  # the rest of the request is not waited for


class Gone(Exception):
    """The client left."""


async def answer(send: Send, status: int, body: bytes, *headers: Header, head: bool = False) -> None:
    """A whole answer. With `head` only its headers are sent."""
    sized = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": sized})
    await send({"type": "http.response.body", "body": b"" if head else body})


def cut(send: Send) -> None:
    """Cut the wire of a client that does not take what it is sent.

    ASGI has no word for it: to return early makes the server wait, perhaps for ever, until the client has read what
    is on the way. uvicorn's `send` belongs to an object that knows the transport.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()


def header(scope: Scope, name: bytes) -> str:
    """The first header of this (lower case) name, or ""."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
