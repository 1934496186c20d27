"""What we post by ourselves answers nobody and is no message: no proof may miss it."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from bench.towns import TOWNS

from netcenter.channels.contract import Connection, Echo, Inbound
from netcenter.channels.registry import channel

POSTS = {
    "facebook": lambda town: town.network.publishes(town.page, "Hoy hay pan"),
    "instagram": lambda town: town.network.publishes(town.own, "Hoy hay pan"),
    "twitter": lambda town: town.network.ours("Hoy hay pan"),
    "mastodon": lambda town: town.network.say("brand", "Hoy hay pan"),
    "bluesky": lambda town: town.network.say("brand", "Hoy hay pan", to_brand=False),
    "reddit": lambda town: town.network.posts(town.network.name, "sol", "Hoy hay pan", "Pan"),
    "youtube": lambda town: town.network.publishes("Hoy hay pan"),
}


@pytest.fixture(params=POSTS)
def town(request, settings):
    settings.ALLOW_PRIVATE_HTTP = True
    now = [time.time() - 3600]
    one = TOWNS[request.param](lambda: now[0], 1)
    with one.network:
        for _n in range(4):
            one.speak()
            now[0] += 1
        POSTS[one.kind](one)
        now[0] = time.time()
        yield one


def test_a_post_of_our_own_is_not_listed_among_what_has_to_be_here(town):
    network, grant, values = channel(town.kind), town.grant(), town.values
    hidden = {f.name for f in network.fields if f.secret or f.kind == "secret"}
    connection = Connection(
        "key", town.address, "", {k: v for k, v in values.items() if k not in hidden},
        {k: v for k, v in values.items() if k in hidden},
    )  # fmt: skip
    if grant is not None:
        given = {"config": {**connection.config, **grant.config}, "secrets": {**connection.secrets, **grant.secrets}}
        connection = replace(connection, **given)
    until = datetime.now(UTC)
    present, here, cursor, more = set(), set(), {}, True
    while more:
        found = network.reconcile(connection, until - timedelta(days=1), until, cursor)
        present |= set(found.present)
        for raw in found.raws:
            here |= {one.external_id for one in network.parse(raw, connection) if isinstance(one, Inbound | Echo)}
        cursor, more = found.cursor, found.more
    assert len(here) >= 4, "what customers said"
    assert present - here == set()
