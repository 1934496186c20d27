"""Whole conversations, driven from the desk in the browser: what the network remembers beside what the desk shows.

A customer and an operator speak in turn, NETCENTER_TURNS in all (30 for the table of docs/benchmarks.md), with files
each way, edits, deletions and likes wherever the network has them. At the end its own record, our tables and the desk
must say the same words in the same order, each once.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from netcenter.cases import ledger
from netcenter.cases.models import Case, Message
from netcenter.intake.loops import poll_once
from netcenter.intake.models import Delivery, PollCursor
from netcenter.lib import clock
from netcenter.outbox.models import Deed
from tests.browser import complaints, until
from tests.desk.screens import available, company, ring_of, rows_beside_playwright, sign_in
from tests.journeys.customers import PICTURES, STREET, ByMail, Customer, Line, bare, picture
from tests.journeys.house import house, travel

__all__ = ["company", "house", "rows_beside_playwright", "sign_in", "travel"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
TURNS = int(os.environ.get("NETCENTER_TURNS", "6"))  # of both; at least 6, so that everything happens once
MOMENT = 1.2  # seconds between two who speak: several networks tell times in whole seconds


class Conversation:
    """Dana on her network, and Alice at the desk."""

    def __init__(self, customer: Customer, account, page: Page, travel) -> None:
        self.customer, self.account, self.page, self.travel = customer, account, page, travel
        self.said = 0  # by Dana
        self.pictures = 0

    # --- Dana -------------------------------------------------------------------------------------

    def says(self, words: str, file: bool = False):
        self.travel.shift(MOMENT)
        made = self.customer.says(words, self._picture() if file else None)
        self.said += 1
        self.heard()
        expect(self._turn("theirs", words)).to_have_count(1) if self.said > 1 else None
        return made

    def edits(self, made, before: str, words: str) -> None:
        self.travel.shift(MOMENT)
        self.customer.edits(made, words)
        self.heard(look=True)
        expect(self._turn("theirs", words)).to_have_count(1)
        expect(self._turn("theirs", before, exact=True)).to_have_count(0)

    def deletes(self, made, words: str) -> None:
        self.travel.shift(MOMENT)
        self.customer.deletes(made)
        self.heard(look=True)
        expect(self._turn("theirs", words).locator(".turn-line")).to_have_count(1)

    def likes(self, words: str) -> None:
        self.customer.likes(self._name_of(words))
        self.heard()
        expect(self._turn("ours", words).locator(".turn-acts .tabular")).to_have_count(1)

    def heard(self, look: bool = False) -> None:
        """Where the network does not call us, we ask; and where it does not tell what changed, we look again now."""
        if self.customer.polls:
            if look:
                cursor = PollCursor.objects.get(account=self.account)
                cursor.cursor["looked"] = 0.0
                cursor.save()
            while poll_once(self.account):
                pass

    # --- Alice ------------------------------------------------------------------------------------

    def picks_up(self) -> None:
        expect(ring_of(self.page)).to_be_visible()
        self.page.keyboard.press("Alt+a")
        expect(ring_of(self.page)).to_have_count(0)
        expect(self.page.locator(".case h1")).to_have_text("Dana")  # asked for meanwhile, where it was not told

    def answers(self, words: str, file: bool = False) -> None:
        self.travel.shift(MOMENT)
        if not self.page.evaluate("document.activeElement?.id === 'words'"):
            self.page.keyboard.press("r")
        expect(self.page.locator("#words")).to_be_focused()
        if file:
            one = self._picture()
            chosen = {"name": one.name, "mimeType": one.mime, "buffer": one.content}
            self.page.locator("#files").set_input_files([chosen])
            expect(self.page.locator("#composer-files .file")).to_have_count(1)
        self.page.locator("#words").focus()
        self.page.keyboard.type(words)
        self.page.keyboard.press("Control+Enter")
        turn = self._turn("ours", words)
        expect(turn.locator(".turn-state[data-state=sent]")).to_have_count(1)
        expect(self.page.locator("#words")).to_have_value("")
        self.customer.hears(self._name_of(words))

    def does(self, words: str, what: str, fill: str = "", reason: str = "") -> None:
        """Press a button beside words; answer what it asks."""
        side, before = "theirs" if what == "Me gusta" else "ours", Deed.objects.count()
        self._turn(side, words).locator(".turn-acts").get_by_role("button", name=what).press("Enter")
        dialog = self.page.locator("#dialog")
        if fill or reason:
            expect(dialog).to_be_visible()
        if fill:
            dialog.locator("#deed-text").fill(fill)
        if reason:
            dialog.locator("#deed-reason").fill(reason)
        if fill or reason:
            self.page.keyboard.press("Control+Enter")
            expect(dialog).not_to_be_visible()
        until(self.page, lambda: Deed.objects.filter(state__in=["done", "refused"]).count() > before)
        assert [(deed.verb, deed.error) for deed in Deed.objects.exclude(state="done")] == []
        if fill:
            expect(self._turn(side, fill)).to_have_count(1)
        elif reason:
            expect(self._turn(side, words).locator(".turn-line:not([data-deed])")).to_have_count(1)
        else:
            expect(self._turn(side, words).locator(".turn-acts [aria-pressed=true]")).to_have_count(1)

    # --- What is there ------------------------------------------------------------------------------

    def shown(self) -> list[Line]:
        """The story as it stands on the screen."""
        told = self.page.locator("#story .turn-theirs, #story .turn-ours").evaluate_all("""turns => turns.map(turn => [
            turn.matches('.turn-ours') ? 'us' : 'dana', turn.querySelector(':scope > .message-text').innerText,
            turn.querySelectorAll('.files li:not(:has(.file-missing))').length,
            turn.querySelectorAll('.turn-line').length > 0])""")
        return [Line(who, bare(words), 0 if gone else files, gone=gone) for who, words, files, gone in told]

    def kept(self) -> list[Line]:
        """The story as our tables have it."""
        rows = Message.objects.filter(account=self.account).order_by("sent_at", "id").prefetch_related("attachments")
        return [
            Line(
                "us" if m.direction == "out" else "dana", bare(m.text),
                0 if m.deleted_at else len([a for a in m.attachments.all() if a.blob]), bool(m.edited_at),
                bool(m.deleted_at),
            )
            for m in rows
        ]  # fmt: skip

    def _turn(self, side: str, words: str, exact: bool = False):
        turns = self.page.locator(f"#story .turn-{side}")
        text = self.page.get_by_text(words, exact=exact)
        return turns.filter(has=self.page.locator(".message-text").and_(text))

    def _name_of(self, words: str) -> str:
        return Message.objects.get(direction="out", text=words).external_id

    def _picture(self):
        self.pictures += 1
        return picture(self.pictures)


def without_edits(lines: list[Line]) -> list[Line]:
    """A screen shows that words were edited only beside their author's name."""
    return [Line(line.who, line.words, line.files, gone=line.gone) for line in lines]


@contextmanager
def speaking(customer: Customer, company, house, sign_in, travel) -> Iterator[Conversation]:
    with customer.lives():
        account = customer.connected(company.brand, clock.now())
        customer.opens(f"{house}/hooks/{account.key}")
        page = sign_in(company.alice)
        errors = complaints(page)
        available(company.alice)
        if customer.polls:
            poll_once(account)
        yield Conversation(customer, account, page, travel)
        assert errors == []


def talk(one: Conversation) -> None:
    """Pair after pair: everything that can happen does in each three of them."""
    can, ours, before = one.customer.can, one.customer.ours, ""
    for n in range(1, TURNS // 2 + 1):
        ask, answer = f"Pregunta {n}: ¿cómo va mi pedido?", f"Lo miramos ahora mismo, va por el paso {n}."
        files = n % 3 == 2 and "file" in can
        made = one.says(ask, file=files)
        one.picks_up()
        if n % 3 == 2 and "edit" in can:
            ask, old = f"Pregunta {n}: quería decir el pedido grande", ask
            one.edits(made, old, ask)
        if n % 3 == 0 and "delete" in can:
            slip = f"Perdón, esto {n} no era para vosotros"
            one.deletes(one.says(slip), slip)
        if n % 3 == 1 and "like" in can:
            one.does(ask, "Me gusta")
            assert one.customer.is_liked(made)
        one.answers(answer, file=files)
        if n % 3 == 1 and "like" in can:
            one.likes(answer)
        if n % 3 == 0 and "edit" in ours:
            one.does(answer, "Cambiar…", fill=f"{answer} Mañana llega.")
        if n % 3 == 0 and "delete_ours" in ours:
            one.does(before, "Eliminar…", reason="Ya no vale")
        before = answer


def judge(one: Conversation, told) -> None:
    """The network's record, our tables and the screen, side by side."""
    until(one.page, lambda: not Delivery.objects.filter(state="new").exists())
    theirs, kept = one.customer.remembers(), one.kept()
    assert kept == theirs
    assert one.shown() == without_edits(theirs)
    one.page.reload()
    expect(one.page.locator("#story .turn").first).to_be_visible()
    assert one.shown() == without_edits(theirs)
    assert Case.objects.count() == 1 and Case.objects.get().waiting_since is None
    books = ledger.equation()
    assert books == ledger.audit(clock.now()) and books.balances and books.waiting == 0
    assert books.received == len([line for line in theirs if line.who == "dana"])
    assert not Delivery.objects.filter(state="unreadable").exists()
    if hasattr(one.customer, "network"):
        doubles = one.customer.network.truth.doubles()
        assert [what for what in doubles if what[1] not in PICTURES] == []
        assert one.customer.network.limits.earned == 0
    told(one, theirs)


@pytest.fixture
def told():
    """One line for the table of docs/benchmarks.md, where NETCENTER_TALKS names a file."""

    def tell(one: Conversation, lines: list[Line]) -> None:
        row = {
            "network": one.customer.kind, "turns": TURNS, "words": sum(len(line.words.split()) for line in lines),
            "messages": len(lines), "files": sum(line.files for line in lines),
            "edits": sum(line.edited for line in lines), "deletes": sum(line.gone for line in lines), "differences": 0,
        }  # fmt: skip
        if path := os.environ.get("NETCENTER_TALKS"):
            with open(path, "a") as file:
                file.write(json.dumps(row) + "\n")

    return tell


@pytest.mark.parametrize("kind", STREET, ids=lambda kind: kind.kind)
def test_the_desk_holds_the_conversation_that_the_network_holds(kind, company, house, sign_in, travel, told):
    with speaking(kind(lambda: clock.now().timestamp()), company, house, sign_in, travel) as one:
        talk(one)
        judge(one, told)


@pytest.mark.mail
def test_the_desk_holds_the_conversation_that_the_mailboxes_hold(company, house, sign_in, travel, told, mail_server):
    with speaking(ByMail(mail_server), company, house, sign_in, travel) as one:
        talk(one)
        judge(one, told)
