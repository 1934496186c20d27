"""Who knocks: Meta's challenge when the hook is set up, and the signature of every delivery.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started
"""

from __future__ import annotations

from urllib.parse import parse_qs

from netcenter.channels.contract import Answer, Connection, Request, signing


def verify(request: Request, connection: Connection) -> Answer:
    """A challenge is answered, a signed delivery stored, all else refused."""
    if request.method == "GET":
        return _challenged(request, connection)
    proof = "sha256=" + signing.hmac_hex(connection.secrets.get("app_secret", ""), request.body)
    given = request.headers.get("x-hub-signature-256", "")
    if request.method != "POST" or not connection.secrets.get("app_secret") or not signing.same(proof, given):
        return Answer(401, b"the signature is not accepted", store=False)
    return Answer()


def _challenged(request: Request, connection: Connection) -> Answer:
    asked = {name: values[0] for name, values in parse_qs(request.query).items()}
    known = signing.same(connection.secrets.get("verify_token", ""), asked.get("hub.verify_token", ""))
    if asked.get("hub.mode") != "subscribe" or not known:
        return Answer(403, b"the verify token is not ours", store=False)
    return Answer(200, asked.get("hub.challenge", "").encode(), store=False)
