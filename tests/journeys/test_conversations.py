"""Whole conversations, driven from the desk in the browser: what the network remembers beside what the desk shows.

A customer and an operator speak in turn, NETCENTER_TURNS in all (30 for the table of docs/benchmarks.md), with files
each way, edits, deletions and likes wherever the network has them. At the end its own record, our tables and the desk
must say the same words in the same order, each once.
"""

import json
import os
import time
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
from tests.journeys.customers import ALSO, PICTURES, REAL, REVIEWS, STREET, ByMail, Customer, Line, bare, picture
from tests.journeys.house import house, travel

__all__ = ["company", "house", "rows_beside_playwright", "sign_in", "travel"]
TURNS = int(os.environ.get("NETCENTER_TURNS", "6"))  # of both; with 6 everything happens once
FEW = int(os.environ.get("NETCENTER_TURNS", "2"))  # where the others stand for what browser and house do
MOMENT = 1.2  # seconds between two who speak: several networks tell times in whole seconds
PATIENT = 3.0  # seconds from what the network told to what stands on the screen, before it is asked again
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(max(600, 60 * TURNS))]


class Conversation:
    """Dana on her network, and Alice at the desk."""

    def __init__(self, customer: Customer, account, page: Page, travel) -> None:
        self.customer, self.account, self.page, self.travel = customer, account, page, travel
        self.turns = 0  # of both
        self.waits = False  # at the end, for an answer that we took back
        self.said = 0  # by Dana
        self.pictures = 0

    # --- Dana -------------------------------------------------------------------------------------

    def says(self, words: str, file: bool = False):
        self.pause()
        made = self.customer.says(words, self._picture() if file else None)
        self.said += 1
        if self.said > 1:
            self.heard(lambda: self._turn("theirs", words).count() == 1)
        else:
            self.heard(lambda: Message.objects.filter(direction="in", account=self.account).exists())
        return made

    def edits(self, made, before: str, words: str) -> None:
        self.pause()
        self.customer.edits(made, words)
        self.heard(lambda: self._turn("theirs", words).count() == 1, look=True)
        expect(self._turn("theirs", before, exact=True)).to_have_count(0)

    def deletes(self, made, words: str) -> None:
        self.pause()
        self.customer.deletes(made)
        self.heard(lambda: self._turn("theirs", words).locator(".turn-line").count() == 1, look=True)

    def likes(self, words: str) -> None:
        self.customer.likes(self._name_of(words))
        self.heard(lambda: self._turn("ours", words).locator(".turn-acts .tabular").count() == 1)

    def pause(self) -> None:
        """So that one speaks after the other, also for whoever counts whole seconds."""
        time.sleep(MOMENT) if self.customer.is_real else self.travel.shift(MOMENT)

    def heard(self, is_here, look: bool = False) -> None:
        """Where the network does not call us, we ask; and where it does not tell what changed, we look again now."""
        ends = time.monotonic() + self.customer.patience
        while time.monotonic() < ends:
            if self.customer.polls:
                look_again(self.account) if look else None
                while poll_once(self.account):
                    pass
            patient = time.monotonic() + PATIENT
            while time.monotonic() < patient:
                if is_here():
                    return
                self.page.wait_for_timeout(50)
        raise AssertionError("it was not heard")

    # --- Alice ------------------------------------------------------------------------------------

    def picks_up(self) -> None:
        expect(ring_of(self.page)).to_be_visible()
        self.page.keyboard.press("Alt+a")
        expect(ring_of(self.page)).to_have_count(0)
        expect(self.page.locator(".case h1")).to_have_text(
            self.customer.named
        )  # asked for meanwhile, where it was not told

    def answers(self, words: str, file: bool = False) -> None:
        self.pause()
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
            turn.querySelectorAll('.turn-line:not(:has(.stars))').length > 0])""")
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


def look_again(account) -> None:
    """As if the time of the next look at what was heard before had come, wherever the cursor has it."""

    def due(told) -> None:
        for name, value in told.items() if isinstance(told, dict) else ():
            if name in ("looked", "due"):
                told[name] = 0.0 if name == "looked" else {}
            elif name not in ("seen", "watch"):
                due(value)

    cursor = PollCursor.objects.get(account=account)
    due(cursor.cursor)
    cursor.save()


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


def talk(one: Conversation, turns: int = TURNS) -> None:
    """Pair after pair: everything that can happen does in each three of them; in a single pair, all at once."""
    can, ours, before = one.customer.can, one.customer.ours, ""
    one.turns = turns
    for n in range(1, turns // 2 + 1):
        first, second, third = (turns < 6 or n % 3 == rest for rest in (1, 2, 0))
        ask, answer = f"Pregunta {n}: ¿cómo va mi pedido?", f"Lo miramos ahora mismo, va por el paso {n}."
        files = second and "file" in can
        made = one.says(ask, file=files)
        one.picks_up()
        if second and "edit" in can:
            ask, old = f"Pregunta {n}: quería decir el pedido grande", ask
            one.edits(made, old, ask)
        if third and "delete" in can:
            slip = f"Perdón, esto {n} no era para vosotros"
            one.deletes(one.says(slip), slip)
        if first and "like" in can:
            one.does(ask, "Me gusta")
            assert one.customer.is_liked(made)
        one.answers(answer, file=files)
        if first and "like" in can:
            one.likes(answer)
        if third and "edit" in ours:
            one.does(answer, "Cambiar…", fill=f"{answer} Mañana llega.")
        if third and before and "delete_ours" in ours:
            one.does(before, "Eliminar…", reason="Ya no vale")
        before = answer


def reword(one: Conversation) -> None:
    """She rewrites her review again and again, and we our one reply. Of a few wordings the last sees it all."""
    ours, pairs = one.customer.ours, max(2, FEW // 2)
    one.turns = 2 * pairs
    for n in range(1, pairs + 1):
        answer = f"Lo miramos ahora mismo, va por el paso {n}."
        one.says(f"Opinión {n}: el pedido llegó tarde")
        one.picks_up()
        one.answers(answer)
        if (n % 3 == 2 or n == pairs < 3) and "edit" in ours:
            one.pause()
            one.does(answer, "Cambiar…", fill=f"{answer} Mañana llega.")
        if (n % 3 == 0 or n == pairs < 3) and "delete_ours" in ours:
            one.does(answer, "Eliminar…", reason="Ya no vale")
            one.waits = n == pairs  # it was the only answer to what she said last


def judge(one: Conversation, told) -> None:
    """The network's record, our tables and the screen, side by side."""
    until(one.page, lambda: not Delivery.objects.filter(state="new").exists())
    theirs, kept = one.customer.remembers(), one.kept()
    assert kept == theirs
    assert one.shown() == without_edits(theirs)
    one.page.reload()
    expect(one.page.locator("#story .turn").first).to_be_visible()
    assert one.shown() == without_edits(theirs)
    assert Case.objects.count() == 1 and (Case.objects.get().waiting_since is not None) == one.waits
    books = ledger.equation()
    assert books == ledger.audit(clock.now()) and books.balances and books.waiting == one.waits
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
            "network": one.customer.kind, "turns": one.turns, "words": sum(len(line.words.split()) for line in lines),
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


@pytest.mark.parametrize("kind", ALSO, ids=lambda kind: kind.kind)
def test_the_desk_holds_what_these_networks_hold_too(kind, company, house, sign_in, travel, told):
    with speaking(kind(lambda: clock.now().timestamp()), company, house, sign_in, travel) as one:
        talk(one, FEW)
        judge(one, told)


@pytest.mark.parametrize("kind", REVIEWS, ids=lambda kind: kind.kind)
def test_the_desk_holds_every_wording_of_a_review_and_of_our_reply(kind, company, house, sign_in, travel, told):
    with speaking(kind(lambda: clock.now().timestamp()), company, house, sign_in, travel) as one:
        reword(one)
        judge(one, told)


@pytest.mark.mail
def test_the_desk_holds_the_conversation_that_the_mailboxes_hold(company, house, sign_in, travel, told, mail_server):
    with speaking(ByMail(mail_server), company, house, sign_in, travel) as one:
        talk(one)
        judge(one, told)


@pytest.mark.servers
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", REAL, ids=lambda kind: kind.__name__)
def test_the_desk_holds_the_conversation_that_a_real_server_holds(kind, company, house, sign_in, travel, told):
    with speaking(kind(lambda: clock.now().timestamp()), company, house, sign_in, travel) as one:
        talk(one)
        judge(one, told)
