"""The wizard: steps, signing in at a network and back through one address, the choice of what to connect."""

import html
import json
import re
from datetime import timedelta
from unittest.mock import Mock
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from netcenter.accounts.models import Account, Health
from netcenter.accounts.queries import connection_of
from netcenter.channels.contract import (
    Bucket,
    ChannelError,
    Check,
    Consent,
    Field,
    Grant,
    Right,
    Step,
    checks_of,
)
from netcenter.channels.registry import channel
from netcenter.intake.models import Proof
from netcenter.lib import clock
from netcenter.people.models import Person
from netcenter.setup.connection_form import ConnectionForm
from tests.company import NOON

STEPS = (
    Step(
        "Make an app", "Press the green button.", "https://toy.example/apps", copy=("redirect", "hook"),
        fields=("app_secret",),
    ),
    Step("Sign in", consent=True),
)  # fmt: skip
GRANTS = (
    Grant({"token": "t-1"}, {"page": "1"}, NOON + timedelta(days=60), "page-1", "Panadería"),
    Grant({"token": "t-2"}, {"page": "2"}, None, "page-2", "Pastelería"),
)


@pytest.fixture
def network(monkeypatch):
    """The api channel as a network where one signs in."""
    kind, seen = type(channel("api")), {}

    def authorize(self, wire, redirect_uri, state):
        seen.update(redirect=redirect_uri, state=state, secret=wire.secrets.get("app_secret"))
        return Consent(f"https://toy.example/consent?state={state}", {"verifier": "v-1"})

    def exchange(self, wire, told, redirect_uri, keep):
        seen.update(code=told["code"], keep=dict(keep), back=redirect_uri, again=wire.secrets.get("app_secret"))
        if told["code"] == "bad":
            raise ChannelError("the code is over", permanent=True)
        return GRANTS

    fields = (Field("app_secret", "App secret", kind="secret", secret=True),)
    for name, value in {"authorize": authorize, "exchange": exchange, "steps": STEPS, "fields": fields}.items():
        monkeypatch.setattr(kind, name, value)
    return seen


def begin(admin, company):
    url = reverse("setup:account_add", args=["api"])
    answer = admin.post(url, {"name": "Toy", "brand": company.brand.pk, "app_secret": "s-3"})
    return state_of(answer)


def state_of(answer):
    """Of the page that leads to the network: a redirect would be blocked by the browser (form-action)."""
    assert answer.status_code == 200, answer.content
    (there,) = re.findall(r'http-equiv="refresh" content="0; url=([^"]*)"', answer.content.decode())
    assert there.startswith("https://toy.example/consent") and f'href="{there}"' in answer.content.decode()
    return parse_qs(urlsplit(html.unescape(there)).query)["state"][0]


def back(admin, **told):
    return admin.get(reverse("setup:account_back"), told)


def test_the_wizard_says_what_to_click_copy_and_fill_in(admin, company, network):
    page = admin.get(reverse("setup:account_add", args=["api"])).content.decode()
    for words in (
        "Make an app",
        "Press the green button.",
        "https://toy.example/apps",
        "Go and sign in",
        'name="app_secret"',
    ):
        assert words in page
    assert reverse("setup:account_back") in page


def test_signing_in_gives_a_choice_and_each_becomes_an_account(admin, company, network):
    state = begin(admin, company)
    assert (network["secret"], network["redirect"]) == ("s-3", network["redirect"])
    assert not Account.objects.filter(name="Toy").exists(), "nothing is connected before"
    answer = back(admin, state=state, code="c-1")
    assert answer["Location"] == reverse("setup:account_grants")
    assert (network["keep"], network["again"], network["back"]) == ({"verifier": "v-1"}, "s-3", network["redirect"])
    page = admin.get(answer["Location"]).content.decode()
    assert "Panadería" in page and "t-1" not in page
    assert "t-1" not in json.dumps(dict(admin.session.items())), "it lies sealed"
    done = admin.post(reverse("setup:account_grants"), {"grant": ["0", "1"]})
    assert done["Location"] == reverse("setup:accounts")
    first = Account.objects.select_related("brand").get(address="page-1")
    wire = connection_of(first)
    assert (wire.secrets["token"], wire.secrets["app_secret"], wire.config["page"]) == ("t-1", "s-3", "1")
    assert first.expires_at == NOON + timedelta(days=60)
    assert admin.get(reverse("setup:account_grants"))["Location"] == reverse("setup:account_choose"), "once only"


def test_one_alone_has_the_name_that_was_typed_and_shows_once_what_is_to_be_pasted(
    admin, company, network, monkeypatch
):
    made_up = (
        Field("hook_token", "Hook token", secret=True, generated=True),
        Field("own", "", secret=True, generated=True),
    )
    kind = type(channel("api"))
    monkeypatch.setattr(kind, "fields", (*kind.fields, *made_up))
    monkeypatch.setattr(kind, "steps", (*STEPS, Step("Let it push", copy=("hook",), fields=("hook_token",))))
    back(admin, state=begin(admin, company), code="c-1")
    done = admin.post(reverse("setup:account_grants"), {"grant": ["1"]})
    kept = Account.objects.select_related("brand").get(address="page-2")
    assert kept.name == "Toy", "not as the network calls it"
    page = admin.get(done["Location"]).content.decode()
    wire = connection_of(kept)
    assert wire.secrets["hook_token"] in page and wire.secrets["own"] not in page
    assert wire.secrets["hook_token"] not in admin.get(done["Location"]).content.decode()


def test_a_number_may_be_larger_than_a_port_where_its_channel_says_so(company):
    form = ConnectionForm(channel("youtube"), None, {"units": "2000000", "history_days": "70000"})
    form.is_valid()
    assert "units" not in form.errors and "history_days" in form.errors


def test_who_says_that_they_paste_is_asked_for_what_is_pasted(admin, company, network, monkeypatch):
    kind = type(channel("api"))
    monkeypatch.setattr(kind, "fields", (*kind.fields, Field("token", "Token", secret=True, required=False)))
    monkeypatch.setattr(kind, "steps", (*STEPS, Step("Or paste", fields=("token",), instead=True)))
    url = reverse("setup:account_add", args=["api"])
    form = {"name": "Toy", "brand": company.brand.pk, "app_secret": "s-3"}
    assert admin.post(url, form | {"instead": "yes"}).status_code == 422, "not off to sign in"
    assert "state" not in network
    assert admin.post(url, form).status_code == 200
    assert admin.post(url, form | {"instead": "yes", "token": "t-7"}).status_code == 200


def test_what_comes_back_is_believed_once_and_only_as_it_was_sent(admin, client, company, network):
    state = begin(admin, company)
    assert back(admin, state="forged", code="c-1")["Location"] == reverse("setup:account_choose")
    assert back(admin, state=state, code="c-1")["Location"] == reverse("setup:account_choose"), "it was taken"
    assert "code" not in network


@pytest.mark.parametrize("told", [{"error": "access_denied"}, {"code": "bad"}])
def test_a_no_is_told_and_leads_back(admin, company, network, told):
    answer = back(admin, state=begin(admin, company), **told)
    assert answer["Location"] == reverse("setup:account_add", args=["api"])
    page = admin.get(answer["Location"]).content.decode()
    assert "Nothing was connected" in page
    assert 'value="Toy"' in page and "s-3" not in page, "what is no secret need not be typed twice"
    assert 'value="Toy"' not in admin.get(answer["Location"]).content.decode()


def test_a_refusal_is_told_in_the_persons_language(admin, company, network, monkeypatch):
    Person.objects.update(language="es")
    for reason, told in (("token", "no acepta estas claves"), ("", "no responde")):
        wrong = ChannelError("HTTP 401: invalid_client", reason=reason)
        monkeypatch.setattr(type(channel("api")), "authorize", Mock(side_effect=wrong))
        url = reverse("setup:account_add", args=["api"])
        page = admin.post(url, {"name": "Toy", "brand": company.brand.pk, "app_secret": "s-3"}).content.decode()
        assert told in page and "(HTTP 401: invalid_client)" in page


def test_a_test_that_the_network_ends_says_what_to_do_and_not_that_we_are_wrong(admin, company, monkeypatch):
    def health(self, wire):
        raise ChannelError("(20003) Authenticate", reason="token")
        yield

    Person.objects.update(language="es")
    monkeypatch.setattr(type(channel("api")), "health", health)
    url = reverse("setup:account_test", args=[company.api.pk])
    told = b"".join(admin.post(url).streaming_content).decode()
    assert "La red nos deja entrar" in told and "no acepta estas claves" in told and "(20003) Authenticate" in told
    assert "desarrollan" not in told


def test_a_right_that_is_missing_is_told_with_its_cost_although_it_works_without(admin, company, monkeypatch):
    rights = (
        Right("read", "Read", "Nothing comes in."), Right("hide", "Hide", "Nothing can be hidden.", required=False)
    )  # fmt: skip
    for held, told in (({"read"}, "Everything works."), ({"hide"}, "Mend what is marked")):
        monkeypatch.setattr(type(channel("api")), "health", lambda *a, held=held: checks_of(rights, held))
        page = b"".join(admin.post(reverse("setup:account_test", args=[company.api.pk])).streaming_content).decode()
        assert told in page
        assert ("Nothing can be hidden." in page, "Nothing comes in." in page) == (
            "hide" not in held,
            "read" not in held,
        )
        assert page.count('data-ok="yes"') == 1, "what is missing is not there"


def test_our_own_words_of_a_failure_are_told_in_the_persons_language(admin, company, monkeypatch):
    Person.objects.update(language="es")
    said = "this is no key file of a service account"
    monkeypatch.setattr(type(channel("api")), "health", lambda *a: iter([Check("Name", False, said)]))
    url = reverse("setup:account_test", args=[company.api.pk])
    assert "esto no es un archivo de clave" in b"".join(admin.post(url).streaming_content).decode()


def test_dozens_of_limits_are_told_by_what_is_used(admin, company, network, monkeypatch):
    limits = tuple(Bucket(f"kind-{n}", 10 * n + 10, 900) for n in range(20))
    monkeypatch.setattr(type(channel("api")), "buckets", limits)
    budget = connection_of(Account.objects.select_related("brand").get(pk=company.api.pk)).budget
    budget.spend("kind-7", 8)
    budget.spend("kind-3", 30)
    page = admin.get(reverse("setup:account", args=[company.api.pk])).content.decode()
    loud, folded = page.split("18 limits of which nothing is used now")
    assert loud.index("kind-3") < loud.index("kind-7") and "8 of the 80 that it allows in 15" in loud
    assert "kind-1<" not in loud and "kind-1<" in folded


def test_who_pasted_what_does_instead_of_signing_in_comes_straight_back(admin, company, network, monkeypatch):
    def authorize(self, wire, redirect_uri, state):
        return Consent(f"{redirect_uri}?state={state}")

    monkeypatch.setattr(type(channel("api")), "authorize", authorize)
    url = reverse("setup:account_add", args=["api"])
    answer = admin.post(url, {"name": "Toy", "brand": company.brand.pk, "app_secret": "s-3"})
    assert answer.status_code == 302
    assert urlsplit(answer["Location"]).path == reverse("setup:account_back")


@pytest.mark.parametrize("there", ["javascript:alert(1)", "https://", "//evil.example"])
def test_nobody_is_sent_to_what_is_no_page(admin, company, network, monkeypatch, there):
    monkeypatch.setattr(type(channel("api")), "authorize", lambda *a: Consent(there))
    url = reverse("setup:account_add", args=["api"])
    answer = admin.post(url, {"name": "Toy", "brand": company.brand.pk, "app_secret": "s-3"})
    assert answer.status_code == 422 and "alert(1)" not in answer.content.decode()


def test_signing_in_again_renews_the_same_account_and_no_other(admin, company, network):
    Account.objects.filter(pk=company.api.pk).update(address="page-2")
    Health.objects.filter(account=company.api).update(permanent=True, failures_in_row=5, asked_at=NOON)
    answer = admin.post(reverse("setup:account_again", args=[company.api.pk]))
    state = state_of(answer)
    back(admin, state=state, code="c-1")
    kept = Account.objects.select_related("brand", "health").get(pk=company.api.pk)
    assert connection_of(kept).secrets["token"] == "t-2"
    assert not kept.health.permanent
    assert kept.health.asked_at is None, "a right that was missing is asked for at once"
    Account.objects.filter(pk=company.api.pk).update(address="page-9")
    answer = admin.post(reverse("setup:account_again", args=[company.api.pk]))
    state = state_of(answer)
    back(admin, state=state, code="c-1")
    assert connection_of(Account.objects.select_related("brand").get(pk=company.api.pk)).secrets["token"] == "t-2"


def test_the_account_page_says_how_it_stands(admin, company, network, monkeypatch):
    kind = type(channel("api"))
    rights = (Right("read", "Read comments", "Comments are not heard"), Right("hide", "Hide", "Nothing can be hidden"))
    monkeypatch.setattr(kind, "rights", rights)
    monkeypatch.setattr(kind, "buckets", (Bucket("calls", 200, 3600),))
    monkeypatch.setattr(kind, "reconcile", lambda *a: None)
    Health.objects.filter(account=company.api).update(rights=["read"], heard_at=clock.now(), silent_at=clock.now())
    Account.objects.filter(pk=company.api.pk).update(expires_at=clock.now() + timedelta(days=3))
    Proof.objects.create(account=company.api, day=NOON.date(), theirs=1204, ours=1203, missing=["c9"], at=NOON)
    page = admin.get(reverse("setup:account", args=[company.api.pk])).content.decode()
    for words in (
        "Unusually silent",
        "Credentials end",
        "Nothing can be hidden",
        "0 of the 200",
        "Nothing missed",
        "≠ 1",
        "c9",
    ):
        assert words in page, words
    assert "Comments are not heard" not in page, "that right is there"
    assert "Sign in again" in page and "Pause it" in page
