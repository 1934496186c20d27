"""Signing in with OAuth instead of an app password: https://atproto.com/specs/oauth

Clients have no secret: they are known by the address of their metadata, prove each call with a key of their own
(DPoP), and tell what they want before the person is sent to sign in (PAR).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.utils.translation import gettext_noop as _

from netcenter.channels.bluesky import identity, options, sessions
from netcenter.channels.bluesky.wire import Pds, new_key
from netcenter.channels.contract import ChannelError, Connection, Consent, Grant, loose, signing

HERE = ("127.0.0.1", "[::1]")  # for a test server on this machine no metadata are needed


def authorize(connection: Connection, redirect_uri: str, state: str) -> Consent:
    """Tell the server what we want, then send the person there. With an app password they come straight back."""
    if connection.secrets.get("password"):
        return Consent(f"{redirect_uri}?{urlencode({'state': state})}")
    handle = str(connection.config.get("handle") or "").strip().removeprefix("@")
    home, _did = identity.home_of(handle, connection) if handle else (connection.base(options.REAL), "")
    issuer, told = _server_of(home, connection)
    client, key, verifier = client_id(connection, redirect_uri), new_key(), secrets.token_urlsafe(48)
    form = {
        "client_id": client, "redirect_uri": redirect_uri, "response_type": "code",
        "scope": options.SCOPE, "state": state,
        "code_challenge": signing.s256(verifier), "code_challenge_method": "S256",
        **({"login_hint": handle} if handle else {}),
    }  # fmt: skip
    api = Pds(issuer, "", connection.budget, key=key)
    endpoint = loose.text(told.get("pushed_authorization_request_endpoint"), 1000)
    request = loose.within(api.json(api.call("POST", endpoint, form=form))).get("request_uri")
    query = urlencode({"client_id": client, "request_uri": loose.name(request)})
    kept = {
        "dpop_key": key, "verifier": verifier, "issuer": issuer, "client_id": client,
        "token_endpoint": loose.text(told.get("token_endpoint"), 1000), "nonce": api.nonce,
    }  # fmt: skip
    return Consent(f"{loose.text(told.get('authorization_endpoint'), 1000)}?{query}", kept)


def exchange(
    connection: Connection, told: Mapping[str, str], redirect_uri: str, keep: Mapping[str, str]
) -> tuple[Grant, ...]:  # fmt: skip
    """A short session and what renews it."""
    if connection.secrets.get("password"):
        return (sessions.grant_of(sessions.create(connection), connection.base(options.REAL)),)
    if not (code := told.get("code")):
        said = told.get("error_description") or told.get("error") or "no code came back"
        raise ChannelError(said, permanent=True, reason="right")
    if told.get("iss") != keep["issuer"]:
        raise ChannelError("another server answered than the one that was asked", permanent=True)
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "client_id": keep["client_id"],
        "code_verifier": keep["verifier"],
    }  # fmt: skip
    return (_granted(form, dict(keep), connection),)


def refresh(connection: Connection) -> Grant:
    """Each refresh token is good for one use."""
    kept = {name: str(connection.config.get(name) or "") for name in ("issuer", "token_endpoint", "client_id")}
    kept["dpop_key"] = connection.secrets["dpop_key"]
    form = {
        "grant_type": "refresh_token", "refresh_token": connection.secrets.get("refresh", ""),
        "client_id": kept["client_id"],
    }  # fmt: skip
    return _granted(form, kept, connection)


def client_id(connection: Connection, redirect_uri: str) -> str:
    """The address of our metadata. Raises ChannelError without one, but for a redirect to this very machine."""
    if told := str(connection.config.get("client_id") or ""):
        return told
    if urlsplit(redirect_uri).netloc.rpartition(":")[0] in HERE:
        return f"http://localhost?{urlencode({'redirect_uri': redirect_uri, 'scope': options.SCOPE})}"
    raise ChannelError(_("to sign in, the address of the client metadata must be filled in; or use an app password"),
                       permanent=True, reason="right")  # fmt: skip


def _granted(form: Mapping[str, Any], kept: Mapping[str, str], connection: Connection) -> Grant:
    api = Pds(kept["issuer"], "", connection.budget, key=kept["dpop_key"])
    api.nonce = kept.get("nonce", "")
    session = loose.within(api.json(api.call("POST", kept["token_endpoint"], form=form)))
    did, access = loose.text(session.get("sub"), 250), loose.text(session.get("access_token"), 8000)
    if not access or session.get("token_type") != "DPoP" or not did.startswith("did:"):
        raise ChannelError("the server gave no session", reason="token")
    home, handle = identity.home_of(did, connection)
    if _server_of(home, connection)[0] != kept["issuer"]:
        raise ChannelError("this server may not speak for that account", permanent=True)
    config = {
        "did": did, "pds": home, "scope": loose.text(session.get("scope"), 1000), "issuer": kept["issuer"],
        "token_endpoint": kept["token_endpoint"], "client_id": kept["client_id"],
    }  # fmt: skip
    hidden = {
        "access": access, "refresh": loose.text(session.get("refresh_token"), 8000), "dpop_key": kept["dpop_key"],
    }  # fmt: skip
    return Grant(hidden, config, sessions.expiry(session), f"@{handle}" if handle else "")


def _server_of(home: str, connection: Connection) -> tuple[str, Mapping[str, Any]]:
    """Who signs in for a PDS, and its metadata."""
    told = loose.within(Pds(home, "", connection.budget).get(".well-known/oauth-protected-resource"))
    issuer = next(iter(loose.texts(told.get("authorization_servers"))), "").rstrip("/")
    if not issuer:
        raise ChannelError("nobody signs in for this server", permanent=True)
    metadata = loose.within(Pds(issuer, "", connection.budget).get(".well-known/oauth-authorization-server"))
    if metadata.get("issuer") != issuer:
        raise ChannelError("the server that signs in calls itself by another name", permanent=True)
    return issuer, metadata
