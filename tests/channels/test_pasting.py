"""Where one may paste what a network made instead of signing in: nobody is sent there, and what was pasted is tried."""

import time
from dataclasses import replace

import pytest
from bench.towns import TOWNS

from netcenter.channels.contract import ChannelError, Connection
from netcenter.channels.registry import channel
from netcenter.street.networks.meta.app import person_token

BACK = "https://sol.example/settings/accounts/back/"
KINDS = ["bluesky", "mastodon", "facebook", "instagram", "twitter"]


def pasted(town) -> dict[str, str]:
    """What the owner pastes: made at the network by themselves."""
    if town.kind in ("facebook", "instagram"):
        return {"token": person_token(town.network, *(right.name for right in channel(town.kind).rights)).value}
    if town.kind == "mastodon":
        return {"token": town.grant().secrets["token"]}
    if town.kind == "twitter":
        return {"access_token": f"{town.network.own}-keys", "access_secret": town.network.token_secret}
    return {"password": town.network.password}


@pytest.fixture(params=KINDS)
def town(request, settings):
    settings.ALLOW_PRIVATE_HTTP = True
    one = TOWNS[request.param](time.time, 1)
    with one.network:
        yield one


def begun(town, secrets) -> Connection:
    network = channel(town.kind)
    hidden = {f.name for f in network.fields if f.secret or f.kind == "secret"}
    values = {k: v for k, v in town.values.items() if k not in ("did", "page_id", "instagram_id", "token", "password")}
    config = {k: v for k, v in values.items() if k not in hidden}
    return Connection("", "", "", config, {k: v for k, v in values.items() if k in hidden} | secrets)


def test_nobody_is_sent_away_and_the_account_is_known(town):
    connection, network = begun(town, pasted(town)), channel(town.kind)
    consent = network.authorize(connection, BACK, "state-1")
    assert consent.url == f"{BACK}?state=state-1"
    (grant,) = network.exchange(connection, {"state": "state-1"}, BACK, consent.keep)
    assert grant.address in (town.address, "@panadera.sol")
    held = replace(
        connection, key="key", address=grant.address, config={**connection.config, **grant.config},
        secrets={**connection.secrets, **grant.secrets},
    )  # fmt: skip
    assert network.granted(held).rights


def test_what_is_wrong_is_refused_as_such(town):
    wrong = {name: f"{value}x" for name, value in pasted(town).items()}
    connection, network = begun(town, wrong), channel(town.kind)
    consent = network.authorize(connection, BACK, "state-1")
    with pytest.raises(ChannelError) as refused:
        network.exchange(connection, {"state": "state-1"}, BACK, consent.keep)
    assert refused.value.reason == "token"


@pytest.mark.parametrize("town", ["mastodon", "facebook", "instagram"], indirect=True)
def test_an_account_that_exists_signs_in_again_though_it_holds_a_token(town):
    connection = replace(begun(town, pasted(town)), key="key")
    assert not channel(town.kind).authorize(connection, BACK, "state-1").url.startswith(BACK)
