"""Inviting, changing and dismissing people."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import include, path, reverse

from netcenter.cases.models import Case
from netcenter.events.models import Event
from netcenter.lib.refused import Refused
from netcenter.people import staff
from netcenter.people.invitations import invited, token_of
from netcenter.people.models import Desk, Person, Skill, Team
from netcenter.routing.actions import take
from netcenter.routing.models import Offer
from netcenter.setup import joining
from netcenter.setup import urls as setup_urls
from netcenter.setup.joining import DEMO_PEOPLE
from netcenter.site import urls as site_urls
from tests.company import NOON

PASSWORD = "una frase bastante larga"


def values(company, **more):
    return {
        "name": "Eve Ruiz", "email": "eve@example.com", "role": "operator", "language": "es", "timezone": "UTC",
        "brands": [company.brand.pk], "teams": [Team.objects.get().pk],
        f"skill_{Skill.objects.get().pk}": "3", **more,
    }  # fmt: skip


def invitation(admin, company, **more):
    html = admin.post(reverse("setup:person_add"), values(company, **more)).content.decode()
    return re.search(r'value="[^"]*(/join/[^"]+)"', html)[1]


def test_somebody_is_invited_by_mail_and_by_a_link(admin, company):
    link = invitation(admin, company)
    eve = Person.objects.get(email="eve@example.com")
    assert not eve.has_usable_password()
    assert list(eve.brands.all()) == [company.brand] and eve.levels.get().level == 3
    assert Desk.objects.get(person=eve).capacity == 100
    assert mail.outbox[0].to == ["eve@example.com"] and link in mail.outbox[0].body
    assert "Panadería Aurora" in mail.outbox[0].subject and "Hola" in mail.outbox[0].body
    assert {"person.added", "person.invited"} <= set(Event.objects.values_list("kind", flat=True))


def test_without_a_mail_server_the_link_is_there_all_the_same(admin, company, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 2
    html = admin.post(reverse("setup:person_add"), values(company)).content.decode()
    assert "/join/" in html and "could not be mailed" in html


def test_the_invited_person_chooses_a_password_and_is_in(admin, company):
    link, stranger = invitation(admin, company), Client()
    assert "Eve" in stranger.get(link).content.decode()
    assert stranger.post(link, {"password": PASSWORD}).status_code == 302
    assert stranger.get(reverse("setup:profile")).status_code == 200
    assert Person.objects.get(email="eve@example.com").check_password(PASSWORD)


def test_an_invitation_works_once(admin, company):
    link = invitation(admin, company)
    Client().post(link, {"password": PASSWORD})
    assert Client().get(link).status_code == 410
    assert Client().post(link, {"password": "otra frase bastante larga"}).status_code == 410
    assert Person.objects.get(email="eve@example.com").check_password(PASSWORD)


@pytest.mark.parametrize("password", ["", "short", "1234567890", "eve@example.com"])
def test_a_weak_password_is_refused_in_words(admin, company, password):
    link = invitation(admin, company)
    answer = Client().post(link, {"password": password})
    assert answer.status_code == 422 and "field-error" in answer.content.decode()


@pytest.mark.parametrize("token", ["x", "a:b:c", "éé", "x" * 500])
def test_a_made_up_invitation_is_over(client, company, token):
    assert client.get(f"/join/{token}/").status_code == 410


def test_an_invitation_is_over_after_a_week(company, monkeypatch):
    token = token_of(company.alice)
    assert invited(token) == company.alice
    monkeypatch.setattr("netcenter.people.invitations.VALID", timedelta(seconds=-1))
    assert invited(token) is None


def test_an_invitation_dies_with_the_person_being_dismissed(company):
    token = token_of(company.alice)
    staff.deactivate(company.alice, NOON, "system")
    assert invited(token) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("email", "eve"), ("email", "alice@example.com"), ("email", "ALICE@example.com"), ("role", "king"),
     ("language", "xx"), ("timezone", "Nowhere"), ("brands", ["999"]), ("teams", ["x"])],
)  # fmt: skip
def test_what_is_wrong_is_said_and_invites_nobody(admin, company, field, value):
    answer = admin.post(reverse("setup:person_add"), values(company, **{field: value}))
    assert answer.status_code == 422 and "field-error" in answer.content.decode()
    assert Person.objects.count() == 3 and not mail.outbox


def test_a_level_that_does_not_exist_is_refused(admin, company):
    answer = admin.post(reverse("setup:person_add"), values(company, **{f"skill_{Skill.objects.get().pk}": "9"}))
    assert answer.status_code == 422


def test_changing_somebody_changes_only_them(admin, company):
    changed = values(company, name="Alice Ortega", email="alice@example.com", teams=[])
    admin.post(reverse("setup:person", args=[company.alice.pk]), changed)
    company.alice.refresh_from_db()
    assert company.alice.name == "Alice Ortega" and not company.alice.teams.exists()
    assert company.bob.teams.exists()


# --- Leaving ------------------------------------------------------------------------------------


def test_who_is_deactivated_is_signed_out_and_their_cases_ring_elsewhere(admin, company):
    company.deliver(company.said("Hola"))
    case = Case.objects.get()
    take(case.pk, company.alice, NOON)
    alice = Client()
    alice.post("/account/login/", {"login": "alice@example.com", "password": "correct horse"})
    assert alice.get(reverse("setup:profile")).status_code == 200
    admin.post(reverse("setup:person_switch", args=[company.alice.pk]), {"active": "no"})
    assert alice.get(reverse("setup:profile")).status_code == 302
    case.refresh_from_db()
    assert case.holder is None and not Offer.objects.filter(state__in=Offer.LIVE).exists()
    assert Desk.objects.get(person=company.alice).state == "offline"
    assert Person.objects.filter(pk=company.alice.pk, is_active=False).exists(), "never deleted"


def test_what_leaving_means_is_said_before(admin, company):
    company.deliver(company.said("Hola"))
    take(Case.objects.get().pk, company.alice, NOON)
    html = admin.get(reverse("setup:person", args=[company.alice.pk])).content.decode()
    assert "The 1 case they hold rings" in html


def test_who_left_is_taken_back(admin, company):
    switch = reverse("setup:person_switch", args=[company.alice.pk])
    admin.post(switch, {"active": "no"})
    admin.post(switch, {"active": "yes"})
    assert Person.objects.get(pk=company.alice.pk).is_active


def test_the_last_administrator_stays(admin, company):
    admin.post(reverse("setup:person_switch", args=[company.charlie.pk]), {"active": "no"})
    assert Person.objects.get(pk=company.charlie.pk).is_active
    demoted = values(company, name="Charlie", email="charlie@example.com", role="operator")
    answer = admin.post(reverse("setup:person", args=[company.charlie.pk]), demoted)
    assert answer.status_code == 422 and "administrator" in answer.content.decode()
    with pytest.raises(Refused):
        staff.deactivate(company.charlie, NOON, "system")


# --- Oneself, and the demo ----------------------------------------------------------------------


def test_one_chooses_ones_own_language_density_and_sound(client, company):
    client.force_login(company.alice)
    chosen = {"name": "Alice O.", "language": "pt-br", "timezone": "America/Bogota", "dense": "on"}
    answer = client.post(reverse("setup:profile"), chosen)
    company.alice.refresh_from_db()
    assert (company.alice.language, company.alice.dense, company.alice.sound) == ("pt-br", True, False)
    assert answer.cookies["density"].value == "dense"


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("language", "de"), ("timezone", "x")])
def test_a_wrong_profile_changes_nothing(client, company, field, value):
    client.force_login(company.alice)
    chosen = {"name": "Alice O.", "language": "en", "timezone": "UTC", field: value}
    assert client.post(reverse("setup:profile"), chosen).status_code == 422
    assert Person.objects.get(pk=company.alice.pk).name == "Alice"


def test_nobody_gives_themselves_a_role(client, company):
    client.force_login(company.alice)
    client.post(reverse("setup:profile"), {"name": "A", "language": "en", "timezone": "UTC", "role": "administrator"})
    assert Person.objects.get(pk=company.alice.pk).role == "operator"


def test_outside_the_demo_nobody_signs_in_without_a_password(client, company):
    Person.objects.filter(pk=company.alice.pk).update(email=f"alice{DEMO_PEOPLE}")
    assert client.post(f"/demo/sign-in/{company.alice.pk}/").status_code == 404
    assert client.get("/demo/").status_code == 404


@pytest.fixture
def demo(settings):
    """The demo's addresses, which are routed only there."""
    routes = [path("demo/", joining.demo, name="demo"), path("demo/sign-in/<int:pk>/", joining.demo_sign_in,
                                                             name="demo_sign_in")]  # fmt: skip

    class Root:
        urlpatterns = [path("", include(([*setup_urls.urlpatterns, *routes], "setup"))), *site_urls.urlpatterns]

    settings.DEMO, settings.ROOT_URLCONF = True, Root


def test_in_the_demo_one_click_signs_in_and_makes_available(client, company, demo):
    Person.objects.filter(pk=company.alice.pk).update(email=f"alice{DEMO_PEOPLE}")
    html = client.get("/demo/").content.decode()
    assert "Alice" in html and "Bob" not in html
    client.post(f"/demo/sign-in/{company.alice.pk}/")
    assert client.get("/settings/profile/").status_code == 200
    assert Desk.objects.get(person=company.alice).state == "available"


def test_the_demo_lets_nobody_in_as_a_real_person(client, company, demo):
    assert client.post(f"/demo/sign-in/{company.bob.pk}/").status_code == 404
    assert client.get(f"/demo/sign-in/{company.bob.pk}/").status_code == 405
