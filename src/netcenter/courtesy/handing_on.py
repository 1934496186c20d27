"""Handing on: the words that ask a customer to wait, the mails to whoever is asked, and the reminders that climb."""

import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from netcenter.cases.models import Case, Message
from netcenter.courtesy import alarms
from netcenter.lib import clock
from netcenter.lib.loops import Loop
from netcenter.look.formats import moment
from netcenter.people import letters
from netcenter.people.areas import TOPIC
from netcenter.people.models import Letter, Person
from netcenter.people.zones import zone_of
from netcenter.protocols.queries import fill
from netcenter.routing.asked import token_of
from netcenter.routing.models import Queue, Referral
from netcenter.routing.referrals import remind

log = logging.getLogger(__name__)

ASKS = {"asked", "climbed", "reminded"}  # letters that are needless once it is over or somebody else's
LONGEST = 30.0  # seconds without looking
SCREEN = {"pt": "pt-br"}  # the house's own name for a customer's language


def holding_words(case: Case, operator: Person) -> str:
    """What is proposed to tell the customer, in their language and as their brand says it; "" when it was said already
    or when they only praise.
    """
    since = case.waiting_since
    said = Message.objects.filter(case=case, automatic="holding", sent_at__gte=since) if since else None
    if case.kind in ("praise", "thanks") or (said is not None and said.exists()):
        return ""
    language = case.language or case.brand.language
    own = Queue.objects.filter(brand=case.brand_id).values_list("texts", flat=True).first() or {}
    text = (own.get("holding") or {}).get(language, "")
    if not text:
        with translation.override(SCREEN.get(language, language)):
            text = _("Thank you for writing. I have passed your message to the person responsible, and we will answer "
                     "you here.")  # fmt: skip
    name = case.customer.name
    return fill(text, {
        "customer.name": name, "customer.first_name": name.split(" ")[0], "operator.name": operator.name,
        "operator.first_name": operator.first_name, "brand.name": case.brand.name, "case.id": str(case.pk),
    })  # fmt: skip


# --- The mails --------------------------------------------------------------------------------------------------------


def send_letters(now: datetime) -> datetime | None:
    """Send what is due, each outside any transaction; returns when to look again."""
    for letter in letters.claim(now):
        try:
            composed = alarms.compose(letter) if letter.kind == alarms.KIND else compose(letter)
            if composed is None:
                letters.needless(letter)
                continue
            send_mail(*composed, None, [letter.person.email])
        except OSError as error:  # smtplib's errors are OSErrors too
            word = "later" if letters.went_wrong(letter, error, clock.now()) else "given up"
            log.warning("a mail to person %s could not be sent (%s): %s", letter.person_id, word, error)
        else:
            letters.sent(letter, clock.now())
    return letters.next_due()


def compose(letter: Letter) -> tuple[str, str] | None:
    """Subject and body in the reader's language and time; None when it has nothing to say any more."""
    known = Referral.objects.select_related("owner", "operator", "area", "case__brand")
    referral = known.filter(pk=letter.data.get("referral")).first()
    person = letter.person
    if referral is None or not person.is_active:
        return None
    if letter.kind in ASKS and (referral.ended_at is not None or referral.owner_id != person.pk):
        return None
    with translation.override(person.language), timezone.override(zone_of(person)):
        words: dict[str, Any] = {
            "kind": letter.kind, "person": person, "referral": referral, "until": moment(referral.due_at),
            "link": settings.PUBLIC_URL + reverse("desk:asked_link", args=[token_of(referral, person)]),
        }  # fmt: skip
        subject = _subjects()[letter.kind] % {
            "operator": referral.operator.name, "owner": referral.owner.name, "area": referral.area.name,
            "case": referral.case_id,
        }  # fmt: skip
        return " ".join(subject.split()), render_to_string("courtesy/asked.txt", words)


def _subjects() -> dict[str, str]:
    return {
        "asked": _("%(operator)s asks you about case %(case)d (%(area)s)"),
        "climbed": _("Case %(case)d (%(area)s) is yours now"),
        "reminded": _("Case %(case)d (%(area)s) still waits for you"),
        "passed_on": _("Case %(case)d (%(area)s) is with %(owner)s now"),
        "taken_back": _("Case %(case)d (%(area)s) no longer needs you"),
    }


# --- What runs by itself ----------------------------------------------------------------------------------------------


def _remind() -> float:
    return _pause(remind(clock.now()))


def _send() -> float:
    return _pause(send_letters(clock.now()))


def _pause(due: datetime | None) -> float:
    return LONGEST if due is None else min(LONGEST, max(0.0, (due - clock.now()).total_seconds()))


LOOPS = [
    Loop("courtesy.remind", _remind, topics=(TOPIC, "people"), every=LONGEST),
    Loop("courtesy.letters", _send, topics=(letters.TOPIC,), every=LONGEST),
]
