"""Where an account lives: https://atproto.com/specs/did, https://atproto.com/specs/handle"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from netcenter.channels.bluesky import options, sessions
from netcenter.channels.bluesky.wire import Pds
from netcenter.channels.contract import Api, ChannelError, Connection, loose

_WEB = re.compile(r"did:web:([A-Za-z0-9.-]+)")
MOST = 100_000  # bytes of a DID document


def home_of(who: str, connection: Connection) -> tuple[str, str]:
    """The server of a DID or handle, and its handle or, of a handle, its DID. Raises ChannelError."""
    did = who
    if not who.startswith("did:"):
        anybody = Pds(connection.base(options.REAL), "", connection.budget)
        did = loose.name(anybody.query("com.atproto.identity.resolveHandle", {"handle": who}).get("did"))
    document = document_of(did, connection)
    names = [
        name.removeprefix("at://") for name in loose.texts(document.get("alsoKnownAs")) if name.startswith("at://")
    ]
    if not (home := sessions.endpoint_of(document)):
        raise ChannelError(f"{did} lives nowhere", permanent=True, reason="gone")
    return home, (names[0] if names else "") if who == did else did


def document_of(did: str, connection: Connection) -> Mapping[str, Any]:
    """From the directory, or from the site that the DID names. Strangers write names: only public hosts are asked."""
    if site := _WEB.fullmatch(did):
        content, _mime = Api(connection.base(options.REAL)).download(f"https://{site[1]}/.well-known/did.json", MOST)
        return loose.an_object(content)
    return loose.within(Api(connection.base(options.PLC, "plc_url")).get(quote(did, safe=":")))
