"""How bodies are signed between the house and other systems: HMAC-SHA256 over the time and the body.

    X-Netcenter-Timestamp: 1767225600
    X-Netcenter-Signature: v1=<hex of hmac-sha256(secret, timestamp + "." + body)>

While a secret is being changed, the header holds one signature for each secret, separated by commas; one that
matches is enough.
"""

import hmac
from collections.abc import Iterable, Mapping

TIMESTAMP = "X-Netcenter-Timestamp"
SIGNATURE = "X-Netcenter-Signature"
TOLERANCE = 300  # seconds that two clocks may be apart; older requests may be replays


def sign(secrets: Iterable[str], body: bytes, now: float) -> dict[str, str]:
    """The two headers that prove that the body is ours and fresh."""
    timestamp = str(int(now))
    return {TIMESTAMP: timestamp, SIGNATURE: ",".join(f"v1={_mac(s, timestamp, body)}" for s in secrets if s)}


def flaw(secrets: Iterable[str], headers: Mapping[str, str], body: bytes, now: float) -> str:
    """What is wrong with a signature, in English for developers; "" when it is good. Header names are lower case."""
    timestamp, signature = headers.get(TIMESTAMP.lower(), ""), headers.get(SIGNATURE.lower(), "")
    if not timestamp or not signature:
        return f"the headers {TIMESTAMP} and {SIGNATURE} are required"
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
        return f"{TIMESTAMP} must be seconds since 1970, in digits"
    given = [part.strip()[3:].lower().encode() for part in signature.split(",")[:8] if part.strip().startswith("v1=")]
    expected = [_mac(secret, timestamp, body).encode() for secret in secrets if secret]
    # Every pair is compared, in constant time, so that the time taken tells nothing about the secrets.
    matches = [hmac.compare_digest(one, other) for one in given for other in expected]
    if not any(matches):
        return f'{SIGNATURE} must be v1= and the hex HMAC-SHA256 of timestamp + "." + body under the secret'
    if abs(now - int(timestamp)) > TOLERANCE:
        return f"{TIMESTAMP} is more than {TOLERANCE} seconds off: set the clock, sign each attempt anew"
    return ""


def _mac(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.digest(secret.encode(), timestamp.encode() + b"." + body, "sha256").hex()
