"""Listening: what is searched for is kept once, copies fold, and one click or a rule makes it a case."""

import json
import random
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from netcenter import flow
from netcenter.accounts.models import Account, Brand, Health
from netcenter.cases.models import Case, Message, Tally
from netcenter.events.models import Event
from netcenter.intake import upkeep
from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.listening import actions, hearing, queries, settings
from netcenter.listening.models import Notification, Search, Sighting, Site, Source
from netcenter.listening.settings import SearchDetails, SourceDetails
from netcenter.listening.sources import READERS, webmention
from netcenter.listening.sources.heard import Harvest, Heard, SourceFailed
from netcenter.outbox import actions as outbox
from netcenter.people.models import Person
from tests.listening.server import Reply, web
from tests.listening.test_sources import PAGE, RSS, status

pytestmark = pytest.mark.django_db
NEWS = "La panadería Aurora cierra mañana su local histórico del centro después de cuarenta años de trabajo"


def search(company, *phrases, **more) -> Search:
    details = SearchDetails(company.brand, "Aurora", list(phrases or ("aurora",)), [], [], [], "never")
    return settings.save_search(None, SearchDetails(**{**details.__dict__, **more}), clock.now(), "test")


def said(n: int, words: str = NEWS, by: str = "", **more) -> Heard:
    author = {"id": by or f"paper{n}", "name": f"Diario {n}", "followers": 100 * n}
    told = {"name": f"https://x.example/{n}", "url": f"https://x.example/{n}", "sent_at": clock.now(), "text": words}
    return Heard(**{**told, "author": author, "where": f"Diario {n}", "language": "es", **more})


def kept(*heard: Heard) -> list[Sighting]:
    now = clock.now()
    return actions.keep(actions.sift(heard, queries.searches(), None, now), now)


def test_what_is_searched_for_is_kept_once(company):
    search(company)
    assert len(kept(said(1), said(2, "Nada que ver"))) == 1
    assert kept(said(1)) == []
    one = Sighting.objects.get()
    assert (one.phrase, one.where, one.state, one.brand) == ("aurora", "Diario 1", "new", company.brand)
    assert Event.objects.filter(kind="sighting.heard").count() == 1


def test_copies_stand_behind_the_first_with_count_and_reach(company):
    search(company)
    kept(
        said(1), said(2, NEWS + "."), said(3, NEWS.upper()), said(4, NEWS, by="paper1"), said(5, "Aurora abre un horno")
    )
    first, other = Sighting.objects.filter(lead=None).order_by("pk")
    assert (first.copies, first.reach, other.copies) == (3, 100 + 200 + 300, 0), (
        "who repeats oneself reaches nobody new"
    )
    assert [c.where for c in queries.copies(first)] == ["Diario 2", "Diario 3", "Diario 4"]
    assert queries.listed(company.charlie).counts == {"new": 2}


def test_few_words_are_no_copies_and_old_words_no_news(company):
    search(company)
    kept(said(1, "Aurora rica"), said(2, "Aurora rica"))
    assert Sighting.objects.filter(lead=None).count() == 2
    assert not kept(said(3, "Aurora " + NEWS, sent_at=clock.now() - timedelta(days=40)))


def test_each_brand_has_its_own(company):
    other = Brand.objects.create(name="Borealis")
    search(company)
    search(company, brand=other, name="Otra")
    kept(said(1))
    assert Sighting.objects.filter(lead=None).count() == 2
    assert queries.listed(company.alice).counts == {"new": 1}


def test_the_first_search_that_finds_it_has_it(company):
    first, _second = search(company), search(company, "panadería", name="B")
    (one,) = kept(said(1))
    assert one.search == first


def test_languages_and_places_of_a_search(company):
    search(company, languages=["pt"], places=["Rosario"])
    source = Source(kind="feed", address="x", place="Rosario", language="pt")
    sifted = actions.sift
    now = clock.now()
    assert not sifted([said(1)], queries.searches(), source, now)
    assert sifted([said(1, language="")], queries.searches(), source, now)
    assert not sifted([said(1, language="pt")], queries.searches(), None, now)
    assert sifted([said(1, NEWS + " en Rosario", language="pt")], queries.searches(), None, now)


# --- Cases ----------------------------------------------------------------------------------------


def read_on() -> None:
    while flow.take_in(clock.now()):
        pass


def test_one_click_makes_a_case_through_the_door(company):
    search(company)
    (one,) = kept(said(1, title="Cierra la Aurora"))
    assert actions.become_case(one.pk, clock.now(), company.alice.actor)
    assert not actions.become_case(one.pk, clock.now(), company.alice.actor), "once"
    read_on()
    message = Message.objects.get()
    assert message.account.channel == "web" and message.case.waiting_since and message.extra["url"] == one.url
    assert message.text == NEWS and message.case.customer.name == "Diario 1"
    one.refresh_from_db()
    assert queries.cases_of([one]) == {one.pk: message.case_id} and one.by == company.alice.actor
    assert Account.objects.filter(channel="web").count() == 1
    page = at(company.alice).get(reverse("desk:case", args=[message.case_id])).content.decode()
    assert "open it there, answer there" in page
    with pytest.raises(Refused, match="open it there"):
        outbox.say_by_itself(message.case_id, message.thread, "Un momento", "acknowledgement", clock.now())


def test_a_rule_makes_cases_by_itself(company):
    search(company, becomes="complaints")
    heard = [said(1, "¡Qué vergüenza la panadería Aurora! Me cobraron dos veces y nadie responde, una estafa"),
             said(2, "Gracias Aurora, el mejor pan del barrio, los felicito de corazón")]  # fmt: skip
    assert actions.obey(kept(*heard), clock.now()) == 1
    read_on()
    assert Case.objects.count() == 1 and Sighting.objects.get(state="case").name == actions.name_of(
        "https://x.example/1"
    )


def test_put_aside_and_brought_back(company):
    search(company)
    (one,) = kept(said(1))
    for back, state in ((False, "passed"), (False, "passed"), (True, "new")):
        actions.put_aside(one.pk, clock.now(), company.alice.actor, back=back)
        assert Sighting.objects.get().state == state
    assert Event.objects.filter(kind__in=["sighting.passed", "sighting.brought_back"]).count() == 2


# --- Sources --------------------------------------------------------------------------------------


def source(**more) -> Source:
    told = {"kind": "feed", "address": "https://paper.example/rss"} | more
    return settings.save_source(None, SourceDetails(**told), clock.now(), "test")


def test_a_source_is_heard_by_one_and_asked_again_later(company, settings):
    settings.ALLOW_PRIVATE_HTTP = True
    search(company)
    with web() as here:
        fresh = RSS.replace("Tue, 03 Mar 2026 09:00:00", clock.now().strftime("%a, %d %b %Y %H:%M:%S"))
        here.pages["/rss"] = Reply(fresh.encode(), headers={"ETag": '"1"'})
        made = source(address=f"{here.url}/rss")
        now = clock.now()
        (claimed,) = hearing.claim(now, 5)
        assert not hearing.claim(now, 5), "nobody else has it meanwhile"
        hearing.hear(claimed)
    made.refresh_from_db()
    assert made.name == "El Diario" and made.state == {"etag": '"1"'} and made.error == ""
    assert made.due_at > now + timedelta(seconds=200) and Sighting.objects.count() == 1


def test_a_source_is_heard_again_and_again_by_the_same_process(company, monkeypatch):
    made, asked = source(), []
    monkeypatch.setitem(READERS, "feed", lambda told: asked.append(told) or Harvest())
    busy = {}
    for n in (1, 0, 0):  # how many threads of this process hear it just now
        Source.objects.update(due_at=clock.now())
        for claimed in hearing.claim(clock.now(), 5, busy, 1):
            hearing.hear(claimed)
        busy = {made.pk: n}
    assert len(asked) == 2, "not while somebody does"


def test_a_source_that_fails_is_asked_more_rarely_and_an_administrator_is_told_once(company, monkeypatch):
    made = source()

    def fail(_asked):
        raise SourceFailed("HTTP 500")

    monkeypatch.setitem(READERS, "feed", fail)
    waits = []
    for _ in range(7):
        made.refresh_from_db()
        hearing.hear(made)
        made.refresh_from_db()
        waits.append((made.due_at - clock.now()).total_seconds())
    assert made.failures == 7 and made.error == "HTTP 500" and waits == sorted(waits) and waits[-1] > 10_000
    assert Event.objects.filter(kind="source.failing").count() == 1


def test_a_bug_in_a_reader_is_loud_and_never_jams(company, monkeypatch):
    made = source()
    monkeypatch.setitem(READERS, "feed", lambda _asked: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        hearing.hear(made)
    assert not hearing.claim(clock.now(), 5), "put off first"


def test_who_changed_the_address_meanwhile_begins_anew(company, monkeypatch):
    made = source()

    def slow(_asked):
        settings.save_source(made, SourceDetails("feed", "https://other.example/rss"), clock.now(), "test")
        return Harvest(state={"etag": "old"})

    monkeypatch.setitem(READERS, "feed", slow)
    stale = Source.objects.get()
    hearing.hear(stale)
    assert Source.objects.get().state == {}


@pytest.mark.parametrize(
    ("kind", "address"),
    [("feed", ""), ("feed", "javascript:x"), ("feed", "https://u:p@x.example/"), ("bluesky", "https://x.example"),
     ("mastodon", "ftp://x"), ("feed", "https://" + "x" * 2000), ("feed", "el diario de la ciudad"),
     ("feed", "https://a b.example/rss"), ("mastodon", "@sol@mastodon social")],
)  # fmt: skip
def test_what_is_no_address_is_refused(company, kind, address):
    with pytest.raises(Refused):
        source(kind=kind, address=address)


def test_bluesky_and_bare_hosts_need_no_address(company):
    assert source(kind="bluesky", address="").address.startswith("wss://")
    assert source(kind="mastodon", address="mastodon.social").address == "https://mastodon.social"
    with pytest.raises(Refused):
        source(kind="mastodon", address="https://mastodon.social")


def test_a_mastodon_server_end_to_end(company, settings):
    settings.ALLOW_PRIVATE_HTTP = True
    search(company)
    with web() as here:
        here.pages["/api/v1/timelines/public"] = Reply(
            json.dumps(
                [status(n, w, created_at=clock.now().isoformat()) for n, w in enumerate((NEWS, "nada"))]
            ).encode()
        )
        hearing.hear(source(kind="mastodon", address=here.url))
    one = Sighting.objects.get()
    assert one.reach == 7 and one.shares == 3 and one.author["handle"] == "@dana@b.example"


# --- Web mentions ---------------------------------------------------------------------------------


def tell(source="https://blog.example/p", target="https://aurora.example/pan"):
    return Client().post(reverse("listening:webmention"), {"source": source, "target": target})


@pytest.fixture
def site(company):
    settings.save_sites(company.brand, ["https://Aurora.example/"], clock.now(), "test")
    return Site.objects.get()


def test_a_page_that_links_to_us_is_believed_once_looked_up(company, site, monkeypatch):
    assert tell().status_code == 202 and tell().status_code == 202
    assert Notification.objects.count() == 1 and not Sighting.objects.exists()
    page = webmention.read(PAGE, "https://blog.example/p")
    assert page.links
    by = {"id": "eva", "name": "Eva"}
    look = lambda source, target, now: Heard(source, source, now, "Mi blog", "El mejor pan", by, "blog.example")  # noqa: E731
    monkeypatch.setattr(webmention, "look", look)
    assert hearing.look_up(clock.now()) == 1 and hearing.look_up(clock.now()) == 0
    assert Notification.objects.get().state == "true"
    one = Sighting.objects.get()
    assert one.search is None and one.brand == company.brand and one.title == "Mi blog"

    def gone(*_args):
        raise webmention.NoLink("the page is gone", gone=True)

    monkeypatch.setattr(webmention, "look", gone)
    assert tell().status_code == 202  # told again: it changed
    hearing.look_up(clock.now())
    assert Sighting.objects.get().gone_at and Notification.objects.get().state == "false", "what we know of it stays"


def test_a_page_that_does_not_answer_is_tried_a_few_times(company, site, monkeypatch):
    def fail(*_args):
        raise SourceFailed("HTTP 503")

    monkeypatch.setattr(webmention, "look", fail)
    tell()
    for _ in range(6):
        Notification.objects.filter(due_at__isnull=False).update(due_at=clock.now())
        hearing.look_up(clock.now())
    row = Notification.objects.get()
    assert row.due_at is None and row.attempts == 5 and row.why == "HTTP 503"


@pytest.mark.parametrize(
    ("source", "target", "answer"),
    [("", "", 400), ("https://blog.example/p", "https://other.example/", 400),
     ("javascript:x", "https://aurora.example/", 400),
     ("https://aurora.example/pan", "https://aurora.example/pan#x", 400)],
)  # fmt: skip
def test_what_is_not_about_us_is_refused(company, site, source, target, answer):
    assert tell(source, target).status_code == answer and not Notification.objects.exists()


def test_a_flood_of_them_is_bounded(company, site, monkeypatch):
    monkeypatch.setattr(hearing, "MOST_WAITING", 3)
    assert [tell(f"https://blog.example/{n}").status_code for n in range(5)] == [202, 202, 202, 429, 429]
    assert tell("https://blog.example/1").status_code == 202, "what waits already may be told again"
    big = Client().post(reverse("listening:webmention"), {"source": "https://x.example/" + "x" * 9000, "target": "y"})
    assert big.status_code == 413


# --- Pages ----------------------------------------------------------------------------------------


def at(person: Person) -> Client:
    cache.clear()
    Person.objects.update(language="en")
    client = Client()
    client.force_login(Person.objects.get(pk=person.pk))
    return client


def test_the_list_marks_what_was_found_and_one_click_decides(company):
    search(company)
    one, other = kept(said(1), said(2, "Aurora abre otro horno en la costa este verano"))
    client = at(company.alice)
    page = client.get(reverse("listening:heard")).content.decode()
    assert "<mark>Aurora</mark>" in page and "2 things that nobody has looked at." in page
    answer = client.post(reverse("listening:become_case", args=[one.pk]))
    assert "on its way" in answer.content.decode() and "rings like any other" in answer["HX-Trigger"]
    read_on()
    assert "Its case" in client.get(reverse("listening:heard"), {"state": "case"}).content.decode()
    client.post(reverse("listening:put_aside", args=[other.pk]))
    assert "Bring back" in client.get(reverse("listening:heard"), {"state": "passed"}).content.decode()
    assert "Nothing new" in client.get(reverse("listening:heard")).content.decode()


def test_it_goes_on_by_pages_and_shows_copies(company, django_assert_max_num_queries):
    search(company)
    now = clock.now()
    other = [
        " ".join("".join(random.Random(n * 10 + k).choices("bcdfgaeiou", k=8)) for k in range(5)) for n in range(45)
    ]
    kept(*(said(n, f"Aurora {words}", sent_at=now - timedelta(minutes=n)) for n, words in enumerate(other)))
    client = at(company.alice)
    with django_assert_max_num_queries(20):
        page = client.get(reverse("listening:heard")).content.decode()
    assert page.count('class="sighting"') == 40 and "Older" in page
    last = Sighting.objects.order_by("-sent_at")[39]
    more = client.get(reverse("listening:heard"), {"before": last.pk}).content.decode()
    assert more.count('class="sighting"') == 5
    kept(said(90), said(91))
    lead = Sighting.objects.get(copies=1)
    assert "Diario 91" in client.get(reverse("listening:copies", args=[lead.pk])).content.decode()


def test_hostile_words_are_shown_as_words(company):
    search(company)
    kept(said(1, '<img src=x onerror="alert(1)"> aurora </script>', title="<b>x</b>", where="<i>"))
    page = at(company.alice).get(reverse("listening:heard")).content.decode()
    assert "<img src=x" not in page and "&lt;b&gt;x" in page


def test_a_source_that_fails_in_strange_words_is_listed_with_them(company):
    made = source(address="https://paper.example/rss")
    Source.objects.update(error="InvalidURL('100%25 <img src=x onerror=alert(1)>')")
    for page in (reverse("listening:searches"), reverse("listening:source", args=[made.pk])):
        told = at(company.charlie).get(page)
        assert told.status_code == 200
        assert "&lt;img" in told.content.decode() and "<img src=x" not in told.content.decode()


def test_a_search_is_written_tried_and_saved(company):
    search(company)
    kept(said(1), said(2, "La panadería Aurora boreal de siempre en el norte"))
    client = at(company.charlie)
    form = {"name": "Pan", "brand": company.brand.pk, "phrases": "panadería aurora", "excluded": "boreal",
            "becomes": "never", "enabled": "on"}  # fmt: skip
    tried = client.post(reverse("listening:search_preview"), form).content.decode()
    assert "1 of the last things heard" in tried
    assert client.post(reverse("listening:search_add"), form).status_code == 302
    made = Search.objects.get(name="Pan")
    assert made.phrases == ["panadería aurora"] and made.excluded == ["boreal"]
    assert client.post(reverse("listening:search_add"), form | {"phrases": " "}).status_code == 422
    assert "panadería aurora" in client.get(reverse("listening:search", args=[made.pk])).content.decode()
    assert client.post(reverse("listening:search_remove", args=[made.pk])).status_code == 302
    assert Event.objects.filter(kind__in=["search.saved", "search.removed"]).count() == 3


def test_sources_and_sites_are_set(company):
    client = at(company.charlie)
    form = {
        "kind": "feed",
        "address": "paper.example/rss",
        "minutes": "10",
        "enabled": "on",
        "language": "",
        "place": "Rosario",
    }
    assert client.post(reverse("listening:source_add"), form).status_code == 302
    made = Source.objects.get()
    assert (made.address, made.every_seconds, made.place) == ("https://paper.example/rss", 600, "Rosario")
    page = client.get(reverse("listening:searches")).content.decode()
    assert "paper.example" in page and "/webmention" in page
    assert client.post(reverse("listening:source_add"), form).status_code == 422, "we listen there already"
    client.post(
        reverse("listening:sites"), {"brand": company.brand.pk, "hosts": "aurora.example\nhttps://pan.example/x"}
    )
    assert set(Site.objects.values_list("host", flat=True)) == {"aurora.example", "pan.example"}
    client.post(reverse("listening:sites"), {"brand": company.brand.pk, "hosts": "nothing"})
    assert Site.objects.count() == 2
    assert (
        client.post(reverse("listening:source_remove", args=[made.pk])).status_code == 302
        and not Source.objects.exists()
    )


def test_nobody_connects_the_open_web_by_hand(company):
    frank = Person.objects.create_user("frank@example.com", "correct horse", name="Frank", role="administrator")
    page = at(frank).get(reverse("setup:account_choose")).content.decode()
    assert reverse("setup:account_add", args=["webchat"]) in page
    assert reverse("setup:account_add", args=["web"]) not in page


def test_an_account_that_the_house_made_is_never_called_silent(company):
    now = clock.now()
    account = actions.account_of(company.brand, now)
    for one in (account, company.api):
        Tally.objects.create(account=one, day=now.date(), received=5000)
        Health.objects.filter(account=one).update(heard_at=now - timedelta(days=7))
    assert upkeep.notice_silence(company.api, now) and not upkeep.notice_silence(account, now)


def test_another_brands_is_not_there_for_others(company):
    other = Brand.objects.create(name="Borealis")
    search(company, brand=other)
    (one,) = kept(said(1))
    client = at(company.alice)
    assert "Diario 1" not in client.get(reverse("listening:heard")).content.decode()
    assert client.post(reverse("listening:become_case", args=[one.pk])).status_code == 404
