"""Signing in at a Mastodon server, and whether everything is well: https://docs.joinmastodon.org/spec/oauth/"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import (
    ChannelError,
    Check,
    Connection,
    Consent,
    Grant,
    Granted,
    checks_of,
    loose,
    signing,
)
from netcenter.channels.mastodon import options, wire

APPLICATION = "Netcenter"


def authorize(connection: Connection, redirect_uri: str, state: str) -> Consent:
    """Register an application of our own there (each server knows others), then send the person to sign in.

    With a token that was pasted into a new account they come straight back.
    """
    if _pasted(connection):
        return Consent(f"{redirect_uri}?{urlencode({'state': state})}")
    api = wire.server(connection, token="")
    form = {"client_name": APPLICATION, "redirect_uris": redirect_uri, "scopes": options.SCOPES}
    application = loose.within(api.json(api.call("POST", "api/v1/apps", form=form)))
    client, secret = loose.text(application.get("client_id"), 500), loose.text(application.get("client_secret"), 500)
    if not client or not secret:
        raise ChannelError(_("the server registers no applications"), permanent=True)
    verifier = secrets.token_urlsafe(48)
    query = {
        "response_type": "code", "client_id": client, "redirect_uri": redirect_uri, "scope": options.SCOPES,
        "state": state, "code_challenge": signing.s256(verifier), "code_challenge_method": "S256",
    }  # fmt: skip
    kept = {"client_id": client, "client_secret": secret, "verifier": verifier}
    return Consent(f"{api.base}/oauth/authorize?{urlencode(query)}", kept)


def exchange(
    connection: Connection, told: Mapping[str, str], redirect_uri: str, keep: Mapping[str, str]
) -> tuple[Grant, ...]:  # fmt: skip
    """A token that does not expire, and what is worth knowing of account and server."""
    if _pasted(connection):
        return (_grant_of(connection, connection.secrets["token"], ""),)
    if not (code := told.get("code")):
        said = told.get("error_description") or told.get("error") or "no code came back"
        raise ChannelError(said, permanent=True, reason="right")
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "scope": options.SCOPES,
        "client_id": keep["client_id"], "client_secret": keep["client_secret"], "code_verifier": keep["verifier"],
    }  # fmt: skip
    anybody = wire.server(connection, token="")
    granted = loose.within(anybody.json(anybody.call("POST", "oauth/token", form=form)))
    if not (token := loose.text(granted.get("access_token"), 1000)):
        raise ChannelError("the server gave no token", permanent=True, reason="token")
    return (_grant_of(connection, token, loose.text(granted.get("scope"), 1000) or options.SCOPES),)


def _pasted(connection: Connection) -> bool:
    """An account that exists (it has a key) holds the token of its last sign-in, which may be what no longer works."""
    return bool(not connection.key and connection.secrets.get("token"))


def _grant_of(connection: Connection, token: str, scopes: str) -> Grant:
    """Without scopes the server is asked for them each time (`granted`)."""
    api = wire.server(connection, token)
    own = loose.within(api.get("api/v1/accounts/verify_credentials"))
    known = wire.instance(api)
    acct = loose.text(own.get("acct"), 250)
    config = {
        **known, "own_id": loose.name(own.get("id")), "own_acct": acct, "application": APPLICATION, "scopes": scopes,
    }  # fmt: skip
    address = f"@{acct}" if "@" in acct else f"@{acct}@{known['domain'] or wire.domain_of(connection)}"
    return Grant({"token": token}, config, None, address, loose.text(own.get("display_name"), 200) or acct)


def granted(connection: Connection) -> Granted:
    """What was granted when signing in; of a token that was pasted, what its application may ask for (since 4.3)."""
    api = wire.server(connection)
    api.get("api/v1/accounts/verify_credentials")
    told = str(connection.config.get("scopes") or "").split()
    if not told:
        told = _of_the_application(api) or options.SCOPES.split()
    return Granted(frozenset(right.name for right in options.RIGHTS if _covers(told, right.name)))


def health(connection: Connection) -> Iterator[Check]:
    """The server, who we are, what we may, and whether private words of strangers are held back."""
    try:
        api = wire.server(connection)
        known = wire.instance(api)
    except ChannelError as error:
        yield Check(_("The server answers"), False, str(error), _("Check the address of the server."))
        return
    yield Check(_("The server answers"), True, f"{known['domain']} {known['version']}".strip())
    try:
        held = granted(connection).rights
    except ChannelError as error:
        yield Check(_("The token is accepted"), False, str(error), _("Sign in again."))
        return
    yield Check(_("The token is accepted"), True, connection.address)
    yield from checks_of(options.RIGHTS, held)
    yield Check(
        _("The server tells at once what is new"), True, known["streaming_url"] or "-",
        "" if known["streaming_url"] else _("It has no stream, so it is asked every minute."),
    )  # fmt: skip


def _of_the_application(api: wire.Server) -> list[str]:
    try:
        told = loose.within(api.get("api/v1/apps/verify_credentials"))
    except ChannelError as error:
        if not error.permanent:
            raise
        return []
    return list(loose.texts(told.get("scopes")))


def _covers(told: list[str], right: str) -> bool:
    """ "read" holds all of "read:…"."""
    return right in told or right.partition(":")[0] in told
