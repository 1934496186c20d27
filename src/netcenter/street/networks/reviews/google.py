"""What Google's APIs share on the street: errors, OAuth with PKCE, service accounts, and signed pushes.

https://cloud.google.com/apis/design/errors
https://developers.google.com/identity/protocols/oauth2/web-server
https://developers.google.com/identity/protocols/oauth2/service-account
"""

from __future__ import annotations

import hashlib
import itertools
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from netcenter.street.networks.base import Asked, Network, Refused, Said, one_of, route

STATUSES = {
    "route": (404, "NOT_FOUND"), "method": (404, "NOT_FOUND"), "type": (400, "INVALID_ARGUMENT"),
    "body": (400, "INVALID_ARGUMENT"), "unknown": (400, "INVALID_ARGUMENT"), "missing": (400, "INVALID_ARGUMENT"),
    "bad": (400, "INVALID_ARGUMENT"), "no token": (401, "UNAUTHENTICATED"), "bad token": (401, "UNAUTHENTICATED"),
    "expired": (401, "UNAUTHENTICATED"), "right": (403, "PERMISSION_DENIED"), "rate": (429, "RESOURCE_EXHAUSTED"),
    "storm": (503, "UNAVAILABLE"), "out": (503, "UNAVAILABLE"), "other": (400, "FAILED_PRECONDITION"),
}  # fmt: skip
HOUR = 3600
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@cache
def key_of(name: str) -> rsa.RSAPrivateKey:
    """A private key by name; made once, as that takes long."""
    return rsa.generate_private_key(65537, 2048)


def pem_of(name: str) -> str:
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key_of(name).private_bytes(serialization.Encoding.PEM, form, none).decode()


def packed(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unpacked(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signed(claims: dict[str, Any], key: str, kid: str = "") -> str:
    """A JSON web token, RS256."""
    head = {"alg": "RS256", "typ": "JWT", "kid": kid or key}
    told = f"{packed(json.dumps(head).encode())}.{packed(json.dumps(claims).encode())}"
    return f"{told}.{packed(key_of(key).sign(told.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


class GoogleApis(Network):
    """Sign-in and errors. `scope` is what our APIs ask for."""

    scope = ""
    push_key = "push-1"  # with which pushes are signed now; rotated by giving it another name

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.codes: dict[str, dict[str, str]] = {}
        self.renewals: dict[str, str] = {}  # refresh token -> whose
        self.services: dict[str, str] = {}  # e-mail of a service account -> name of its key
        self.client = ("client-1", "client-secret-1")
        self._numbers = itertools.count(1)

    # --- what people do -------------------------------------------------------------------------

    def allow(self, address: str, who: str = "owner") -> dict[str, str]:
        """What a person does in the browser, sent there to sign in: the query with which they come back."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"4/code-{next(self._numbers)}"
        self.codes[code] = {**query, "who": who}
        return {"code": code, "state": query["state"], "scope": query["scope"]}

    def service(self, name: str = "desk") -> str:
        """A service account: the key file that Google Cloud downloads."""
        email = f"{name}@street.iam.gserviceaccount.com"
        self.services[email] = name
        return json.dumps({
            "type": "service_account", "project_id": "street", "private_key_id": name, "private_key": pem_of(name),
            "client_email": email, "client_id": "1001", "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": "https://oauth2.googleapis.com/token",
        })  # fmt: skip

    def forget_tokens(self) -> None:
        """Those that live now are good no more; they can be renewed."""
        for value in self.tokens.values():
            self.tokens.revoke(value)

    def proof(self, audience: str, email: str, **other: Any) -> dict[str, str]:
        """The header by which Pub/Sub shows that it is Google who pushes."""
        claims = {
            "aud": audience, "azp": "1137", "email": email, "email_verified": True, "sub": "1137",
            "iat": int(self.now()), "exp": int(self.now()) + HOUR, "iss": "https://accounts.google.com", **other,
        }  # fmt: skip
        return {"authorization": f"Bearer {signed(claims, self.push_key)}"}

    # --- in Google's own words --------------------------------------------------------------------

    def refusal(self, refused: Refused) -> Said:
        code, status = STATUSES[refused.why]
        told: dict[str, Any] = {"code": code, "message": f"{refused.why}: {refused.detail}", "status": status}
        return Said(code, {"error": told})

    # --- tokens -----------------------------------------------------------------------------------

    @route("POST", "/token", open=True, form={
        "grant_type": one_of("authorization_code", "refresh_token", JWT_GRANT), "client_id?": str,
        "client_secret?": str, "code?": str, "redirect_uri?": str, "code_verifier?": str, "refresh_token?": str,
        "assertion?": str,
    })  # fmt: skip
    def token(self, asked: Asked) -> Any:
        told = asked.fields
        if told["grant_type"] == JWT_GRANT:
            return self._issue(self._service(told.get("assertion", "")))
        if (told.get("client_id"), told.get("client_secret")) != self.client:
            raise _no(401, "invalid_client", "The OAuth client was not found.")
        if told["grant_type"] == "refresh_token":
            if (who := self.renewals.get(told.get("refresh_token", ""))) is None:
                raise _no(400, "invalid_grant", "Token has been expired or revoked.")
            return self._issue(who)
        code = self.codes.pop(told.get("code", ""), None)
        if code is None or code["redirect_uri"] != told.get("redirect_uri"):
            raise _no(400, "invalid_grant", "Malformed auth code.")
        verifier = packed(hashlib.sha256(told.get("code_verifier", "").encode()).digest())
        if code.get("code_challenge") and code["code_challenge"] != verifier:
            raise _no(400, "invalid_grant", "Invalid code verifier.")
        renewal = {}
        if code.get("access_type") == "offline" and code.get("prompt") == "consent":
            renewal = {"refresh_token": f"1//{code['who']}-{next(self._numbers)}"}
            self.renewals[renewal["refresh_token"]] = code["who"]
        return {**self._issue(code["who"], code["scope"]), **renewal}

    def _issue(self, who: str, scope: str = "") -> dict[str, Any]:
        value = f"ya29.{who}-{next(self._numbers)}"
        scope = scope or self.scope
        self.tokens.issue(value, *scope.split(), of="project", expires_at=self.now() + HOUR, who=who)
        return {"access_token": value, "expires_in": HOUR - 1, "scope": scope, "token_type": "Bearer"}

    def _service(self, assertion: str) -> str:
        """Whose service account signed this. Raises Refused."""
        try:
            head, claims, signature = assertion.split(".")
            told = json.loads(unpacked(claims))
            name = self.services[told["iss"]]
            key_of(name).public_key().verify(
                unpacked(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256()
            )
            is_good = told["aud"] == "https://oauth2.googleapis.com/token" and told["scope"] == self.scope
            is_now = told["iat"] - 300 <= self.now() < told["exp"] <= told["iat"] + HOUR
        except (ValueError, KeyError, TypeError, InvalidSignature):
            raise _no(400, "invalid_grant", "Invalid JWT Signature.") from None
        if not (is_good and is_now):
            raise _no(400, "invalid_grant", "Invalid JWT: Token must be a short-lived token.")
        return name

    @route("GET", "/tokeninfo", open=True, query={"access_token": str})
    def tokeninfo(self, asked: Asked) -> Any:
        token = self.tokens.get(asked.query["access_token"])
        if token is None or not token.is_good(self.now()):
            raise _no(400, "invalid_token", "Invalid Value")
        ends = int(token.expires_at or 0)
        scope = " ".join(sorted(token.rights))
        return {"aud": self.client[0], "exp": str(ends), "expires_in": str(ends - int(self.now())), "scope": scope}

    @route("GET", "/oauth2/v3/certs", open=True)
    def certs(self, asked: Asked) -> Any:
        numbers = key_of(self.push_key).public_key().public_numbers()
        n, e = (packed(x.to_bytes((x.bit_length() + 7) // 8, "big")) for x in (numbers.n, numbers.e))
        return {"keys": [{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.push_key, "n": n, "e": e}]}


def _no(status: int, error: str, words: str) -> Refused:
    return Refused("other", error, said=Said(status, {"error": error, "error_description": words}))


def zulu(at: float) -> str:
    """RFC 3339 as Google writes it."""
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
