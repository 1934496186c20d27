"""An operator calls a customer, or takes one who waits: their telephone is rung; what follows, the board does."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from netcenter.channels.asterisk.ari import OURS, Ari, channel, inside, number_of, outside
from netcenter.channels.asterisk.board import held
from netcenter.channels.contract import Act, ChannelError, Connection, Receipt

RING_SECONDS = 25


def act(act: Act, connection: Connection) -> Receipt:
    """Ring the operator. Of somebody who still waits on the line, the receipt is their call."""
    if act.verb != "call":
        raise ChannelError(f"a telephone cannot {act.verb}", permanent=True, reason="unfit")
    ari, waiting = Ari(connection), _waiting(act, connection)
    to = number_of(act.to.phone or act.to.external_id, connection) if act.to else ""
    if not waiting:
        outside(to, connection)  # refused now, not once the operator has picked up
    by = re.sub(r"[^\w+./@-]", "", act.what)[:60]
    ari.try_to(
        "POST", "channels", endpoint=inside(act.what, connection), app=ari.app, channelId=name_of(act),
        appArgs=f"operator,{waiting or '~'},{to or '~'},{by or '~'}", timeout=RING_SECONDS,
        callerId=str(connection.config.get("number") or ""),
    )  # fmt: skip
    return Receipt(waiting or name_of(act), "sent", datetime.now(UTC))


def name_of(act: Act) -> str:
    """The call bears our key: made twice, Asterisk refuses the second."""
    return OURS + re.sub(r"[^A-Za-z0-9-]", "", act.key)[:60]


def _waiting(act: Act, connection: Connection) -> str:
    """The customer's own call, while it is with us."""
    return act.target if act.target in held(Ari(connection)) and not act.target.startswith(OURS) else ""


def find(act: Act, connection: Connection) -> Receipt | None:
    """Whether it rings or is spoken. Asterisk remembers no call that is over: then the operator is rung once more."""
    try:
        Ari(connection).ask("GET", channel(name_of(act)))
    except ChannelError as error:
        if error.reason == "gone":
            return None
        raise
    return Receipt(_waiting(act, connection) or name_of(act), "sent", datetime.now(UTC))
