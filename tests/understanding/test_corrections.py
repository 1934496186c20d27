"""What people correct, what is learned from it, and what reads with it once it is switched on."""

from datetime import timedelta

import pytest
from django.urls import reverse

from netcenter.cases.models import Case, Message
from netcenter.events.models import Event
from netcenter.lib.refused import Refused
from netcenter.understanding import teaching
from netcenter.understanding.actions import correct, read
from netcenter.understanding.models import Correction, Layer, Reading
from tests.company import NOON, Company

pytestmark = pytest.mark.django_db
SWEETS = ("torta", "tarta", "budín", "pastel", "rosca", "alfajores", "bombones", "galletas", "flan", "helado", "turrón")


def wrote(company: Company, text: str) -> Message:
    company.deliver(company.said(text))
    return Message.objects.latest("pk")


def test_a_correction_changes_the_reading_and_its_case_and_is_on_record(company):
    message = wrote(company, "Muchas gracias por todo")
    correct(message.case, message.pk, "complaint", NOON, company.bob.actor)
    correct(message.case, message.pk, "claim", NOON, company.bob.actor)
    reading = Reading.objects.get()
    assert (reading.kind, reading.corrected_by) == ("claim", company.bob.actor)
    assert Case.objects.get().kind == "claim"
    kept = Correction.objects.get()
    assert (kept.was, kept.now) == ("thanks", "claim")  # what the engine read, not what was said in between
    assert Event.objects.filter(kind="reading.corrected").count() == 2


@pytest.mark.parametrize("kind", ["", "nonsense"])
def test_what_is_no_kind_is_refused(company, kind):
    message = wrote(company, "Hola")
    with pytest.raises(Refused):
        correct(message.case, message.pk, kind, NOON, "x")
    with pytest.raises(Refused):
        correct(message.case, message.pk + 1, "praise", NOON, "x")


def test_the_desk_corrects_by_one_press(company, client):
    message = wrote(company, "Muchas gracias por todo")
    client.force_login(company.bob, "allauth.account.auth_backends.AuthenticationBackend")
    side = client.get(reverse("desk:side", args=[message.case_id])).content.decode()
    assert side.count('name="kind"') == 9 and 'data-key="9"' in side
    there = reverse("desk:correct", args=[message.case_id])
    assert client.post(there, {"message": message.pk, "kind": "question"}).status_code == 204
    assert Reading.objects.get().kind == "question"
    assert client.post(there, {"message": "x", "kind": "question"}).status_code == 422


def corrected(company: Company) -> None:
    """Enough messages that the engine takes for something else, and that are questions here."""
    for n, sweet in enumerate(SWEETS * 2):
        company.deliver(company.said(f"{sweet} para el sábado {n}", by=f"c{n}", at=NOON + timedelta(minutes=n)))
    for message in Message.objects.all():
        correct(message.case, message.pk, "question", NOON, "person:1")


def test_it_learns_once_a_day_and_reads_with_it_only_when_switched_on(company):
    corrected(company)
    teaching.learn_what_is_asked(NOON)
    layer = Layer.objects.get()
    assert not layer.is_on and layer.effect["after"] > layer.effect["before"]
    text = "torta grande para el sábado"
    (before,) = read([text])
    teaching.switch(layer.pk, True, NOON, company.charlie.actor)
    (after,) = read([text])
    assert (
        after.kind == "question" and after.probabilities["kind"]["question"] > before.probabilities["kind"]["question"]
    )
    assert after.engine.endswith("+own") and not before.engine.endswith("+own")
    teaching.learn_what_is_asked(NOON + timedelta(hours=1))
    assert Layer.objects.count() == 1  # nothing new to learn from
    teaching.switch(layer.pk, False, NOON, company.charlie.actor)
    assert read([text])[0].probabilities == before.probabilities


def test_too_little_teaches_nothing(company):
    teaching.learn_what_is_asked(NOON)
    assert not Layer.objects.exists()
    for what in Layer.What:
        with pytest.raises(Refused):
            teaching.ask(what, NOON, "x")


def test_topics_are_told_learned_and_switched_on(company):
    bread = [f"pan {word}" for word in ("duro", "fresco", "de campo", "sin sal")]
    bikes = [f"bici {word}" for word in ("rota", "nueva", "de montaña", "sin freno")]
    assert teaching.add_examples(bread + bikes + bread, ["pan"] * 4 + ["bicis"] * 4 + ["pan"] * 4, NOON, "x") == 8
    assert [(t["topic"], t["count"]) for t in teaching.topics()] == [("bicis", 4), ("pan", 4)]
    teaching.ask(Layer.What.TOPICS, NOON, "x")
    teaching.ask(Layer.What.TOPICS, NOON, "x")
    teaching.learn_what_is_asked(NOON)
    layer = Layer.objects.get()
    assert layer.effect["judged"] == 8
    assert "pan" not in read(["pan viejo"])[0].probabilities["topic"]
    teaching.switch(layer.pk, True, NOON, "x")
    topic = read(["pan viejo"])[0].probabilities["topic"]
    assert max(topic, key=topic.get) == "pan"
    assert teaching.forget_topic("pan", NOON, "x") == 4
