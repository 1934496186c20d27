"""The ledger's pages."""

import re
from datetime import UTC, timedelta
from html import unescape

import pytest
from django.urls import reverse

from netcenter.boards import queries
from netcenter.boards.queries import PAGE, Slice
from netcenter.cases.ledger import Equation
from netcenter.cases.models import Case, Message, Tally
from netcenter.channels.contract import ChannelError, Raw
from netcenter.flow import answer, dispose
from netcenter.intake.actions import store, unreadable
from netcenter.intake.models import Delivery, Proof
from netcenter.lib import clock
from netcenter.outbox import dispatching, receipts
from netcenter.outbox.actions import Reply
from netcenter.outbox.models import Dispatch
from netcenter.routing.actions import take
from tests.company import NOON

PAGES = ["ledger", "waiting", "unreadable", "dead_letters", "team", "wallboard"]
HOUR = timedelta(hours=1)


@pytest.fixture
def charlie(client, company):
    client.force_login(company.charlie)
    return client


@pytest.fixture
def alice(client, company):
    client.force_login(company.alice)
    return client


def wrote(company, count, since=NOON, step=timedelta(minutes=1), by="dana"):
    said = (company.said(f"mensaje {i}", by=f"{by}{i}", at=since + i * step) for i in range(count))
    company.deliver(*said, at=clock.now())


@pytest.mark.parametrize("name", PAGES)
def test_a_supervisor_reads_every_board(charlie, name):
    assert charlie.get(reverse(f"boards:{name}")).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_an_operator_reads_none(alice, name):
    assert alice.get(reverse(f"boards:{name}")).status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_is_asked_to_sign_in(client, company, name):
    answer = client.get(reverse(f"boards:{name}"))
    assert answer.status_code == 302 and "/account/login/" in answer["Location"]


@pytest.mark.parametrize("name", ["audit", "unreadable_again"])
def test_an_operator_starts_nothing_either(alice, name):
    assert alice.post(reverse(f"boards:{name}")).status_code == 403


@pytest.mark.parametrize("language", ["es", "en", "pt-br"])
def test_the_equation_stands_on_the_page_in_every_language(charlie, company, language):
    wrote(company, 3)
    company.charlie.language = language
    company.charlie.save()
    html = charlie.get(reverse("boards:ledger")).content.decode()
    words = {"es": "en espera", "en": "waiting", "pt-br": "em espera"}[language]
    assert "<b>3</b>" in html and words in html


def test_the_equation_balances_after_an_answer_of_each_kind(charlie, company):
    wrote(company, 3)
    case = Case.objects.order_by("id")[0]
    dispose(case, "spam", "", None, company.charlie, clock.now())
    assert queries.equation(Slice()) == Equation(3, 0, 1, 2)
    assert "does not balance" not in charlie.get(reverse("boards:ledger")).content.decode()


def test_a_ledger_that_does_not_balance_says_so_in_red(charlie, company):
    wrote(company, 2)
    Tally.objects.create(account=company.api, day=NOON.date(), received=1)
    company.charlie.language = "en"
    company.charlie.save()
    html = charlie.get(reverse("boards:ledger"), {"until": NOON.date().isoformat()}).content.decode()
    assert "does not balance" in html and 'data-tone="broken"' in html and "≠" in html


def test_an_audit_agrees_or_tells_both_sides(charlie, company):
    wrote(company, 2)
    assert 'data-tone="kept"' in charlie.post(reverse("boards:audit")).content.decode()
    Tally.objects.create(account=company.api, day=NOON.date(), received=5)
    html = charlie.post(reverse("boards:audit")).content.decode()
    assert 'data-tone="broken"' in html and "7 = 0 + 0 + 2" in html and "2 = 0 + 0 + 2" in html


def test_each_message_is_counted_in_one_age(company, db):
    now = clock.now()
    for hours in (0.5, 2, 10, 48, 100, 200):
        company.deliver(company.said(f"h{hours}", by=f"d{hours}", at=now - hours * HOUR), at=now)
    assert queries.ages(Slice(), now) == [1, 1, 1, 1, 2]
    assert [len(queries.waiting_page(Slice(), age, None, now)) for age in range(5)] == [1, 1, 1, 1, 2]


def test_the_pages_of_what_waits_give_each_message_once_in_order(charlie, company):
    wrote(company, PAGE * 2 + 7, step=timedelta(0))  # all at the same moment: the id decides
    url, seen = reverse("boards:waiting"), []
    while url:
        html = charlie.get(url).content.decode()
        seen += [int(case) for case in re.findall(r'row-link" href="/desk/case/(\d+)/', html)]
        after = re.search(r'rel="next"[^>]*href="([^"]+)"', html)
        url = unescape(after[1]) if after else ""
    assert seen == list(Message.objects.order_by("sent_at", "id").values_list("case_id", flat=True))
    assert len(seen) == PAGE * 2 + 7


def test_what_is_overdue_says_so_to_who_sees_no_red(charlie, company):
    wrote(company, 1, since=NOON)
    assert "Vencida" in charlie.get(reverse("boards:waiting")).content.decode()
    Case.objects.update(due_at=clock.now() + HOUR)
    assert "Vencida" not in charlie.get(reverse("boards:waiting")).content.decode()


def test_a_slice_counts_only_its_accounts_and_its_day_of_utc(company, db):
    wrote(company, 2, since=NOON)
    chat, day = company.chat, Message.objects.first().received_at.astimezone(UTC).date()
    assert queries.equation(queries.slice_of(None, "api", None, day)).received == 2
    assert queries.equation(queries.slice_of(None, "", chat.pk, None)).received == 0
    assert queries.equation(queries.slice_of(None, "", None, day - timedelta(days=1))) == Equation(0, 0, 0, 0)
    assert queries.equation(queries.slice_of(99, "", None, None)).received == 0


@pytest.mark.parametrize(
    "query",
    ["brand=x", "brand=-1", "brand=99999999999999999999", "day=tomorrow", "day=2026-02-30", "day=0001-01-01",
     "day=9999-12-31", "until=0001-01-01", "until=x", "account=1;drop", "channel=%00%27", "age=99", "after=x_1",
     "after=2026-01-01_", "after=2026-01-01T00:00:00_99", "before=x", "brand=²"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["ledger", "waiting", "unreadable", "dead_letters"])
def test_nonsense_in_an_address_is_left_out(charlie, name, query):
    assert charlie.get(f"{reverse(f'boards:{name}')}?{query}").status_code == 200


# --- Unreadable deliveries ----------------------------------------------------------------------


def unread(company, body=b"\x00\xff<script>alert(1)</script>", why="Traceback\nValueError: <b>no</b>"):
    meta = {"headers": {"authorization": "Bearer s3cret"}}
    store(company.api, [Raw(body, f"u{Delivery.objects.count()}", meta)], None, NOON)
    found = Delivery.objects.order_by("-id")[0]
    unreadable(found, why, NOON)
    return found


def test_an_unreadable_delivery_is_listed_with_its_error_in_one_line(charlie, company):
    unread(company)
    html = charlie.get(reverse("boards:unreadable")).content.decode()
    assert "ValueError: &lt;b&gt;no&lt;/b&gt;" in html and "Traceback" not in html


def test_what_it_says_is_shown_without_being_run_and_without_its_keys(charlie, company):
    kept = unread(company, b"hola <script>alert(1)</script>")
    html = charlie.get(reverse("boards:delivery", args=[kept.pk])).content.decode()
    assert "hola &lt;script&gt;" in html and "<script>alert" not in html and "s3cret" not in html


def test_a_big_delivery_is_shown_only_at_its_beginning(charlie, company):
    kept = unread(company, b"x" * 600_000)
    html = charlie.get(reverse("boards:delivery", args=[kept.pk])).content.decode()
    assert kept.blob and len(html) < 100_000


def test_one_or_all_are_read_again(charlie, company):
    first, second = unread(company), unread(company)
    charlie.post(reverse("boards:delivery_again", args=[first.pk]))
    assert Delivery.objects.get(pk=first.pk).state == "new"
    assert Delivery.objects.get(pk=second.pk).state == "unreadable"
    charlie.post(reverse("boards:unreadable_again"))
    assert not Delivery.objects.filter(state="unreadable").exists()


def test_the_tabs_count_what_lies_there(charlie, company):
    unread(company)
    unread(company)
    assert '<span class="count">2</span>' in charlie.get(reverse("boards:ledger")).content.decode()


# --- Dead letters -------------------------------------------------------------------------------


def refused(company):
    wrote(company, 1)
    case = Case.objects.get()
    take(case.pk, company.alice, NOON)
    thread = case.threads.get()
    answer(case, Reply("Ya va", "key-1", thread.pk, None), company.alice, NOON)
    dispatch = dispatching.claim(clock.now(), 1)[0]
    receipts.went_wrong(dispatch, ChannelError("the webhook answered 410", permanent=True), clock.now())
    return dispatch


def test_a_refused_answer_lies_there_with_its_reason_until_it_is_tried_again(charlie, company):
    dispatch = refused(company)
    assert "the webhook answered 410" in charlie.get(reverse("boards:dead_letters")).content.decode()
    charlie.post(reverse("boards:dispatch_again", args=[dispatch.pk]))
    assert Dispatch.objects.get(pk=dispatch.pk).state == "queued"
    assert "410" not in charlie.get(reverse("boards:dead_letters")).content.decode()


def test_pages_ask_the_database_a_bounded_number_of_times(charlie, company, django_assert_max_num_queries):
    wrote(company, 30)
    for name in PAGES:
        with django_assert_max_num_queries(30):
            charlie.get(reverse(f"boards:{name}"))


def test_the_network_says_as_many_as_we_hold(charlie, company):
    company.charlie.language = "en"
    company.charlie.save()
    wrote(company, 3, since=clock.now() - HOUR)
    day = Tally.objects.get().day
    Proof.objects.create(account=company.api, day=day, theirs=3, ours=3, at=NOON)
    assert "3 there" in charlie.get(reverse("boards:ledger")).content.decode()
    Proof.objects.update(theirs=4, missing=["c9"])
    page = charlie.get(reverse("boards:ledger")).content.decode()
    assert "4 there, 3 here" in page and "c9" in page
