"""What feeds, servers and pages tell; and what hostile ones do not achieve."""

import json
import threading
import time
from datetime import UTC, datetime

import pytest

from netcenter.lib import http
from netcenter.lib.http import Answered
from netcenter.listening.sources import bluesky, feeds, mastodon, webmention
from netcenter.listening.sources import heard as wire
from netcenter.listening.sources.heard import Asked, SourceFailed, plain, web_address
from tests.listening.server import Reply, web

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>El Diario</title><language>es-ar</language>
<item><title>Aurora &amp; Co</title><link>https://diario.example/1</link><guid isPermaLink="false">n1</guid>
<pubDate>Tue, 03 Mar 2026 09:00:00 GMT</pubDate><author>Eva &lt;e@x.example&gt;</author>
<description>&lt;p&gt;La panader&#237;a &lt;b&gt;Aurora&lt;/b&gt;.&lt;/p&gt;
&lt;script&gt;evil()&lt;/script&gt;</description></item>
<item><title>Sin enlace</title><guid isPermaLink="false">n2</guid></item>
<item><title>Malo</title><link>javascript:alert(1)</link></item>
<item><title>Futuro</title><link>https://diario.example/3</link>
<pubDate>Tue, 03 Mar 2099 09:00:00 GMT</pubDate></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><entry><id>tag:x,1</id><title>Pan</title>
<link href="https://blog.example/pan"/><updated>2026-03-03T10:00:00Z</updated><author><name>Fred</name></author>
<content type="html">Aurora&lt;br&gt;abre</content></entry></feed>"""
JSON = {
    "version": "https://jsonfeed.org/version/1.1", "title": "JSON", "language": "pt", "authors": [{"name": "Gina"}],
    "items": [
        {"id": "1", "url": "https://j.example/1", "content_html": "<p>Padaria Aurora</p>",
         "date_published": "2026-03-01T00:00:00Z"},
        {"id": "2", "url": "https://j.example/2", "content_text": "x", "authors": "no list", "author": 7},
        {"id": "3", "url": "ftp://no"}, "no item", {"url": None},
    ],
}  # fmt: skip


def test_rss_is_read_without_a_tag_or_a_script():
    harvest = feeds.parse(RSS.encode(), "https://diario.example/rss", NOW)
    first, future = harvest.heard
    assert (first.name, first.url, first.title) == ("n1", "https://diario.example/1", "Aurora & Co")
    assert first.text == "La panadería Aurora ." or first.text == "La panadería Aurora."
    assert first.where == "El Diario" and first.language.startswith("es") and first.sent_at.day == 3
    assert future.sent_at == NOW, "nothing is said later than now"


def test_atom_and_json_feeds_are_read():
    (atom,) = feeds.parse(ATOM.encode(), "https://blog.example/", NOW).heard
    assert atom.author["name"] == "Fred" and atom.text == "Aurora\nabre"
    harvest = feeds.parse(json.dumps(JSON).encode(), "https://j.example/f", NOW)
    assert [h.name for h in harvest.heard] == ["1", "2"] and harvest.language == "pt"
    assert harvest.heard[0].text == "Padaria Aurora" and harvest.heard[0].author["name"] == "Gina"


DOC = '<!DOCTYPE x [%s]><rss version="2.0"><channel><title>&b;</title></channel></rss>'
BOMB = DOC % '<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">'
XXE = DOC % '<!entity b SYSTEM "file:///etc/passwd">'


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html><body>no feed</body></html>", b"{", b"[]", b'{"items": 7}', b"\xff\xfe\x00", b"<rss",
        BOMB.encode(), XXE.encode(), BOMB.encode("utf-16"), b"<a>" * 100_000, b"\x00" * 1000,
        b'<?xml version="1.0" encoding="nonsense"?><x/>',
    ],
    ids=lambda body: repr(body[:24]),
)  # fmt: skip
def test_what_is_no_feed_is_refused_in_words(body):
    with pytest.raises(SourceFailed):
        feeds.parse(body, "https://x.example/", NOW)


def test_a_broken_feed_is_read_as_far_as_it_goes_and_quickly():
    began = time.thread_time()
    assert feeds.parse(RSS[:-40].encode(), "https://x.example/", NOW).heard
    many = "".join(f"<item><title>{n}</title><link>https://x.example/{n}</link></item>" for n in range(3000))
    harvest = feeds.parse(f'<rss version="2.0"><channel>{many}</channel></rss>'.encode(), "https://x.example/", NOW)
    assert len(harvest.heard) == wire.MOST
    assert time.thread_time() - began < 20


@pytest.mark.parametrize(
    "markup", ["<" * 100_000, "<p" * 50_000, "<script>" * 20_000, "&amp;" * 50_000, "<!--" * 30_000]
)
def test_hostile_markup_is_words_or_nothing_in_time(markup):
    began = time.thread_time()
    assert len(plain(markup)) <= wire.LONGEST
    assert time.thread_time() - began < 5


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//x.example", "http://", 7, None, "http://[::1", ""]
)
def test_no_other_address_is_followed(url):
    assert web_address(url) == ""


# --- Over a wire ----------------------------------------------------------------------------------


@pytest.fixture
def here(settings):
    settings.ALLOW_PRIVATE_HTTP = True
    with web() as one:
        yield one


def test_a_feed_that_did_not_change_is_not_read_again(here):
    def page(_query, headers):
        if (
            headers.get("if-none-match") == '"v1"'
            and headers.get("if-modified-since") == "Tue, 03 Mar 2026 09:00:00 GMT"
        ):
            return Reply(status=304)
        return Reply(RSS.encode(), headers={"ETag": '"v1"', "Last-Modified": "Tue, 03 Mar 2026 09:00:00 GMT"})

    here.pages["/rss"] = page
    first = feeds.read(Asked(f"{here.url}/rss", {}, NOW))
    assert len(first.heard) == 2 and first.name == "El Diario"
    again = feeds.read(Asked(f"{here.url}/rss", first.state, NOW))
    assert not again.heard and again.state == first.state


def test_a_feed_that_moved_is_followed_but_not_for_ever(here):
    here.pages["/old"] = Reply(status=301, headers={"Location": "/rss"})
    here.pages["/rss"] = Reply(RSS.encode())
    here.pages["/loop"] = Reply(status=302, headers={"Location": "/loop"})
    assert feeds.read(Asked(f"{here.url}/old", {}, NOW)).heard
    with pytest.raises(SourceFailed, match="elsewhere"):
        feeds.read(Asked(f"{here.url}/loop", {}, NOW))


def test_a_host_that_hangs_or_floods_or_is_busy_fails_in_words(here, monkeypatch):
    monkeypatch.setattr(wire, "TIMEOUT", 0.3)
    monkeypatch.setattr(wire.fetch, "__kwdefaults__", {**wire.fetch.__kwdefaults__, "timeout": 0.3, "limit": 5000})
    here.pages["/hangs"] = Reply(b"x", hangs=2.0)
    here.pages["/flood"] = Reply(b"<rss>" + b" " * 20_000)
    here.pages["/busy"] = Reply(status=429, headers={"Retry-After": "7200"})
    for path, words in (("/hangs", "did not answer"), ("/flood", "too long"), ("/busy", "429"), ("/gone", "404")):
        with pytest.raises(SourceFailed, match=words) as failed:
            feeds.read(Asked(f"{here.url}{path}", {}, NOW))
        assert path != "/busy" or (failed.value.retry_at - NOW).total_seconds() == 7200


def test_nobody_is_led_into_our_own_network(settings, monkeypatch):
    settings.ALLOW_PRIVATE_HTTP = False
    for url in ("https://127.0.0.1/", "https://localhost/x", "https://169.254.169.254/", "http://example.com/"):
        with pytest.raises(SourceFailed):
            feeds.read(Asked(url, {}, NOW))
    told = Answered(302, {"location": "https://127.0.0.1/admin"})
    asked = []
    real = http.request

    def once(method, url, **more):
        asked.append(url)
        return told if len(asked) == 1 else real(method, url, **more)

    monkeypatch.setattr(wire.http, "request", once)
    with pytest.raises(SourceFailed, match="private"):
        feeds.read(Asked("https://out.example/", {}, NOW))


def status(n: int, words: str, **more) -> dict:
    by = {"acct": "dana@b.example", "display_name": "Dana", "url": "https://b.example/@dana", "followers_count": 7}
    where = {"uri": f"https://b.example/s/{n}", "url": f"https://b.example/@dana/{n}"}
    return where | {"id": str(n), "visibility": "public",
            "created_at": "2026-03-04T11:00:00Z", "content": f"<p>{words}</p>", "language": "es", "account": by,
            "reblogs_count": 3} | more  # fmt: skip


def test_a_timeline_is_read_on_from_where_it_ended(here):
    held = [status(n, f"Aurora {n}") for n in range(1, 100)]

    def page(query, _headers):
        told = dict(pair.split("=") for pair in query.split("&"))
        since = int(told.get("min_id", 0))
        newer = [s for s in held if int(s["id"]) > since]
        return Reply(json.dumps(newer[:40] if since else held[-40:]).encode())

    here.pages["/api/v1/timelines/public"] = page
    first = mastodon.read(Asked(here.url, {}, NOW))
    assert len(first.heard) == 40 and first.state == {"since": "99"}
    held.extend(status(n, "más") for n in range(100, 190))
    second = mastodon.read(Asked(here.url, first.state, NOW))
    assert len(second.heard) == 90 and second.state == {"since": "189"} and not second.more
    one = first.heard[0]
    assert one.author["handle"] == "@dana@b.example" and one.author["followers"] == 7 and one.shares == 3
    assert one.text == "Aurora 60" and one.language == "es"


def test_a_hashtag_and_a_server_that_wants_a_key(here):
    here.pages["/api/v1/timelines/tag/pan"] = Reply(json.dumps([status(1, "x")]).encode())
    here.pages["/api/v1/timelines/public"] = Reply(status=422)
    assert mastodon.read(Asked(f"{here.url}/tags/pan", {}, NOW)).heard
    with pytest.raises(SourceFailed, match="signed in"):
        mastodon.read(Asked(here.url, {}, NOW))


def test_a_boost_is_what_it_boosts_and_what_is_private_or_broken_is_nothing():
    assert mastodon.heard({"id": "9", "reblog": status(5, "x")}).name == "https://b.example/s/5"
    for told in (status(1, "x", visibility="private"), status(1, "x", account=None), status(1, "x", created_at="soon"),
                 status(1, "x", uri=None, url="javascript:x"), {}):  # fmt: skip
        assert mastodon.heard(told) is None
    assert mastodon.heard(status(1, "x", content=7, language=["es"])).text == ""


def frame(n: int, words, **more) -> bytes:
    record = {"text": words, "createdAt": "2026-03-04T11:59:00Z", "langs": ["es"]}
    commit = {"operation": "create", "collection": "app.bsky.feed.post", "rkey": f"k{n}", "record": record}
    return json.dumps({"did": "did:plc:dana", "time_us": n, "kind": "commit", "commit": commit} | more).encode()


@pytest.mark.parametrize(
    "told",
    [b"", b"{}", b"[]", b"\xff", b'{"time_us": "x"}', frame(1, None), frame(1, 7), frame(1, "Aurora", did=7),
     frame(1, "Aurora", did="x" * 300), frame(1, "Aurora", commit=[]),
     frame(1, "Aurora", commit={"operation": "delete"})],
)  # fmt: skip
def test_a_frame_that_is_no_post_is_nothing(told):
    assert bluesky.heard(told, Asked("", {}, NOW, wants=lambda _text: True))[1] is None


def test_a_line_is_read_on_and_only_what_is_wanted_is_kept(settings, monkeypatch):
    from websockets.sync.server import serve

    settings.ALLOW_PRIVATE_HTTP = True
    monkeypatch.setattr(bluesky, "QUIET", 0.2)
    monkeypatch.setattr(
        bluesky,
        "fetch",
        lambda *_a, **_k: (Answered(200, {}, b'{"displayName": "Dana", "followersCount": 9, "handle": "dana.x"}'), ""),
    )
    asked = []

    def tell(line):
        asked.append(line.request.path)
        for n, words in enumerate(("nada", "La Aurora", "otra cosa")):
            line.send(frame(1000 + n, words).decode())
        time.sleep(1)

    with serve(tell, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/subscribe"
        harvest = bluesky.read(Asked(address, {}, NOW, wants=lambda text: "Aurora" in text))
        assert [h.text for h in harvest.heard] == ["La Aurora"] and harvest.state == {"cursor": 1002}
        assert harvest.heard[0].author == {"id": "did:plc:dana", "name": "Dana", "handle": "@dana.x", "followers": 9,
                                           "url": "https://bsky.app/profile/did:plc:dana"}  # fmt: skip
        us = int(NOW.timestamp() * 1e6)
        bluesky.read(Asked(address, {"cursor": us}, NOW))
        server.shutdown()
    assert "cursor=" not in asked[0] and f"cursor={us - bluesky.STEP_BACK}" in asked[1]


def test_a_line_that_cannot_be_opened_fails_in_words(settings):
    settings.ALLOW_PRIVATE_HTTP = False
    with pytest.raises(SourceFailed):
        bluesky.read(Asked("ws://127.0.0.1:1/", {}, NOW))


# --- Pages that link to ours ----------------------------------------------------------------------

OURS = "https://aurora.example/pan"
PAGE = f"""<html lang="es"><head><title>Mi blog</title><meta name="author" content="Eva"></head><body>
<script>var x = "no";</script><p>El mejor pan es de <a href="{OURS}#top">la Aurora</a>, siempre.</p></body></html>"""


def answers(monkeypatch, **more):
    told = Answered(
        **({"status": 200, "headers": {"content-type": "text/html; charset=utf-8"}, "body": PAGE.encode()} | more)
    )
    asked = []
    monkeypatch.setattr(webmention, "fetch", lambda url, *_a, **k: (asked.append((url, k)), (told, url))[1])
    return asked


def test_a_page_is_believed_once_it_links_to_ours(monkeypatch):
    asked = answers(monkeypatch)
    one = webmention.look("https://blog.example/p", OURS, NOW)
    assert (one.title, one.author["name"], one.language) == ("Mi blog", "Eva", "es")
    assert "El mejor pan es de la Aurora" in one.text and "var x" not in one.text
    assert asked[0][1]["private"] is False, "a stranger wrote the address"


@pytest.mark.parametrize(
    ("told", "gone"),
    [({"body": b"<a href='https://other.example/'>x</a>"}, False), ({"status": 410}, True), ({"status": 404}, True),
     ({"headers": {"content-type": "image/png"}}, False), ({"body": b""}, False),
     ({"body": f"<!-- <a href='{OURS}'> -->".encode()}, False), ({"body": f"<p>{OURS}</p>".encode()}, False)],
)  # fmt: skip
def test_a_page_that_does_not_is_not(monkeypatch, told, gone):
    answers(monkeypatch, **told)
    with pytest.raises(webmention.NoLink) as no:
        webmention.look("https://blog.example/p", OURS, NOW)
    assert no.value.gone is gone


def test_a_page_that_does_not_answer_is_looked_up_later(monkeypatch):
    answers(monkeypatch, status=503)
    with pytest.raises(SourceFailed):
        webmention.look("https://blog.example/p", OURS, NOW)


def test_hostile_pages_end_in_time(monkeypatch):
    for body in (b"<a href=x>" * 100_000, b"<" * 500_000, b"<p class='" + b"a " * 200_000, b"<![CDATA[" * 20_000):
        answers(monkeypatch, body=body)
        began = time.thread_time()
        with pytest.raises(webmention.NoLink):
            webmention.look("https://blog.example/p", OURS, NOW)
        assert time.thread_time() - began < 10


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [(OURS, OURS + "#x", True), (OURS, "https://AURORA.example/pan", True), (OURS, OURS + "?a=1", False),
     ("https://aurora.example", "https://aurora.example/", True), ("nothing", "nothing", False),
     ("https://aurora.example:443/", "https://aurora.example/", True)],
)  # fmt: skip
def test_when_two_addresses_are_one_page(one, other, same):
    assert webmention.same(one, other) is same
