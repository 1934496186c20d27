"""What a Facebook page and an Instagram account have in common: both are reached through a page and its token."""

from __future__ import annotations

from netcenter.channels.contract import (
    Answer,
    Attachment,
    Channel,
    Connection,
    Consent,
    Grant,
    Granted,
    Outbound,
    Request,
)
from netcenter.channels.meta import connecting, door, reading
from netcenter.channels.meta.graph import BUCKETS, Graph, fetched

WEEK = 7 * 24.0
HUMAN = "HUMAN_AGENT"  # a person answers within seven days
QUICK_REPLIES = 13  # of one message


class OfAPage(Channel):
    """Signed in to with Facebook Login; told by one hook of the app."""

    pushes = True
    buckets = BUCKETS

    def verify(self, request: Request, connection: Connection) -> Answer:
        return door.verify(request, connection)

    def fetch(self, file: Attachment, connection: Connection) -> Attachment:
        return fetched(file, Graph(connection), self.capabilities.max_attachment)

    def authorize(self, connection: Connection, redirect_uri: str, state: str) -> Consent:
        return connecting.dialog(connection, redirect_uri, state, self.rights)

    def refresh(self, connection: Connection) -> Grant:
        return connecting.refreshed(connection, page_of(connection))

    def granted(self, connection: Connection) -> Granted:
        return connecting.granted(connection)


def page_of(connection: Connection) -> str:
    return reading.own_id(connection, "page_id")


def is_comment(outbound: Outbound) -> bool:
    return outbound.way == "reply" and outbound.thread.place == "public"
