"""Signing in at Reddit, and whether everything is well.

https://github.com/reddit-archive/reddit/wiki/OAuth2
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import timedelta
from urllib.parse import urlencode

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import (
    Api,
    ChannelError,
    Check,
    Connection,
    Consent,
    Grant,
    Granted,
    checks_of,
    loose,
)
from netcenter.channels.reddit import options, wire


def authorize(connection: Connection, redirect_uri: str, state: str) -> Consent:
    """Reddit's own page. Permanently, or the account would fall silent after a day."""
    query = {
        "client_id": _client(connection), "response_type": "code", "state": state, "redirect_uri": redirect_uri,
        "duration": "permanent", "scope": options.SCOPES,
    }  # fmt: skip
    return Consent(f"{connection.base(wire.SITE, 'site_url')}/api/v1/authorize?{urlencode(query)}")


def exchange(connection: Connection, told: Mapping[str, str], redirect_uri: str) -> tuple[Grant, ...]:
    if not told.get("code"):
        raise ChannelError(str(told.get("error") or "no code came back")[:300], permanent=True, reason="right")
    form = {"grant_type": "authorization_code", "code": told["code"], "redirect_uri": redirect_uri}
    return (_known(connection, _granted(connection, form)),)


def refresh(connection: Connection) -> Grant:
    """By the refresh token, which stays the same; or by the password, of an app of type script."""
    if kept := connection.secrets.get("refresh_token"):
        return _granted(connection, {"grant_type": "refresh_token", "refresh_token": kept})
    if password := connection.secrets.get("password"):
        form = {"grant_type": "password", "username": wire.name_of(connection), "password": password}
        return _known(connection, _granted(connection, {**form, "scope": options.SCOPES}))
    raise ChannelError("there is nothing to renew the token with: sign in again", reason="token")


def _granted(connection: Connection, form: Mapping[str, str]) -> Grant:
    """Reddit refuses with 400 and 401, or with 200 and {"error": "invalid_grant"}."""
    proof = b64encode(f"{_client(connection)}:{connection.secrets.get('client_secret', '')}".encode()).decode()
    headers = {"authorization": f"Basic {proof}", "user-agent": wire.user_agent(connection)}
    api = Api(connection.base(wire.SITE, "site_url"), headers)
    try:
        told = loose.within(api.json(api.call("POST", "api/v1/access_token", form=form)))
    except ChannelError as error:
        if error.permanent:
            raise ChannelError(str(error), reason="token") from error
        raise
    if not (token := loose.text(told.get("access_token"), 4000)):
        raise ChannelError(loose.text(told.get("error"), 200) or "Reddit granted no token", reason="token")
    again, lasts = loose.text(told.get("refresh_token"), 4000), loose.count(told.get("expires_in"))
    ends = wire.now() + timedelta(seconds=min(lasts, 10**8)) if lasts else None
    sealed = {"token": token, **({"refresh_token": again} if again else {})}
    return Grant(sealed, {"scope": loose.text(told.get("scope"), 1000)}, ends)


def _known(connection: Connection, grant: Grant) -> Grant:
    """With whose it is."""
    signed_in = Connection(
        connection.key, "", "", connection.config, {"token": grant.secrets["token"]}, budget=connection.budget
    )
    me = loose.within(wire.Reddit(signed_in).get("api/v1/me", {"raw_json": 1}))
    name = loose.text(me.get("name"), 50)
    config = {**grant.config, "own_id": f"t2_{loose.name(me.get('id'))}", "username": name}
    return Grant(grant.secrets, config, grant.expires_at, f"u/{name}", name)


def _client(connection: Connection) -> str:
    return str(connection.config.get("client_id") or "").strip()


def granted(connection: Connection) -> Granted:
    """Reddit tells the scopes with the token alone; whether it is still good, it says whenever asked."""
    wire.Reddit(connection).get("api/v1/me", {"raw_json": 1})
    scopes = str(connection.config.get("scope") or "").split()
    return Granted(frozenset(options.SCOPES.split() if "*" in scopes else scopes))


def health(connection: Connection) -> Iterator[Check]:
    """The token, what it may do, and each subreddit: is it there, and do we moderate it?"""
    label = _("Reddit accepts the sign-in")
    reddit = wire.Reddit(connection)
    try:
        me = loose.within(reddit.get("api/v1/me", {"raw_json": 1}))
    except ChannelError as error:
        yield Check(label, False, str(error), _("Sign in again."))
        return
    yield Check(label, True, f"u/{loose.text(me.get('name'), 50)}")
    if me.get("is_suspended") is True:
        yield Check(_("The account is in good standing"), False, "", _("Reddit has suspended it: ask Reddit why."))
    scopes = str(connection.config.get("scope") or "").split()
    yield from checks_of(options.RIGHTS, options.SCOPES.split() if "*" in scopes else scopes)
    for name in filter(None, wire.subreddits_of(connection).split("+")):
        try:
            about = loose.within(reddit.get(f"r/{name}/about", {"raw_json": 1}), "data")
        except ChannelError as error:
            yield Check(_("The subreddit can be read"), False, f"r/{name}: {error}", _("Check how it is written."))
            continue
        moderates = about.get("user_is_moderator") is True
        yield Check(_("The subreddit can be read"), True, f"r/{name}{' (mod)' if moderates else ''}")
