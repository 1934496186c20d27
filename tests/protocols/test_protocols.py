"""Writing protocols down, following them in a case, and the desk that shows them."""

import json
import uuid
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from netcenter import flow, judging, situations
from netcenter.cases.models import Case, Message
from netcenter.events.models import Event
from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.outbox.actions import Reply
from netcenter.people.models import Person
from netcenter.protocols import following, writing
from netcenter.protocols.content import Content, Step, Words
from netcenter.protocols.known import switched_on
from netcenter.protocols.manuals import MANUALS, manual
from netcenter.protocols.models import Followed, Protocol, Tick, Version
from netcenter.protocols.rules import Condition
from netcenter.protocols.writing import Written
from netcenter.routing import crises
from netcenter.routing.models import Queue

pytestmark = pytest.mark.django_db
LATE = Content(
    {"es": "Pedido demorado", "en": "Late order"}, Condition(kinds=("complaint", "claim"), words=("no llego",)),
    (Step("look", {"es": "Buscar el pedido", "en": "Find the order"}), Step("say", {"en": "Say when"})),
    (Words({"en": "Delay"}, {"es": "Hola {{customer.first_name}}, llega {{cuándo}}.", "en": "Hi, {{when}}."}),),
    never=("culpa del correo",),
)  # fmt: skip


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def late(company) -> Protocol:
    return writing.save_protocol(None, Written(LATE, "en"), company.charlie, clock.now())


@pytest.fixture
def case(company) -> Case:
    company.deliver(company.said("Mi pedido no llegó, estoy furiosa, es una vergüenza", at=clock.now()))
    found = Case.objects.select_related("account", "brand", "customer").get()
    Case.objects.update(kind="complaint", language="es")
    found.refresh_from_db()
    return found


def at(person: Person) -> Client:
    Person.objects.update(language="en")
    client = Client(headers={"HX-Request": "true"})
    client.force_login(Person.objects.get(pk=person.pk))
    return client


def test_each_change_is_a_version_and_the_old_ones_stay(company, late):
    changed = replace(LATE, titles={"en": "Order that is late"})
    writing.save_protocol(late, Written(changed, "en", seen=1), company.charlie, clock.now())
    late.refresh_from_db()
    assert (late.number, late.name, Version.objects.count()) == (2, "Order that is late", 2)
    assert [p.content.titles["en"] for p in switched_on()] == ["Order that is late"]
    writing.bring_back(late, 1, company.charlie, clock.now())
    assert [(p.number, p.content.titles["en"]) for p in switched_on()] == [(3, "Late order")]
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.create(protocol=late, number=3, content={}, at=clock.now())


def test_two_who_change_it_at_once_do_not_overwrite_each_other(company, late):
    writing.save_protocol(late, Written(LATE, "en", seen=1), company.charlie, clock.now())
    with pytest.raises(Refused, match="meanwhile"):
        writing.save_protocol(late, Written(LATE, "en", seen=1), company.charlie, clock.now())


def test_one_without_a_condition_is_refused(company):
    with pytest.raises(Refused, match="everything"):
        writing.save_protocol(None, Written(replace(LATE, when=Condition()), "en"), company.charlie, clock.now())


def test_a_manual_is_installed_once_and_keeps_what_was_changed(company):
    for name in MANUALS:
        assert writing.install(manual(name), company.charlie, clock.now()) == len(manual(name))
    assert writing.install(manual("retail"), company.charlie, clock.now()) == 0
    gone = Protocol.objects.get(came_from="retail/return")
    writing.remove_protocol(gone, company.charlie, clock.now())
    assert "retail/return" not in {p.name for p in switched_on()} and gone.pk not in {p.pk for p in switched_on()}
    assert writing.install(manual("retail"), company.charlie, clock.now()) == 1, "what was removed can be had again"


def test_the_case_shows_the_one_that_fits_and_keeps_it_once_a_step_is_ticked(company, late, case):
    shown = situations.protocol_of(case)
    assert (shown.shown.pk, shown.is_chosen, shown.done) == (late.pk, False, 0)
    following.tick(case, late.pk, 1, "look", company.alice, clock.now())
    following.tick(case, late.pk, 1, "look", company.bob, clock.now())  # twice is once
    Case.objects.update(kind="praise")
    case.refresh_from_db()
    shown = situations.protocol_of(case)
    assert (shown.shown.pk, shown.is_chosen, shown.done) == (late.pk, True, 1)
    assert Tick.objects.get().by == company.alice
    kinds = list(Event.objects.filter(kind__startswith="protocol.", case_id=case.pk).values_list("kind", flat=True))
    assert sorted(kinds) == ["protocol.followed", "protocol.ticked"]
    following.tick(case, late.pk, 1, "look", company.alice, clock.now(), done=False)
    assert not Tick.objects.exists() and Followed.objects.exists()


def test_a_case_goes_on_with_the_version_that_it_began_with(company, late, case):
    following.tick(case, late.pk, 1, "look", company.alice, clock.now())
    other = replace(LATE, steps=(Step("new", {"en": "Something else"}),))
    writing.save_protocol(late, Written(other, "en", seen=1), company.charlie, clock.now())
    assert [s.key for s in situations.protocol_of(case).shown.content.steps] == ["look", "say"]
    following.tick(case, late.pk, 1, "say", company.alice, clock.now())
    with pytest.raises(Refused, match="changed"):
        following.tick(case, late.pk, 1, "new", company.alice, clock.now())


def test_another_brands_protocol_is_not_followed(company, case, late):
    other = Protocol.objects.get()
    other.brand = type(company.brand).objects.create(name="Borealis")
    other.save()
    assert situations.protocol_of(case).shown is None
    with pytest.raises(Refused):
        following.chosen(late.pk, case.brand_id)
    with pytest.raises(Refused):
        following.tick(case, late.pk, 1, "look", company.alice, clock.now())


def test_what_is_never_said_does_not_leave(company, late, case):
    thread = Message.objects.get().thread_id

    def reply(text: str, overrule: str = "") -> Message:
        told = Reply(text, str(uuid.uuid4()), thread, None)
        return flow.answer(case, told, company.alice, clock.now(), overrule=overrule)

    bad = "Hola Dana, te pedimos disculpas. Es culpa del correo: llega mañana a las 10."
    with pytest.raises(Refused) as refused:
        reply(bad)
    assert "never_said" in {f.rule for f in refused.value.data["findings"]}
    assert reply(bad, "El correo lo reconoció en público").pk
    assert "never_said" in Event.objects.get(kind="guard.overruled").data["rules"]


def test_only_a_warning_where_the_protocol_says_so(company, late, case):
    writing.save_protocol(late, Written(replace(LATE, never_grade="warn"), "en", seen=1), company.charlie, clock.now())
    thread = Message.objects.get().thread_id
    found = judging.findings(case, thread, "Fue culpa del correo, disculpas.", company.alice)
    assert {f.severity for f in found if f.rule == "never_said"} == {"warn"}


def test_in_a_crisis_its_protocol_comes_first(company, late, case):
    writing.install(manual("common"), company.charlie, clock.now())
    crises.declare(Queue.objects.get(), 3, "Un incendio", clock.now(), company.charlie)
    assert Protocol.objects.get(pk=situations.protocol_of(case).shown.pk).came_from == "common/crisis"


def test_a_preview_tells_which_past_cases_it_would_have_fitted(company, case):
    company.deliver(company.said("¡Excelente todo, gracias!", by="eva", at=clock.now()))
    found, looked_at = situations.tried(LATE, None, clock.now())
    assert ([c.pk for c in found], looked_at) == ([case.pk], 2)


def test_the_desk_shows_steps_in_my_language_and_words_in_theirs(company, late, case):
    client = at(company.alice)
    page = client.get(reverse("desk:protocol", args=[case.pk])).content.decode()
    assert "Late order" in page and "Find the order" in page and "Hola Dana, llega {{cuándo}}." in page
    told = {"protocol": late.pk, "version": 1, "step": "look", "done": "yes"}
    answer = client.post(reverse("desk:tick", args=[case.pk]), told)
    assert f"protocol:{case.pk}" in json.loads(answer["HX-Trigger"])["desk:changed"]["topics"]
    assert 'aria-checked="true"' in client.get(reverse("desk:side", args=[case.pk])).content.decode()
    words = client.get(reverse("desk:answers", args=[case.pk])).json()["words"]
    assert [w["text"] for w in words] == ["Hola Dana, llega {{cuándo}}."]
    assert client.post(reverse("desk:tick", args=[case.pk]), told | {"step": "none"}).status_code == 422
    assert client.post(reverse("desk:follow", args=[case.pk]), {"protocol": "x"}).status_code == 422
    assert "follows the protocol: Late order" in client.get(reverse("desk:story", args=[case.pk])).content.decode()
