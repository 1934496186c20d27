"""Kept words learn: which were used, how far they were changed, what followed, and which are offered first."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from netcenter.cases.models import Case, Message
from netcenter.desk import answering, queries
from netcenter.lib import clock
from netcenter.people.models import Person
from netcenter.protocols import learning
from netcenter.protocols.models import CannedAnswer, Use
from netcenter.protocols.rules import changed_by, followed_by, worth

KEPT = "Hola {{customer.first_name}}, abrimos de 9 a 13 todos los domingos."


@pytest.mark.parametrize(("sent", "at_least", "at_most"), [
    ("Hola Dana, abrimos de 9 a 13 todos los domingos.", 0.0, 0.0),
    ("Hola Dana, abrimos de 9 a 13 todos los domingos. ¡Te esperamos!", 0.0, 0.0),  # more is no change of it
    ("Hola Dana, abrimos de 9 a 14 todos los domingos.", 0.01, 0.2),
    ("Ese producto no lo vendemos.", 0.9, 1.0),
    ("", 1.0, 1.0),
])  # fmt: skip
def test_how_far_it_was_changed(sent, at_least, at_most):
    assert at_least <= changed_by(KEPT, sent) <= at_most


@pytest.mark.parametrize(("kind", "mood", "closed", "expected"), [
    ("thanks", "positive", False, "thanked"), ("praise", "positive", True, "thanked"),
    ("complaint", "negative", False, "angry"), ("question", "negative", False, "angry"),
    ("question", "neutral", False, "asked"), ("", "", True, "closed"), ("", "", False, ""),
])  # fmt: skip
def test_what_followed(kind, mood, closed, expected):
    assert followed_by(kind, mood, closed) == expected


def test_what_was_thanked_for_is_worth_more_and_few_uses_say_little():
    assert worth([]) == 0.5
    assert worth(["thanked"] * 10) > worth(["thanked"]) > worth(["closed"]) > 0.5 > worth(["asked"]) > worth(["angry"])
    assert worth(["thanked"], ["thanked"]) > worth(["thanked"])


def use(company, answer: CannedAnswer, by: str, sent: str, follows: str = "", kind: str = "") -> Message:
    now = clock.now()
    company.deliver(company.said("¿Abren el domingo?", by=by, at=now - timedelta(minutes=9)))
    case = Case.objects.select_related("account", "brand", "customer").get(customer__name=by.title())
    seen = Message.objects.get(case=case)
    said = answering.Answer(sent, str(uuid.uuid4()), seen.thread_id, seen.pk, used=f"a{answer.pk},nonsense,w9.1,a999")
    message = answering.send(case, said, company.alice, now - timedelta(minutes=5))
    if follows:
        company.deliver(company.said(follows, by=by, at=now, id=f"{by}-2"))
        Message.objects.get(case=case, external_id=f"{by}-2").reading.__class__.objects.filter(
            message__external_id=f"{by}-2"
        ).update(kind=kind, mood="negative" if kind == "complaint" else "positive")
    return message


@pytest.mark.django_db
def test_the_composer_offers_first_what_did_best_and_the_settings_tell_why(company):
    good = CannedAnswer.objects.create(name="Zeta", shortcut="zeta", texts={"es": KEPT})
    bad = CannedAnswer.objects.create(name="Alfa", shortcut="alfa", texts={"es": "Abrimos según el cartel del local."})
    use(company, good, "dana", "Hola Dana, abrimos de 9 a 13 todos los domingos.", "¡Mil gracias!", "thanks")
    use(company, bad, "eva", "Abrimos según el cartel del local.", "¿Y qué dice? Pésimo", "complaint")
    use(company, bad, "fede", "El domingo abrimos de 9 a 13, ¡te esperamos!")
    assert Use.objects.count() == 2, "what was written anew began from nothing"
    known = learning.records(clock.now())
    assert (known[good.pk].outcomes, known[bad.pk].outcomes) == (["thanked"], ["angry"])
    case = Case.objects.select_related("account", "brand", "customer").first()
    assert [one["shortcut"] for one in queries.canned(case, company.alice)] == ["zeta", "alfa"]
    Person.objects.update(language="en")
    client = Client()
    client.force_login(Person.objects.get(pk=company.charlie.pk))
    page = client.get(reverse("setup:answers")).content.decode()
    assert "Then thanked" in page and "judged by the customer" in page
