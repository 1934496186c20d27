"""Who may open what: every address of the house, asked by everybody. An address that is not listed fails the test."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from netcenter.accounts.models import Brand
from netcenter.api import tokens
from netcenter.api.actions import subscribe
from netcenter.api.models import WebhookDelivery
from netcenter.cases.models import Attachment, Message, Post
from netcenter.crowds.models import Addressee, Chorus, Round
from netcenter.intake.models import Delivery
from netcenter.lib import blobs, clock
from netcenter.listening.models import Search, Sighting, Source
from netcenter.outbox.models import Dispatch
from netcenter.people.areas import AreaDetails, save_area
from netcenter.people.invitations import token_of
from netcenter.people.models import Area, BreakReason, Person
from netcenter.protocols.content import Content, Step
from netcenter.protocols.models import CannedAnswer, Protocol
from netcenter.protocols.rules import Condition
from netcenter.protocols.writing import Written, save_protocol
from netcenter.routing.asked import token_of as asked_token
from netcenter.routing.models import Offer, Queue, Referral
from netcenter.routing.presence import set_state
from netcenter.routing.referrals import hand_on
from netcenter.routing.switchboard import ring
from netcenter.standards.models import Calendar, Standard
from tests.company import Company

pytestmark = pytest.mark.django_db

# One letter each for: nobody, Eve (an operator of another brand), Alice (an operator of this one), Charlie (who
# supervises), Frank (who administers).
#   L is led to sign in (or 401), F forbidden, N does not exist for them, M not with this method,
#   R refused in words (422), o gets or does something.
EVERYBODY, SIGNED_IN, OF_THE_BRAND = "ooooo", "Loooo", "LNooo"
SUPERVISORS, ADMINISTRATORS, DEVELOPERS = "LFFoo", "LFFFo", "NNNNN"

_DESK = [
    ("desk:home", "GET", SIGNED_IN), ("desk:lists", "GET", SIGNED_IN), ("desk:ring", "GET", SIGNED_IN),
    ("desk:presence", "GET", SIGNED_IN), ("desk:team", "GET", SUPERVISORS),
    ("desk:state", "POST", SIGNED_IN), ("desk:sound", "POST", SIGNED_IN),
    ("desk:no_more", "POST", SIGNED_IN), ("desk:more_time", "POST", "LRRRR"),  # nobody here wraps up
    ("desk:colleague_state", "GET", SUPERVISORS), ("desk:colleague_state", "POST", "LFFRR"),  # without a word
    ("desk:accept", "POST", "LRoRR"), ("desk:decline", "POST", SIGNED_IN),  # declining another's ring does nothing
    *[(f"desk:{name}", "GET", OF_THE_BRAND) for name in (
        "case", "head", "story", "side", "company", "where", "answers", "dispose", "snooze", "pass", "formatted",
        "file")],
    *[(f"desk:{name}", "POST", OF_THE_BRAND) for name in (
        "take", "draft", "reply", "note", "dispose", "close", "snooze", "pass", "about", "correct", "merge")],
    ("desk:call", "POST", "LNRRR"), ("desk:call_note", "POST", OF_THE_BRAND),  # nobody can be called by mail
    *[(f"desk:{name}", "GET", OF_THE_BRAND) for name in ("why", "beside")], ("desk:pauses", "GET", SIGNED_IN),
    *[(f"desk:{name}", "GET", SUPERVISORS) for name in ("who", "who_anything", "watch", "watched", "barge", "pin")],
    ("desk:whisper", "POST", "LNFRR"), ("desk:barge", "POST", "LFFRR"), ("desk:pin", "POST", "LFFRR"),  # without a word
    ("desk:post", "GET", OF_THE_BRAND),
    ("desk:templates", "GET", "LNNNN"), ("desk:templates", "POST", "LNNNN"),  # nor are there approved texts
    ("desk:deed", "GET", OF_THE_BRAND), ("desk:deed", "POST", "LNRRR"),  # nothing can be hidden in a mail
    ("desk:approvals", "GET", SUPERVISORS), ("desk:decide", "POST", "LFFNN"),  # nothing is asked for
    *[(f"desk:{name}", "GET", OF_THE_BRAND) for name in ("crowd", "chorus", "round_new", "round")],
    ("desk:round_preview", "POST", OF_THE_BRAND), ("desk:round_new", "POST", "LNRRR"),  # without a word
    ("desk:round_act", "POST", "LNRoo"),  # Alice asked for it herself
    ("desk:review", "GET", "LNNNN"), ("desk:review", "POST", "LNNNN"),  # nor does any answer wait
    ("desk:review_findings", "POST", "LNNNN"), ("desk:take_reply_back", "POST", "LNRRR"),
    *[(f"desk:{name}", "GET", OF_THE_BRAND) for name in ("protocol", "protocol_choose")],
    ("desk:follow", "POST", "LNRRR"), ("desk:tick", "POST", "LNRRR"),  # without a protocol
    ("desk:unwatch", "POST", SIGNED_IN), ("desk:whisper_read", "POST", SIGNED_IN),  # another's is left alone
    ("desk:again", "POST", OF_THE_BRAND), ("desk:remote_image", "GET", "LNNNN"),  # this mail has no such picture
]  # fmt: skip
_ASKED = [  # a case was handed on to Olga, who is none of them
    ("desk:hand_on", "GET", OF_THE_BRAND), ("desk:hand_on", "POST", OF_THE_BRAND),
    ("desk:take_back", "POST", "LNRRR"),  # the case of this address is with nobody
    ("desk:asked", "GET", SIGNED_IN), ("desk:asked_link", "GET", "LFFFF"),
    *[(f"desk:{name}", "GET", "LFFFF") for name in ("seat", "seat_story", "seat_file")],
    *[(f"desk:{name}", "POST", "LFFFF") for name in ("seat_draft", "seat_send")],
]  # fmt: skip
_BOARDS = [
    ("boards:team_state", "GET", SUPERVISORS),
    *[(f"boards:{name}", "GET", SUPERVISORS) for name in (
        "ledger", "waiting", "moderation", "unreadable", "delivery", "dead_letters", "team", "wallboard", "queues",
        "queue_cases", "queue_expected", "queue_pause", "queue_crisis")],
    ("setup:queue_replay", "POST", SUPERVISORS),
    ("boards:queue_pause", "POST", "LFFRR"), ("boards:queue_resume", "POST", SUPERVISORS),
    ("boards:queue_crisis", "POST", "LFFRR"), ("boards:queue_calm", "POST", SUPERVISORS),
    *[(f"boards:{name}", "POST", SUPERVISORS) for name in (
        "audit", "unreadable_again", "delivery_again", "dispatch_again", "team_state")],
]  # fmt: skip
_SETTINGS = [
    ("setup:home", "GET", SIGNED_IN), ("setup:profile", "GET", SIGNED_IN), ("setup:profile", "POST", SIGNED_IN),
    ("setup:welcome", "GET", EVERYBODY), ("setup:join", "GET", EVERYBODY), ("setup:join", "POST", EVERYBODY),
    *[(f"setup:{name}", method, ADMINISTRATORS) for method in ("GET", "POST") for name in (
        "organisation", "brand_add", "brand", "account_add", "account", "person_add", "person", "account_grants",
        "area_invite")],
    *[(f"setup:{name}", "GET", ADMINISTRATORS) for name in (
        "brands", "accounts", "account_back", "account_choose", "people")],
    *[(f"setup:{name}", "POST", ADMINISTRATORS) for name in (
        "brand_consequences", "brand_add_consequences", "account_switch", "account_test", "account_renew",
        "account_again", "person_invite", "person_switch")],
    *[(f"setup:{name}", "GET", SUPERVISORS) for name in (
        "areas", "teams", "skills", "standards", "answers", "menus", "queues", "queue", "queue_waits", "reading")],
    ("setup:queue", "POST", "LFFoo"),
    *[(f"setup:{name}", method, SUPERVISORS) for method in ("GET", "POST") for name in (
        "area_add", "area", "team_add", "team", "skill_add", "skill", "standard_add", "standard", "calendar_add",
        "calendar", "answer_add", "answer", "menu")],
    *[(f"setup:{name}", "POST", SUPERVISORS) for name in (
        "area_remove", "team_remove", "skill_remove", "standard_remove", "calendar_remove", "calendar_preview",
        "queue_preview", "answer_remove", "answer_preview", "menu_preview", "reading_examples", "reading_forget",
        "reading_learn", "reading_switch")],
]  # fmt: skip
_LISTENING = [
    ("listening:heard", "GET", SIGNED_IN), ("listening:copies", "GET", OF_THE_BRAND),
    *[(f"listening:{name}", "POST", OF_THE_BRAND) for name in ("become_case", "put_aside", "bring_back")],
    *[(f"listening:{name}", "GET", SUPERVISORS) for name in (
        "searches", "search_add", "search", "source_add", "source")],
    *[(f"listening:{name}", "POST", SUPERVISORS) for name in (
        "search_add", "search", "source_add", "source", "search_preview", "search_remove", "source_remove")],
    ("listening:sites", "POST", "LFFNN"),  # of no brand
    ("listening:webmention", "GET", EVERYBODY), ("listening:webmention", "POST", EVERYBODY),
]  # fmt: skip
_STATES = [
    ("setup:breaks", "GET", SUPERVISORS),
    *[(f"setup:{name}", method, SUPERVISORS) for method in ("GET", "POST") for name in (
        "break_add", "break", "capacity")],
    *[(f"setup:{name}", "POST", SUPERVISORS) for name in ("break_move", "break_remove", "breaks_usual")],
]  # fmt: skip
_MANUAL = [
    ("setup:protocols", "GET", SUPERVISORS),
    *[(f"setup:{name}", method, SUPERVISORS) for method in ("GET", "POST") for name in (
        "protocol_add", "protocol", "approval")],
    *[(f"setup:{name}", "POST", SUPERVISORS) for name in (
        "protocol_preview", "protocol_install", "protocol_act", "protocol_remove")],
    ("setup:assistant", "GET", ADMINISTRATORS), ("setup:assistant", "POST", ADMINISTRATORS),
    ("setup:assistant_test", "POST", ADMINISTRATORS), ("desk:assist", "POST", "LNRRR"),  # it is switched off
]  # fmt: skip
_PROGRAMS = [
    ("api:settings", "GET", SIGNED_IN), ("api:make_token", "POST", SIGNED_IN), ("api:revoke_token", "POST", SIGNED_IN),
    *[(f"api:{name}", "POST", ADMINISTRATORS) for name in ("add_webhook", "renew_webhook", "webhook")],
    *[(f"api:{name}", "POST", SUPERVISORS) for name in ("try_all_again", "try_again")],
    *[(f"api-v1:{name}", "GET", EVERYBODY) for name in ("openapi-json", "openapi-view", "ready")],
    ("api-v1:api-root", "GET", DEVELOPERS),
    *[(f"api-v1:{name}", "GET", SIGNED_IN) for name in ("me", "accounts", "case_list", "search")],
    *[(f"api-v1:{name}", "GET", OF_THE_BRAND) for name in ("case_whole", "messages", "attachment")],
    *[(f"api-v1:{name}", "POST", OF_THE_BRAND) for name in ("reply", "note", "dispose")],
    ("api-v1:ledger", "GET", SUPERVISORS),
]  # fmt: skip
_VISITORS = [
    *[(f"helpcenter:{name}", "GET", EVERYBODY) for name in ("page", "demo", "script")],
    ("helpcenter:upload", "POST", "LLLLL"),  # a visitor's token is asked for, whoever one is
    ("outgoing_file", "GET", "NNNNN"),  # the address of this one is forged
    ("helpcenter:download", "GET", DEVELOPERS),  # without the pass that was shown in the conversation
]
_LOOK = [
    ("", "GET", EVERYBODY), ("live:service_worker", "GET", EVERYBODY), ("look:offline", "GET", EVERYBODY),
    ("look:language", "POST", EVERYBODY), ("look:style", "GET", DEVELOPERS), ("look:dialog", "GET", DEVELOPERS),
    ("live:push_key", "GET", SIGNED_IN), ("live:push_subscribe", "POST", SIGNED_IN),
    ("live:push_unsubscribe", "POST", SIGNED_IN),
]  # fmt: skip
_ACCOUNT = [
    *[(f"account_{name}", "GET", EVERYBODY) for name in (
        "login", "logout", "inactive", "signup", "email_verification_sent", "confirm_email", "reset_password",
        "reset_password_done", "reset_password_from_key", "reset_password_from_key_done")],
    ("account_login", "POST", EVERYBODY), ("account_signup", "POST", EVERYBODY),
    ("account_confirm_login_code", "GET", EVERYBODY), ("mfa_authenticate", "GET", EVERYBODY),
    *[(f"account_{name}", "GET", SIGNED_IN) for name in ("reauthenticate", "change_password", "set_password")],
    *[(name, "GET", SIGNED_IN) for name in (
        "mfa_index", "mfa_reauthenticate", "mfa_activate_totp", "mfa_generate_recovery_codes", "mfa_list_webauthn",
        "mfa_add_webauthn", "mfa_reauthenticate_webauthn", "mfa_remove_webauthn", "mfa_edit_webauthn",
        "usersessions_list")],
    *[(f"mfa_{name}", "GET", "LNNNN") for name in (  # nobody here has a second step yet
        "deactivate_totp", "view_recovery_codes", "download_recovery_codes")],
    ("account_email", "GET", DEVELOPERS), ("account_email", "POST", DEVELOPERS),  # an administrator changes addresses
]  # fmt: skip
TABLE = [
    *_DESK, *_ASKED, *_BOARDS, *_SETTINGS, *_STATES, *_MANUAL, *_LISTENING, *_PROGRAMS, *_VISITORS, *_LOOK, *_ACCOUNT,
]  # fmt: skip
UNCHECKED = {  # POSTs without the token of a form: what a stranger's site may do on purpose
    "helpcenter:upload", "listening:webmention",
}  # fmt: skip


@dataclass
class House:
    """A company with one of everything."""

    company: Company
    people: dict[str, Person | None]
    keys: dict[str, str]  # of the API
    names: dict[str, dict[str, Any]]  # what stands in which address
    owner: Person  # who is only asked: see `test_who_is_only_asked_gets_their_seat_and_nothing_else`
    sessions: dict[str, str]  # of who has signed in

    def address(self, name: str) -> str:
        if not name:
            return "/"
        room = name.partition(":")[0]
        for known in ({}, self.names.get(name, {}), self.names.get(room, {})):
            try:
                return reverse(name, kwargs=known)
            except NoReverseMatch:
                continue
        raise AssertionError(f"tell what stands in the address of {name}")

    def ask(self, who: str, name: str, method: str, **more: Any) -> HttpResponse:
        client, program = Client(**more), name.startswith("api-v1:")
        if who != "nobody" and not program:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[who]
        headers = {"Authorization": f"Bearer {self.keys.get(who, '')}"} if who != "nobody" and program else {}
        body = {"content_type": "application/json", "data": PROGRAMS_SAY} if program else {}
        return client.generic(method, self.address(name), headers=headers) if method == "GET" else client.post(
            self.address(name), headers=headers, **body
        )  # fmt: skip


PROGRAMS_SAY = {"text": "Hola", "seen_id": 1, "reason": "thanks"}


@pytest.fixture
def house(company: Company) -> House:
    cache.clear()
    now = clock.now()
    company.deliver(company.said("¿Abren el domingo?", at=now))
    message = Message.objects.get()
    set_state(company.alice, "available", now, company.alice)
    ring(now)
    eve = Person.objects.create_user("eve@example.com", "correct horse", name="Eve")
    Brand.objects.create(name="Borealis").people.add(eve)
    frank = Person.objects.create_user("frank@example.com", "correct horse", name="Frank", role="administrator")
    owner, asked = _asked(company, now)
    people = {"nobody": None, "eve": eve, "alice": company.alice, "charlie": company.charlie, "frank": frank}
    keys = {who: tokens.make(p, "shop", ["read", "write"], now)[1] for who, p in people.items() if p}
    file = Attachment.objects.create(message=message, name="x.txt", mime="text/plain", size=1, blob=blobs.put(b"x"))
    out = Message.objects.create(
        account=company.api, thread=message.thread, case=message.case, direction="out", state="failed", text="Sí.",
        external_id="out-1", sent_at=now, received_at=now,
    )  # fmt: skip
    dispatch = Dispatch.objects.create(
        message=out, account=company.api, key="k", state="refused", due_at=now, created_at=now
    )
    delivery = Delivery.objects.create(account=company.api, dedupe="?", received_at=now, body=b"?", state="unreadable")
    webhook, _secret = subscribe(frank, "Shop", "https://shop.example/hook", ["case.*"], now)
    dead = WebhookDelivery.objects.create(
        subscription=webhook, event_id=1, kind="case.closed", state="dead", due_at=now, created_at=now
    )
    answer = CannedAnswer.objects.create(name="Hours", shortcut="hours", texts={"es": "De 9 a 18."})
    chat = {"key": company.chat.key, "attachment_id": file.pk, "shown": "0" * 43}
    pk = {
        **dict.fromkeys(("queue", "queue_preview", "queue_waits"), company.brand),
        "brand": company.brand, "brand_consequences": company.brand, "answer": answer, "answer_remove": answer,
        **dict.fromkeys(("account", "account_again", "account_switch", "account_test"), company.api),
        **dict.fromkeys(("menu", "menu_preview"), company.api),
        **dict.fromkeys(("person", "person_invite", "person_switch"), company.bob),
        **dict.fromkeys(("area", "area_remove", "area_invite"), Area.objects.get()),
        **dict.fromkeys(("break", "break_move", "break_remove"), BreakReason.objects.create(name="Almuerzo")),
        "capacity": company.bob,
        **dict.fromkeys(("team", "team_remove"), company.bob.teams.get()),
        **dict.fromkeys(("skill", "skill_remove"), company.bob.skills.get()),
        **dict.fromkeys(("standard", "standard_remove"), Standard.objects.first()),
        **dict.fromkeys(("calendar", "calendar_remove"), Calendar.objects.first()),
        **dict.fromkeys(("protocol", "protocol_act", "protocol_remove"), _protocol(company, now)),
    }  # fmt: skip
    case = {"case_id": message.case_id}
    names: dict[str, dict[str, Any]] = {
        "desk": case, "desk:accept": {"offer_id": Offer.objects.get().pk}, "desk:file": {"attachment_id": file.pk},
        "desk:colleague_state": {"person_id": company.bob.pk}, "desk:again": {"message_id": out.pk},
        "desk:formatted": {"message_id": message.pk}, "desk:remote_image": {"message_id": message.pk, "number": 0},
        "boards:delivery": {"pk": delivery.pk}, "boards:delivery_again": {"pk": delivery.pk},
        "boards:dispatch_again": {"pk": dispatch.pk}, "boards:team_state": {"pk": company.bob.pk},
        **{f"setup:{name}": {"pk": thing.pk} for name, thing in pk.items()},
        "setup:account_add": {"kind": "webchat"}, "setup:account_renew": {"pk": company.api.pk, "field": "secret"},
        "setup:reading_learn": {"what": "kinds"}, "setup:reading_switch": {"pk": 1},
        "setup:join": {"token": token_of(company.bob)},
        "api:revoke_token": {"token_id": 1}, "api:renew_webhook": {"webhook_id": webhook.pk},
        "api:webhook": {"webhook_id": webhook.pk, "act": "pause"}, "api:try_again": {"delivery_id": dead.pk},
        "api-v1": case, "api-v1:attachment": case | {"attachment_id": file.pk},
        "helpcenter": {"key": company.chat.key}, "helpcenter:download": chat,
        "account_confirm_email": {"key": "x"}, "account_reset_password_from_key": {"uidb36": "1", "key": "x-y"},
        "mfa_remove_webauthn": {"pk": 1}, "mfa_edit_webauthn": {"pk": 1},
    }  # fmt: skip
    names["desk:decide"] = {"deed_id": 1}
    names["desk:deed"] = {"message_id": message.pk, "verb": "hide"}
    names["outgoing_file"] = {"token": "forged"}
    names |= {f"desk:{name}": {"held_id": 1} for name in ("review", "review_findings")}
    names["desk:templates"] = case | {"thread_id": message.thread_id}
    names["desk:decline"] = names["desk:accept"]
    names["desk:whisper_read"] = {"note_id": 1}
    queue = {"pk": Queue.objects.get(brand=company.brand).pk}
    names["setup:queue_replay"] = {"pk": company.brand.pk}
    here = {"pk": company.brand.pk}
    names |= {"boards:queue_cases": here, "boards:queue_expected": here}
    names |= {"boards:queue_pause": queue, "boards:queue_resume": queue}
    names |= {"boards:queue_crisis": queue, "boards:queue_calm": queue}
    names |= {
        **{f"desk:{name}": {"referral_id": asked.pk} for name in ("seat", "seat_story", "seat_draft", "seat_send")},
        "desk:asked_link": {"token": asked_token(asked, owner)},
        "desk:seat_file": {"referral_id": asked.pk, "attachment_id": Attachment.objects.get(name="asked.txt").pk},
    }  # fmt: skip
    names |= _elsewhere(company, message, now)
    names["desk:post"] = case | names["desk:crowd"]
    sessions = {who: _session(person) for who, person in {**people, "olga": owner}.items() if person}
    return House(company, people, keys, names, owner, sessions)


def _session(person: Person) -> str:
    """Signed in once, not for each of hundreds of addresses."""
    client = Client()
    client.force_login(person, settings.AUTHENTICATION_BACKENDS[0])
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _elsewhere(company: Company, message: Message, now: datetime) -> dict[str, dict[str, Any]]:
    """A post with what its crowd says and a round that waits for approval; and something heard elsewhere."""
    post = Post.objects.create(account=company.api, external_id="p1", heard_at=now)
    chorus = Chorus.objects.create(post=post, words="¿Abren?")
    made = Round.objects.create(
        post=post, verb="answer", key="round", text="Sí. | Claro.", state="asked", by=company.alice, asked_at=now
    )
    Addressee.objects.create(round=made, message=message, due_at=now)
    search = Search.objects.create(brand=company.brand, name="Aurora", phrases=["aurora"], changed_at=now)
    source = Source.objects.create(kind="feed", address="https://paper.example/rss", due_at=now)
    sighting = Sighting.objects.create(
        brand=company.brand,
        search=search,
        name="n",
        url="https://paper.example/1",
        text="Dana",
        sent_at=now,
        heard_at=now,
    )
    here, it = {"post_id": post.pk}, {"pk": sighting.pk}
    return {
        "desk:crowd": here, "desk:round_preview": here, "desk:round_new": here | {"verb": "answer"},
        "desk:chorus": {"chorus_id": chorus.pk}, "desk:round": {"round_id": made.pk},
        "desk:round_act": {"round_id": made.pk, "verb": "approve"},
        **{f"listening:{name}": it for name in ("copies", "become_case", "put_aside", "bring_back")},
        **{f"listening:{name}": {"pk": search.pk} for name in ("search", "search_remove")},
        **{f"listening:{name}": {"pk": source.pk} for name in ("source", "source_remove")},
    }  # fmt: skip


def _protocol(company: Company, now: datetime) -> Protocol:
    content = Content({"es": "Otra"}, Condition(kinds=("praise",)), (Step("a", {"es": "Agradecer"}),))
    return save_protocol(None, Written(content, "es"), company.charlie, now)


def _asked(company: Company, now: datetime) -> tuple[Person, Referral]:
    """Olga, who is only responsible, and a case that Bob handed on to her."""
    owner = Person.objects.create_user("olga@example.com", "correct horse", name="Olga", role="owner")
    company.brand.people.add(owner)  # on record, and worth nothing
    area = save_area(None, AreaDetails("Billing", "", 60, [owner.pk]), now, "test")
    company.deliver(company.said("Me cobraron dos veces", by="eva", at=now))
    message = Message.objects.get(case__customer__name="Eva")
    Attachment.objects.create(message=message, name="asked.txt", mime="text/plain", size=1, blob=blobs.put(b"x"))
    return owner, hand_on(message.case_id, area, "¿Se cobró dos veces?", company.bob, now)


def named(patterns: Any, rooms: tuple[str, ...] = ()) -> Iterator[str]:
    for each in patterns:
        if hasattr(each, "url_patterns"):
            yield from named(each.url_patterns, (*rooms, each.namespace) if each.namespace else rooms)
        else:
            yield ":".join((*rooms, each.name or ""))


def outcome(answer: HttpResponse) -> str:
    """The letter for what somebody got."""
    there = answer.headers.get("Location", "")
    if answer.status_code == 401 or there.startswith(reverse("account_login") + "?next="):
        return "L"
    return {403: "F", 404: "N", 405: "M", 422: "R"}.get(answer.status_code, "o" if answer.status_code < 500 else "!")


def test_every_address_of_the_house_is_in_the_table():
    listed = {name for name, _method, _rights in TABLE}
    assert set(named(get_resolver().url_patterns)) == listed


def parts(rows: list[Any]) -> list[list[Any]]:
    """The rows in handfuls: to found the house for each would take longer than to ask it."""
    return [rows[n : n + 40] for n in range(0, len(rows), 40)]


def asked_in_vain(house: House, who: str, name: str, method: str, **more: Any) -> HttpResponse:
    """What they get; nothing that it did is kept."""
    with transaction.atomic():
        answer = house.ask(who, name, method, **more)
        transaction.set_rollback(True)
    return answer


@pytest.mark.parametrize("rows", parts(TABLE), ids=lambda rows: rows[0][0] or "/")
def test_everybody_gets_what_they_may(house, rows):
    wrong = []
    for name, method, rights in rows:
        got = ""
        for who, expected in zip(house.people, rights, strict=True):
            answer = asked_in_vain(house, who, name, method)
            letter = outcome(answer)
            assert is_dressed(answer), (who, name, method)
            got += "o" if letter == "R" and expected == "o" else letter  # an empty form is refused: they may send it
        if got != rights:
            wrong.append((name, method, got, rights))
    assert not wrong


_SEAT = [name for name, _method, _rights in _ASKED if "asked" in name or "seat" in name]
ONESELF = {"", "desk:home", "setup:home", "setup:profile", *_SEAT, *(n for n, _m, _r in (*_LOOK, *_ACCOUNT))}


@pytest.mark.parametrize("rows", parts(TABLE), ids=lambda rows: rows[0][0] or "/")
def test_who_is_only_asked_gets_their_seat_and_nothing_else(house, rows):
    wrong = []
    for name, method, rights in rows:
        answer = asked_in_vain(house, "olga", name, method)
        got = outcome(answer)
        if name in ONESELF:
            right = got.replace("R", "o") == rights[1].replace("F", "o")  # an empty form is refused: they may send it
            if name == "desk:home":
                assert answer.headers["Location"] == reverse("desk:asked")
        elif rights[0] == "L":
            right = got in "FNL" and not re.search(rb"\b(Dana|Eva)\b", answer.content)
        else:
            right = got == rights[0]
        if not right:
            wrong.append((name, method, got, rights))
    assert not wrong


@pytest.mark.parametrize(
    "names", parts(sorted({n for n, m, _ in TABLE if m == "POST" and not n.startswith("api-v1:")} - UNCHECKED)),
    ids=lambda names: names[0],
)  # fmt: skip
def test_no_other_site_can_send_a_form_here(house, names):
    # A made up session is as good here: the token is asked for before anything else.
    got = {name: asked_in_vain(house, "frank", name, "POST", enforce_csrf_checks=True).status_code for name in names}
    assert not {name: status for name, status in got.items() if status not in (403, 404)}
    assert not Message.objects.filter(text="Hola").exists()


def test_no_program_is_let_in_by_a_browsers_cookie(house):
    client = Client()
    client.force_login(house.people["frank"], settings.AUTHENTICATION_BACKENDS[0])
    assert client.get(reverse("api-v1:me")).status_code == 401


def is_dressed(answer: HttpResponse) -> bool:
    """What may run is said, and the page stands in nobody's frame."""
    policy = answer.headers["Content-Security-Policy"]
    told = {part.strip() for part in policy.split(";")}  # in an order that each process chooses anew
    strict = {"frame-ancestors 'none'", "script-src 'self'", "object-src 'none'", "base-uri 'none'"}
    policed = "default-src 'none'" in told if "sandbox" in policy else strict <= told
    framed = answer.headers["X-Frame-Options"] == "DENY"
    return policed and framed and "unsafe" not in policy and answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_error_page_has_the_same_policy(house, monkeypatch):
    monkeypatch.setattr("netcenter.desk.views.desk_of", lambda _person: 1 / 0)
    client = Client(raise_request_exception=False)
    client.force_login(house.company.alice, settings.AUTHENTICATION_BACKENDS[0])
    for answer, status in ((client.get("/desk/"), 500), (client.get("/nowhere/"), 404)):
        assert answer.status_code == status and "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert b"ZeroDivisionError" not in answer.content


def test_who_was_dismissed_gets_nothing_at_all(house):
    Person.objects.filter(pk=house.people["frank"].pk).update(is_active=False)
    for name in ("desk:home", "setup:people", "api-v1:me", "boards:ledger", "mfa_index"):
        assert outcome(house.ask("frank", name, "GET")) == "L", name


def test_nobody_is_led_to_another_site(house):
    for there in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        client = Client()
        password = {"login": "alice@example.com", "password": "correct horse", "next": there}
        answers = [client.post(reverse("account_login"), password), client.post(reverse("account_login"), password)]
        answers.append(client.post(reverse("look:language"), {"language": "en", "next": there}))
        answers.append(Client().get("//evil.example/desk/"))
        for answer in answers:
            assert "evil" not in answer.headers.get("Location", "").partition("?")[0]
            assert not answer.headers.get("Location", "").startswith(("//", "javascript"))


def test_signing_in_makes_a_new_session_and_the_cookies_are_for_the_server_alone(house):
    client = Client()
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = 1
    session.save()
    before = session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = before
    client.post(reverse("account_login"), {"login": "alice@example.com", "password": "correct horse"})
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert client.session.session_key != before and "_auth_user_id" in client.session
    assert cookie["httponly"] and cookie["samesite"] == "Lax"


def test_who_guesses_passwords_is_soon_let_guess_no_more(house):
    cache.clear()
    client = Client()
    for _attempt in range(6):
        client.post(reverse("account_login"), {"login": "alice@example.com", "password": "wrong"})
    client.post(reverse("account_login"), {"login": "alice@example.com", "password": "correct horse"})
    assert "_auth_user_id" not in client.session
    cache.clear()


def test_a_host_that_is_not_ours_is_not_answered(house):
    assert Client(headers={"Host": "evil.example"}).get("/account/login/").status_code == 400
