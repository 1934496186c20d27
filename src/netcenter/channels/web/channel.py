"""The open web: pages, news and posts that speak of the brand, found by listening. There is nothing to answer with:
the operator goes there, answers where it stands, and says so.
"""

from datetime import datetime

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import (
    Author,
    Capabilities,
    Channel,
    Connection,
    Happening,
    Inbound,
    Post,
    Raw,
    Reach,
    ThreadRef,
    Unreadable,
    loose,
)  # fmt: skip


class Web(Channel):
    kind = "web"
    name = _("The open web")
    glyph = "globe"
    capabilities = Capabilities(places=("public",), reply=False)

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        """What listening wrote down of one page: see `listening.becoming`."""
        told = loose.an_object(raw.body)
        sent_at: datetime | None = loose.moment(told.get("sent_at"))
        if sent_at is None:
            raise Unreadable("a page without its time")
        by, url = loose.within(told, "author"), loose.text(told.get("url"), 2000)
        who = Author(loose.name(by.get("id")), loose.text(by.get("name"), 200), url=loose.text(by.get("url"), 2000),
                     reach=_reach(by, "followers"))  # fmt: skip
        title = loose.text(told.get("title"), 255)
        post = Post(loose.name(told.get("id")), title=title, author=who, url=url, sent_at=sent_at, ours=False)
        words = loose.text(told.get("text"), 20_000) or title or url
        return [Inbound(
            post.external_id, who, ThreadRef(post.external_id, "public", title, post=post), sent_at, words,
            form="mention", url=url, language=loose.text(told.get("language"), 20), reach=_reach(told, "shares"),
        )]  # fmt: skip


def _reach(told: object, what: str) -> Reach | None:
    n = loose.count(loose.within(told).get(what))
    return Reach(**{what: n}) if n else None  # type: ignore[arg-type]


CHANNEL = Web()
