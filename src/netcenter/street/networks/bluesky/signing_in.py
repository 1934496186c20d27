"""Sessions from app passwords, and OAuth."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

from netcenter.street.networks.base import (
    Asked,
    Refused,
    Said,
    one_of,
    route,
)
from netcenter.street.networks.bluesky.ground import Ground
from netcenter.street.networks.bluesky.lexicons import (
    no,
    packed,
    token,
)


class SignIn(Ground):
    """com.atproto.server, and https://atproto.com/specs/oauth"""

    @route(
        "POST",
        "/xrpc/com.atproto.server.createSession",
        open=True,
        json={"identifier": str, "password": str, "authFactorToken?": str, "allowTakendown?": bool},
    )
    def create_session(self, asked: Asked) -> Any:
        left = self.limits.spend("sessions", asked.fields["identifier"])
        asked.left.append(left)
        if left.is_over:
            raise Refused("rate", left=left)
        if (
            asked.fields["identifier"] not in ("brand.street.test", self.did)
            or asked.fields["password"] != self.password
        ):
            raise no("AuthenticationRequired", "Invalid identifier or password", 401)
        return self._session()

    @route("POST", "/xrpc/com.atproto.server.refreshSession", rights=("refresh",))
    def refresh_session(self, asked: Asked) -> Any:
        asked.who.is_revoked = True
        return self._session()

    @route("GET", "/xrpc/com.atproto.server.getSession", rights=("atproto",), bucket="calls")
    def get_session(self, asked: Asked) -> Any:
        return {"did": self.did, "handle": self.handles[self.did], "active": True}

    def _session(self) -> dict[str, Any]:
        n, now = next(self._sessions), int(self.now())
        scope = "com.atproto.appPassPrivileged" if self.may_chat else "com.atproto.appPass"
        access = token({"scope": scope, "sub": self.did, "iat": now, "exp": now + 7200, "jti": n})
        refresh = token({"scope": "com.atproto.refresh", "sub": self.did, "exp": now + 90 * 86_400, "jti": n})
        rights = ["atproto", "chat"] if self.may_chat else ["atproto"]
        self.tokens.issue(access, *rights, of=self.did, expires_at=now + 7200)
        self.tokens.issue(refresh, "refresh", of=self.did, expires_at=now + 90 * 86_400)
        return {
            "accessJwt": access,
            "refreshJwt": refresh,
            "handle": self.handles[self.did],
            "did": self.did,
            "didDoc": self._document(self.did),
            "active": True,
        }

    def _document(self, did: str) -> dict[str, Any]:
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.url}
        return {"id": did, "alsoKnownAs": [f"at://{self.handles[did]}"], "service": [service]}

    @route("GET", "/.well-known/oauth-protected-resource", open=True)
    def protected_resource(self, asked: Asked) -> Any:
        return {"resource": self.url, "authorization_servers": [self.url]}

    @route("GET", "/.well-known/oauth-authorization-server", open=True)
    def authorization_server(self, asked: Asked) -> Any:
        return {
            "issuer": self.url, "authorization_endpoint": f"{self.url}/oauth/authorize",
            "token_endpoint": f"{self.url}/oauth/token",
            "pushed_authorization_request_endpoint": f"{self.url}/oauth/par",
            "require_pushed_authorization_requests": True,
        }  # fmt: skip

    @route(
        "POST",
        "/oauth/par",
        open=True,
        form={
            "client_id": str,
            "redirect_uri": str,
            "response_type": one_of("code"),
            "scope": str,
            "state": str,
            "code_challenge": str,
            "code_challenge_method": one_of("S256"),
            "login_hint?": str,
        },
    )
    def push_request(self, asked: Asked) -> Any:
        self.codes[name := f"urn:ietf:params:oauth:request_uri:{len(self.codes)}"] = {
            **asked.fields,
            "key": self._judge_proof(asked),
        }
        return Said(201, {"request_uri": name, "expires_in": 299})

    def allow(self, address: str) -> dict[str, str]:
        """What a person does in the browser, sent there to sign in: the query with which they come back."""
        name = parse_qs(urlsplit(address).query)["request_uri"][0]
        return {"code": name, "state": self.codes[name]["state"], "iss": self.url}

    @route(
        "POST",
        "/oauth/token",
        open=True,
        form={
            "grant_type": one_of("authorization_code", "refresh_token"),
            "client_id": str,
            "code?": str,
            "redirect_uri?": str,
            "code_verifier?": str,
            "refresh_token?": str,
        },
    )
    def oauth_token(self, asked: Asked) -> Any:
        key, told = (
            self._judge_proof(asked),
            self.codes.pop(asked.fields.get("code") or asked.fields.get("refresh_token", ""), None),
        )
        challenge = packed(hashlib.sha256(asked.fields.get("code_verifier", "").encode()).digest())
        if (
            told is None
            or told["key"] != key
            or (asked.fields["grant_type"] == "authorization_code" and challenge != told["code_challenge"])
        ):
            raise no("invalid_grant", "Invalid grant")
        n = next(self._sessions)
        self.codes[refresh := f"ref-{n}"] = told
        access = token({"sub": self.did, "exp": int(self.now()) + 3600, "jti": n, "scope": told["scope"]})
        self.tokens.issue(access, "atproto", "chat", of=self.did, expires_at=self.now() + 3600, dpop=True)
        return {
            "access_token": access,
            "token_type": "DPoP",
            "refresh_token": refresh,
            "scope": told["scope"],
            "sub": self.did,
            "expires_in": 3600,
        }

    @route("GET", "/{did}", open=True)
    def directory(self, asked: Asked) -> Any:
        """The directory of identities stands here too."""
        if asked.path["did"] not in self.handles:
            raise Refused("route", said=Said(404, {"message": "DID not registered"}))
        return self._document(asked.path["did"])
