"""Signing in at the street's Reddit, and how strict it is."""

from dataclasses import replace

import pytest

from netcenter.channels.contract import (
    ChannelError,
    Connection,
    Inbound,
)
from netcenter.channels.reddit import options, wire
from netcenter.channels.reddit.channel import CHANNEL
from netcenter.street.networks.base import call
from tests.channels.meta.house import moment
from tests.channels.reddit.conftest import BACK


def one(house, kind=Inbound, seconds=60):
    """The only thing of this kind that is new."""
    (found,) = [each for each in house.later(seconds) if isinstance(each, kind)]
    return found


# --- Connecting ------------------------------------------------------------------------------------


def test_signing_in_tells_who_we_are_and_everything_is_well(network, house):
    account = house.account
    assert (account.address, account.config["own_id"]) == ("u/PanaderiaSol", network.own)
    assert account.secrets["refresh_token"]
    checks = list(CHANNEL.health(account))
    assert [check for check in checks if not check.ok] == []
    assert [check.detail for check in checks][-2:] == ["r/sol (mod)", "r/pan"]
    assert CHANNEL.granted(account).rights == set(options.SCOPES.split())


def test_who_does_not_agree_is_told_so_and_a_code_serves_once(network, house):
    with pytest.raises(ChannelError) as no:
        CHANNEL.exchange(house.account, {"error": "access_denied"}, BACK, {})
    assert no.value.reason == "right" and no.value.permanent
    with pytest.raises(ChannelError) as no:
        CHANNEL.exchange(house.account, {"code": "used"}, BACK, {})
    assert no.value.reason == "token"


def test_a_token_is_renewed_while_the_sign_in_lasts(network, house, clock):
    network.tokens.expire(house.account.secrets["token"])
    with pytest.raises(ChannelError) as ended:
        house.poll()
    assert (ended.value.reason, ended.value.permanent) == ("token", False)
    assert [check.ok for check in CHANNEL.health(house.account)] == [False]
    grant = CHANNEL.refresh(house.account)
    assert grant.expires_at == moment(clock() + 86400)
    house.account = replace(house.account, secrets={**house.account.secrets, **grant.secrets})
    house.poll()
    network.lasting.clear()
    for secrets in (house.account.secrets, {}, {**house.account.secrets, "client_secret": "wrong"}):
        with pytest.raises(ChannelError) as ended:
            CHANNEL.refresh(replace(house.account, secrets=secrets))
        assert ended.value.reason == "token" and not ended.value.permanent


def test_an_app_of_type_script_needs_no_signing_in(network, house):
    secrets = {"client_secret": network.client_secret, "password": network.password}
    config = {**house.account.config, "username": network.name, "own_id": ""}
    grant = CHANNEL.refresh(replace(house.account, config=config, secrets=secrets))
    assert grant.config["own_id"] == network.own and grant.secrets["token"]
    with pytest.raises(ChannelError) as no:
        CHANNEL.refresh(replace(house.account, config=config, secrets={**secrets, "password": "wrong"}))
    assert no.value.reason == "token"


def test_a_subreddit_that_is_not_there_or_a_right_that_is_missing_costs_itself_alone(network, house, dana, ours):
    elsewhere = replace(house.account, config={**house.account.config, "subreddits": "nirgends"})
    assert [check.detail.partition(":")[0] for check in CHANNEL.health(elsewhere) if not check.ok] == ["r/nirgends"]
    network.tokens.get(house.account.secrets["token"]).rights -= {"read", "history"}
    network.comments(dana, ours, "¿Abren hoy?")
    assert one(house).form == "comment"
    assert len(house.reconcile()) == 1


def test_every_call_says_who_asks(network, house):
    assert wire.user_agent(house.account) == "web:netcenter.madeupclient:v1 (by /u/PanaderiaSol)"
    nobody = Connection("k", "", "", {"username": "/u/a b<>"}, {})
    assert wire.user_agent(nobody) == "web:netcenter.app:v1 (by /u/ab)"
    header = {"authorization": f"bearer {house.account.secrets['token']}", "user-agent": "Python/urllib"}
    assert call("GET", f"{network.url}/api/v1/me", header)[0] == 429


# --- The street is strict --------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "status"), [
    ("message/inbox?limit=100&raw_json=1", 200), ("message/inbox?limit=101", 400), ("message/inbox?color=red", 400),
    ("r/none/new", 404), ("r/sol/hot", 404), ("message/drafts", 404), ("user/nobody/comments", 404),
    ("api/info?id=" + ",".join(["t1_x"] * 101), 400), ("api/vote", 404),
])  # fmt: skip
def test_the_street_s_reddit_refuses_what_the_real_one_refuses(network, house, path, status):
    header = {"authorization": f"bearer {house.account.secrets['token']}", "user-agent": wire.user_agent(house.account)}
    assert call("GET", f"{network.url}/{path}", header)[0] == status
    assert call("GET", f"{network.url}/message/inbox", {"user-agent": header["user-agent"]})[0] == 401
