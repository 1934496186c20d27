"""Matrix: rooms of any server, private and public."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from netcenter.channels import contract
from netcenter.channels.contract import (
    Act,
    Attachment,
    Author,
    ChannelError,
    Check,
    Connection,
    Consent,
    Grant,
    Happening,
    Outbound,
    Place,
    Polled,
    Raw,
    Receipt,
    Reconciled,
    counting,
    loose,
)
from netcenter.channels.matrix import options, reading, receiving, sessions, wire, writing
from netcenter.channels.matrix.content import MXC


class Matrix(contract.Channel):
    kind = "matrix"
    name = _("Matrix")
    glyph = "brand-matrix"
    capabilities = options.CAPABILITIES
    fields = options.FIELDS
    steps = options.STEPS
    buckets = options.BUCKETS
    polls = True
    poll_seconds = receiving.POLL_SECONDS

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        return reading.parse(raw, connection)

    def poll(self, connection: Connection, cursor: dict[str, Any]) -> Polled:
        return receiving.poll(connection, cursor)

    def stored(self, connection: Connection, cursor: dict[str, Any]) -> None:
        receiving.stored(connection, cursor)

    def stream(self, connection: Connection, cursor: dict[str, Any], stop: Callable[[], bool]) -> Iterator[Polled]:
        return receiving.stream(connection, cursor, stop)

    def reconcile(
        self, connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Reconciled:  # fmt: skip
        return receiving.reconcile(connection, since, until, cursor)

    def fetch(self, file: Attachment, connection: Connection) -> Attachment:
        """Media are given to who is signed in: https://spec.matrix.org/latest/client-server-api/#content-repository"""
        named = MXC.fullmatch(file.reference)
        if named is None:
            return replace(file, reference="", missing="Matrix names no file")
        api, path = wire.server(connection), "/".join(wire.quoted(part) for part in named.groups())
        try:
            try:
                content, _mime = api.download(f"_matrix/client/v1/media/download/{path}", options.MOST_BYTES)
            except ChannelError as error:
                if error.reason != "unfit" or "M_UNRECOGNIZED" not in str(error):  # a server from before 1.11
                    raise
                content, _mime = api.download(f"_matrix/media/v3/download/{path}", options.MOST_BYTES)
        except ChannelError as error:
            if not error.permanent:
                raise
            return replace(file, reference="", missing=str(error)[:200])
        return replace(file, reference="", content=content)

    def author(self, author: Author, connection: Connection) -> Author:
        name = sessions.profile_name(wire.server(connection), author.external_id)
        return replace(author, name=name) if name else author

    def length(self, text: str, place: Place = "private") -> int:
        return counting.octets(text)

    def send(self, outbound: Outbound, connection: Connection) -> Receipt:
        return writing.send(outbound, connection)

    def find(self, outbound: Outbound, connection: Connection) -> Receipt | None:
        return writing.find(outbound, connection)

    def act(self, act: Act, connection: Connection) -> Receipt:
        return writing.act(act, connection)

    def authorize(self, connection: Connection, redirect_uri: str, state: str) -> Consent:
        return sessions.authorize(connection, redirect_uri, state)

    def exchange(
        self, connection: Connection, told: Mapping[str, str], redirect_uri: str, keep: Mapping[str, str]
    ) -> tuple[Grant, ...]:  # fmt: skip
        return sessions.exchange(connection, told, keep)

    def refresh(self, connection: Connection) -> Grant:
        return sessions.refresh(connection)

    def health(self, connection: Connection) -> Iterator[Check]:
        """The server, who we are, and the rooms that nobody can read here."""
        try:
            told = loose.within(wire.server(connection, "").get("_matrix/client/versions"))
        except ChannelError as error:
            yield Check(_("The server answers"), False, str(error), _("Check the address of the server."))
            return
        versions = loose.texts(told.get("versions"), 20)
        yield Check(_("The server answers"), True, versions[-1] if versions else "")
        try:
            api = wire.server(connection)
            who = loose.text(loose.within(api.get(f"{wire.V3}/account/whoami")).get("user_id"), 255)
            rooms = loose.texts(loose.within(api.get(f"{wire.V3}/joined_rooms")).get("joined_rooms"), 255)
        except ChannelError as error:
            yield Check(_("We are signed in"), False, str(error), _("Sign in again."))
            return
        yield Check(_("We are signed in"), True, who)
        sealed = [room for room in rooms[:100] if _is_sealed(api, room)]
        yield Check(
            _("Its rooms can be read"), not sealed, f"{len(rooms)} / {', '.join(sealed[:5])}".strip(" /"),
            _("These rooms are encrypted: what is written there comes in without its words. Invite customers to rooms "
              "without encryption."),
        )  # fmt: skip


def _is_sealed(api: wire.Server, room: str) -> bool:
    try:
        return bool(loose.within(api.get(wire.room_path(room, "state", "m.room.encryption"))).get("algorithm"))
    except ChannelError as error:
        if not error.permanent:
            raise
        return False


CHANNEL = Matrix()
