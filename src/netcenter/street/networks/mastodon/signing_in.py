"""Applications and tokens: https://docs.joinmastodon.org/spec/oauth/"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from typing import Any

from netcenter.street.networks.base import Asked, Refused, Said, one_of, route, text
from netcenter.street.networks.mastodon.ground import Ground
from netcenter.street.networks.mastodon.statuses import MOST, URL_COUNTS


class SigningIn(Ground):
    """Who may call, and what they learn of the server first."""

    @route(
        "POST",
        "/api/v1/apps",
        open=True,
        form={"client_name": text(60), "redirect_uris": text(2000), "scopes?": text(1000), "website?": text(2000)},
    )
    def register(self, asked: Asked) -> Any:
        name = f"client-{len(self.applications)}"
        self.applications[name] = {**asked.fields, "secret": f"secret-of-{name}"}
        return {
            "id": name,
            "name": asked.fields["client_name"],
            "client_id": name,
            "client_secret": f"secret-of-{name}",
        }

    @route(
        "POST",
        "/oauth/token",
        open=True,
        form={
            "grant_type": one_of("authorization_code"),
            "code": str,
            "client_id": str,
            "client_secret": str,
            "redirect_uri": str,
            "scope?": str,
            "code_verifier?": str,
        },
    )
    def token(self, asked: Asked) -> Any:
        told, code = asked.fields, self.codes.pop(asked.fields["code"], None)
        application = self.applications.get(told["client_id"], {})
        if (
            code is None
            or application.get("secret") != told["client_secret"]
            or code["redirect_uri"] != told["redirect_uri"]
        ):
            raise Refused(
                "other",
                said=Said(
                    400, {"error": "invalid_grant", "error_description": "The provided authorization grant is invalid"}
                ),
            )
        self._prove(code.get("code_challenge", ""), told.get("code_verifier", ""))
        value = f"token-{told['client_id']}"
        self.tokens.issue(value, *code["scope"].split(), of="brand", application=application["client_name"])
        return {"access_token": value, "token_type": "Bearer", "scope": code["scope"], "created_at": int(self.now())}

    def _prove(self, challenge: str, verifier: str) -> None:
        if (
            challenge
            and urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode() != challenge
        ):
            raise Refused(
                "other", said=Said(400, {"error": "invalid_grant", "error_description": "The code verifier is wrong"})
            )

    @route("GET", "/api/v2/instance", open=True)
    def instance(self, asked: Asked) -> Any:
        urls = {"streaming": self.streaming_url} if self.streaming_url else {}
        limits = {"max_characters": MOST, "max_media_attachments": 4, "characters_reserved_per_url": URL_COUNTS}
        return {"domain": self.domain, "version": self.version, "configuration": {"urls": urls, "statuses": limits}}

    @route("GET", "/api/v1/accounts/verify_credentials", rights=("read:accounts",), bucket="calls")
    def verify_credentials(self, asked: Asked) -> Any:
        return self.brand

    @route("GET", "/api/v1/apps/verify_credentials", bucket="calls")
    def verify_application(self, asked: Asked) -> Any:
        return {"name": asked.who.facts.get("application", "Netcenter"), "scopes": sorted(asked.who.rights)}

    @route("GET", "/api/v1/accounts/lookup", query={"acct": text(300)}, open=True)
    def lookup(self, asked: Asked) -> Any:
        return self._account(asked.query["acct"])
