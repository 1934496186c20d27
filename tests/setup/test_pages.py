"""Every settings page: who may open it, in which language, within which policy."""

import re

import pytest
from django.urls import reverse

from netcenter.people.models import Skill, Team
from netcenter.protocols.models import CannedAnswer
from netcenter.standards.models import Calendar, Standard

ADMINISTRATORS = [
    "organisation", "brands", "brand_add", "brand", "accounts", "account_choose", "account_add", "account",
    "people", "person_add", "person",
]  # fmt: skip
SUPERVISORS = [
    "teams", "team_add", "team", "skills", "skill_add", "skill", "standards", "standard_add", "standard",
    "calendar_add", "calendar", "answers", "answer_add", "answer", "queues", "queue", "queue_waits",
]  # fmt: skip
POSTS = [
    "brand_consequences", "account_switch", "account_test", "person_invite", "person_switch", "team_remove",
    "skill_remove", "standard_remove", "calendar_remove", "calendar_preview", "answer_remove", "answer_preview",
    "queue_preview",
]  # fmt: skip
# headed by a name
OWN_NAMES = ["brand", "queue", "account", "person", "team", "skill", "calendar", "answer", "account_add"]
OFFENCES = [r"<[^>]+\sstyle=", r"<script(?![^>]*\bsrc=)", r"<[^>]+\son\w+=", "hx-on"]


@pytest.fixture
def path(company):
    answer = CannedAnswer.objects.create(name="Horario", shortcut="horario", texts={"es": "Hola {{customer.name}}"})
    pks = {
        "brand": company.brand.pk, "queue": company.brand.pk, "account": company.api.pk, "person": company.alice.pk,
        "team": Team.objects.get().pk, "skill": Skill.objects.get().pk, "standard": Standard.objects.first().pk,
        "calendar": Calendar.objects.get().pk, "answer": answer.pk,
    }  # fmt: skip

    def of(name: str) -> str:
        noun, _, verb = name.partition("_")
        if name == "account_add":
            return reverse("setup:account_add", args=["email"])
        one = name == "queue_preview" or (noun in pks and verb not in ("add", "choose", "preview"))
        return reverse(f"setup:{name}", args=[pks[noun]] if one else [])

    return of


@pytest.mark.parametrize("name", [*ADMINISTRATORS, *SUPERVISORS])
def test_an_administrator_opens_every_page_within_the_policy(admin, path, name):
    answer = admin.get(path(name))
    assert answer.status_code == 200
    html = answer.content.decode()
    assert not [offence for offence in OFFENCES if re.search(offence, html)]
    ids = re.findall(r'\sid="([\w-]+)"', html)
    assert len(ids) == len(set(ids)), "an id stands twice"


@pytest.mark.parametrize("name", [*ADMINISTRATORS, *SUPERVISORS])
def test_every_page_speaks_every_language(admin, company, path, name):
    titles = set()
    for language in ("es", "en", "pt-br"):
        company.charlie.language = language
        company.charlie.save()
        html = admin.get(path(name)).content.decode()
        assert f'<html lang="{language}"' in html
        titles.add(re.search(r"<title>(.*?)</title>", html)[1])
    assert len(titles) >= 2 or name in OWN_NAMES


@pytest.mark.parametrize("name", ADMINISTRATORS)
def test_a_supervisor_does_not_open_what_administrators_do(supervisor, path, name):
    assert supervisor.get(path(name)).status_code == 403


@pytest.mark.parametrize("name", SUPERVISORS)
def test_a_supervisor_opens_the_standards_and_the_words(supervisor, path, name):
    assert supervisor.get(path(name)).status_code == 200


@pytest.mark.parametrize("name", [*ADMINISTRATORS, *SUPERVISORS])
def test_an_operator_opens_none_of_them(client, company, path, name):
    client.force_login(company.alice)
    assert client.get(path(name)).status_code == 403


@pytest.mark.parametrize("name", POSTS)
def test_an_operator_does_none_of_it(client, company, path, name):
    client.force_login(company.alice)
    assert client.post(path(name)).status_code == 403


@pytest.mark.parametrize("name", POSTS)
def test_looking_changes_nothing(admin, path, name):
    assert admin.get(path(name)).status_code == 405


@pytest.mark.parametrize("name", [*ADMINISTRATORS, *SUPERVISORS, "profile", "home"])
def test_a_stranger_is_asked_to_sign_in(client, path, name):
    answer = client.get(path(name))
    assert answer.status_code == 302 and answer["Location"].startswith("/account/login/")


def test_settings_begin_where_one_may_go(client, company):
    for person, page in ((company.alice, "profile"), (company.charlie, "standards")):
        client.force_login(person)
        assert client.get(reverse("setup:home"))["Location"] == reverse(f"setup:{page}")


def test_the_navigation_shows_only_what_one_may_open(supervisor, company):
    html = supervisor.get(reverse("setup:standards")).content.decode()
    assert reverse("setup:teams") in html and reverse("setup:people") not in html
