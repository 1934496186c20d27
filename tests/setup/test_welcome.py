"""The first run."""

import threading

import pytest
from django.db import connection
from django.urls import reverse

from netcenter.accounts.models import Brand, Organisation
from netcenter.events.models import Event
from netcenter.lib.refused import Refused
from netcenter.people.models import Person, Skill, Team
from netcenter.protocols.models import Protocol
from netcenter.routing.models import Queue
from netcenter.setup import latch
from netcenter.setup.actions import Beginning, begin
from netcenter.standards.models import Calendar, Standard
from tests.company import NOON

GOOD = {
    "organisation": "Panadería Aurora", "language": "pt-br", "timezone": "America/Sao_Paulo", "country": "BR",
    "name": "Charlie Duarte", "email": "Charlie@Example.com", "password": "una frase bastante larga",
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/settings/", "/ledger/", "/account/login/", "/settings/accounts/"])
def test_on_an_empty_house_every_page_leads_to_the_first_run(client, path):
    answer = client.get(path)
    assert answer.status_code == 302 and answer["Location"] == reverse("setup:welcome")


@pytest.mark.django_db
def test_the_first_run_makes_a_house_one_can_work_in(client):
    answer = client.post(reverse("setup:welcome"), GOOD)
    assert answer["Location"] == reverse("setup:account_choose")
    person = Person.objects.get()
    assert (person.email, person.role, person.timezone) == ("charlie@example.com", "administrator", "America/Sao_Paulo")
    assert Organisation.objects.get().name == "Panadería Aurora"
    brand = Brand.objects.get()
    assert brand.language == "pt" and list(brand.people.all()) == [person]
    assert Queue.objects.get().brand == brand
    assert list(Team.objects.get().members.all()) == [person]
    assert set(Skill.objects.values_list("code", flat=True)) == {"language:es", "language:en", "language:pt"}
    assert Standard.objects.filter(kind="complaint", minutes=60).exists()
    assert Calendar.objects.get(always=False).country == "BR"
    assert client.get(answer["Location"]).status_code == 200, "signed in"
    assert Event.objects.filter(kind="organisation.founded").count() == 1


@pytest.mark.django_db
def test_a_manual_comes_along_when_the_kind_of_company_is_said(client):
    client.post("/welcome/", GOOD | {"manual": "restaurant"})
    assert Protocol.objects.filter(came_from__startswith="restaurant/").count() == 4
    assert Protocol.objects.get(came_from="common/praise").name == "Elogio"


@pytest.mark.django_db
def test_what_it_makes_is_named_in_the_language_that_was_chosen(client):
    client.post(reverse("setup:welcome"), GOOD)
    assert Team.objects.get().name == "Atendimento ao cliente"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [("organisation", ""), ("organisation", "x" * 81), ("language", "tlh"), ("timezone", "Mars/Olympus"),
     ("country", "ZZ"), ("name", " "), ("email", "charlie"), ("email", ""), ("password", "short"),
     ("password", "password123"), ("password", "charlie@example.com")],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field_and_makes_nothing(client, field, value):
    answer = client.post(reverse("setup:welcome"), {**GOOD, field: value})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "field-error" in html and "una frase bastante larga" not in html
    assert not Organisation.objects.exists() and not Person.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["charlie duarte", "Charlie@Example.com"])
def test_a_password_like_its_person_is_refused_in_the_words_of_the_page(client, password):
    html = client.post(reverse("setup:welcome"), {**GOOD, "password": password}).content.decode()
    assert "La contraseña se parece demasiado al nombre o al correo electrónico." in html


def test_the_first_run_is_over_once_there_is_an_organisation(client, company):
    assert client.get(reverse("setup:welcome")).status_code == 302
    client.post(reverse("setup:welcome"), GOOD)
    assert Organisation.objects.count() == 1
    assert not Person.objects.filter(role="administrator").exists()


@pytest.mark.django_db
def test_who_comes_second_makes_nothing():
    begin(Beginning(**GOOD), NOON)
    with pytest.raises(Refused) as refused:
        begin(Beginning(**{**GOOD, "organisation": "Otra", "email": "eve@example.com"}), NOON)
    assert refused.value.code == "founded"
    assert Person.objects.count() == Brand.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_a_race_of_two_first_runs_one_wins():
    gate, outcomes = threading.Barrier(2), []

    def run(email: str) -> None:
        gate.wait()
        try:
            begin(Beginning(**{**GOOD, "email": email}), NOON)
            outcomes.append("began")
        except Refused as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    racers = [threading.Thread(target=run, args=(f"{name}@example.com",)) for name in ("alice", "bob")]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(30)
    assert sorted(outcomes) == ["began", "founded"]
    assert Organisation.objects.count() == Person.objects.count() == Team.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"), [("es", "Su organización"), ("en", "Your organisation"), ("pt-br", "Sua organização")]
)
def test_a_stranger_chooses_the_language(client, language, words):
    client.post(reverse("look:language"), {"language": language, "next": "/welcome/"})
    assert words in client.get(reverse("setup:welcome")).content.decode()


AFAR = [
    {"REMOTE_ADDR": "203.0.113.9"},
    {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"},  # a proxy here speaks for the whole world
    {"REMOTE_ADDR": "not an address"},
]


@pytest.mark.django_db
@pytest.mark.parametrize("afar", AFAR)
def test_nobody_from_elsewhere_founds_the_house_without_its_code(client, afar):
    for answer in (
        client.get(reverse("setup:welcome"), **afar),
        client.get(reverse("setup:welcome"), {"code": "0" * 24}, **afar),
        client.get(reverse("setup:welcome"), {"code": "ñ"}, **afar),
        client.post(reverse("setup:welcome"), GOOD, **afar),
    ):
        assert answer.status_code == 403
        assert latch.code() not in answer.content.decode()
    assert not Organisation.objects.exists()


@pytest.mark.django_db
def test_behind_a_public_address_even_the_machine_itself_is_asked_for_the_code(client, settings):
    settings.PUBLIC_URL = "https://desk.example.com"  # a proxy that tells nothing looks like the machine itself
    assert client.post(reverse("setup:welcome"), GOOD).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("afar", AFAR)
def test_the_link_of_the_console_opens_the_first_run_from_anywhere(client, afar):
    link = latch.link("0.0.0.0", 8000)
    answer = client.get(reverse("setup:welcome"), {"code": link.partition("?code=")[2]}, **afar)
    assert answer["Location"] == reverse("setup:welcome")
    assert client.get(reverse("setup:welcome"), **afar).status_code == 200
    client.post(reverse("setup:welcome"), GOOD, **afar)
    assert Person.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("host", "public", "begins"),
    [("127.0.0.1", "http://127.0.0.1:8000", None), ("::1", "http://localhost:8000", None),
     ("0.0.0.0", "http://127.0.0.1:8000", "http://127.0.0.1:81/welcome/?code="),
     ("127.0.0.1", "https://desk.example.com", "https://desk.example.com/welcome/?code=")],
)  # fmt: skip
def test_the_console_prints_the_link_only_where_somebody_else_can_come(settings, host, public, begins):
    settings.PUBLIC_URL = public
    settings.ALLOWED_HOSTS = [public.split("/")[2].partition(":")[0], "localhost", "127.0.0.1", "[::1]"]
    link = latch.link(host, 81)
    assert link is None if begins is None else link.startswith(begins)
    Organisation.objects.create(name="Aurora")
    assert latch.link(host, 81) is None
