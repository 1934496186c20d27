"""Brands, teams, skills, standards, calendars and canned answers."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import translation

from netcenter.accounts.models import Brand, Organisation
from netcenter.events.models import Event
from netcenter.people.models import Person, Skill, Team
from netcenter.protocols.models import CannedAnswer
from netcenter.routing.models import Queue
from netcenter.setup.consequences import _who
from netcenter.setup.rules import Unclear, parse_days, parse_shifts, write_shifts
from netcenter.standards.models import Calendar, Standard
from netcenter.standards.queries import closed_ahead
from tests.company import NOON


def brand(company, **more):
    return {
        "name": "Aurora", "language": "es", "colour": "#0f766e", "people": [company.alice.pk], **more,
    }  # fmt: skip


def test_a_new_brand_has_a_queue_from_the_beginning(admin, company):
    assert admin.post(reverse("setup:brand_add"), brand(company, name="Luna")).status_code == 302
    queue = Queue.objects.get(brand__name="Luna")
    assert (queue.team, queue.ring_seconds, queue.needs_language, queue.tells_busy) == (None, 20, True, True)
    assert {"brand.added", "queue.changed"} <= set(Event.objects.values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("colour", "red"), ("colour", "#12345"), ("language", "de"), ("people", ["999"])],
)  # fmt: skip
def test_a_wrong_brand_is_told_and_not_saved(admin, company, field, value):
    answer = admin.post(reverse("setup:brand_add"), brand(company, **{"name": "Luna", field: value}))
    assert answer.status_code == 422 and "field-error" in answer.content.decode()
    assert Brand.objects.count() == 1


def test_two_brands_do_not_share_a_name(admin, company):
    answer = admin.post(reverse("setup:brand_add"), brand(company))
    assert answer.status_code == 422 and "There is a brand of this name already." in answer.content.decode()


def test_who_would_be_rung_is_said_before_saving(admin, company):
    path = reverse("setup:brand_consequences", args=[company.brand.pk])
    assert "2 people are rung: Alice, Charlie" in admin.post(path, brand(company)).content.decode()
    Queue.objects.update(team=Team.objects.create(name="Nobody"))
    html = admin.post(path, brand(company)).content.decode()
    assert "nobody would be rung" in html and 'data-tone="broken"' in html


def test_of_many_who_would_be_rung_the_rest_is_counted(company):
    people = [Person(name=f"Ana{i} López", role="operator") for i in range(8)]
    assert _who(people[:6]).endswith("Ana4, Ana5.")
    with translation.override("es"):
        assert "Ana5 y 2 más" in _who(people) and "…" not in _who(people)


def test_which_languages_nobody_speaks_is_said_before_saving(admin, company):
    Queue.objects.update(needs_language=True)
    html = admin.post(reverse("setup:brand_consequences", args=[company.brand.pk]), brand(company)).content.decode()
    assert "Nobody of them speaks English, Português" in html


def test_the_organisation_is_renamed(admin, company):
    admin.post(reverse("setup:organisation"), {"name": "Aurora SRL", "language": "en", "timezone": "UTC"})
    assert Organisation.objects.get().name == "Aurora SRL"


# --- Teams and skills ---------------------------------------------------------------------------


def test_a_team_is_made_changed_and_removed(supervisor, company):
    supervisor.post(reverse("setup:team_add"), {"name": "Noche", "members": [company.bob.pk]})
    team = Team.objects.get(name="Noche")
    supervisor.post(reverse("setup:team", args=[team.pk]), {"name": "Tarde", "members": []})
    team.refresh_from_db()
    assert team.name == "Tarde" and not team.members.exists()
    supervisor.post(reverse("setup:team_remove", args=[team.pk]))
    assert not Team.objects.filter(pk=team.pk).exists()


def test_a_brand_outlives_its_team(supervisor, company):
    team = Team.objects.get()
    Queue.objects.update(team=team)
    html = supervisor.get(reverse("setup:team", args=[team.pk])).content.decode()
    assert "Aurora" in html
    supervisor.post(reverse("setup:team_remove", args=[team.pk]))
    assert Queue.objects.get().team is None


@pytest.mark.parametrize("code", ["", "with space", "a:b:c", "ñandú!", "x" * 61])
def test_a_code_that_no_case_could_ask_for_is_refused(supervisor, company, code):
    answer = supervisor.post(reverse("setup:skill_add"), {"name": "Facturas", "code": code})
    assert answer.status_code == 422 and Skill.objects.count() == 1


@pytest.mark.parametrize("code", ["billing", "language:fr", "facturación"])
def test_a_skill_is_added(supervisor, company, code):
    assert supervisor.post(reverse("setup:skill_add"), {"name": "X", "code": code}).status_code == 302
    assert Skill.objects.filter(code=code).exists()


def test_the_code_of_a_skill_does_not_change(supervisor, company):
    skill = Skill.objects.get()
    supervisor.post(reverse("setup:skill", args=[skill.pk]), {"name": "Castellano", "code": "language:xx"})
    skill.refresh_from_db()
    assert (skill.name, skill.code) == ("Castellano", "language:es")


# --- Standards and calendars --------------------------------------------------------------------


def standard(**more):
    calendar = Calendar.objects.first()
    return {"measure": "first", "kind": "complaint", "channel": "email", "brand": "", "amount": "30", "unit": "1",
            "calendar": calendar.pk, **more}  # fmt: skip


def test_a_standard_is_set_in_the_unit_one_thinks_in(supervisor, company):
    supervisor.post(reverse("setup:standard_add"), standard(amount="2", unit="60"))
    made = Standard.objects.get(channel="email")
    assert made.minutes == 120
    html = supervisor.get(reverse("setup:standard", args=[made.pk])).content.decode()
    assert 'value="2"' in html


def test_two_standards_for_the_same_messages_are_refused(supervisor, company):
    supervisor.post(reverse("setup:standard_add"), standard())
    assert supervisor.post(reverse("setup:standard_add"), standard(amount="5")).status_code == 422
    assert Standard.objects.get(channel="email").minutes == 30


@pytest.mark.parametrize(
    ("field", "value"),
    [("amount", "0"), ("amount", "-5"), ("amount", ""), ("amount", "999999"), ("unit", "7"), ("kind", "rant"),
     ("channel", "pigeon"), ("brand", "99"), ("calendar", ""), ("measure", "resolution")],
)  # fmt: skip
def test_a_wrong_standard_is_told_and_not_saved(supervisor, company, field, value):
    count = Standard.objects.count()
    answer = supervisor.post(reverse("setup:standard_add"), standard(**{field: value}))
    assert answer.status_code == 422 and "field-error" in answer.content.decode()
    assert Standard.objects.count() == count


def test_the_example_follows_the_standards(admin, company, monkeypatch):
    monkeypatch.setattr("netcenter.lib.clock.now", lambda: NOON)
    path = reverse("setup:standards")
    html = admin.get(path, {"kind": "complaint"}, headers={"HX-Target": "p#example"}).content.decode()
    assert "(complaint)" in html and "1:00" in html and "<html" not in html
    assert "4:00" in admin.get(path, {"kind": "question"}, headers={"HX-Target": "p#example"}).content.decode()


@pytest.mark.parametrize("query", ["kind=rant", "kind=complaint&brand=99", "kind=", "kind=complaint&channel=x"])
def test_an_example_of_nonsense_is_still_an_example(admin, company, query):
    assert admin.get(f"{reverse('setup:standards')}?{query}").status_code == 200


@pytest.mark.parametrize(
    ("text", "shifts"),
    [("9-13 16-20", [["09:00", "13:00"], ["16:00", "20:00"]]), ("9:30–18", [["09:30", "18:00"]]), ("", []),
     ("16-20, 9-13", [["09:00", "13:00"], ["16:00", "20:00"]]), ("9h a 18h30", [["09:00", "18:30"]]),
     ("9.00 to 17.15", [["09:00", "17:15"]]), ("0-24", [["00:00", "24:00"]]),
     ("9 às 12; 14 às 18", [["09:00", "12:00"], ["14:00", "18:00"]])],
)  # fmt: skip
def test_hours_are_read_as_people_write_them(text, shifts):
    assert parse_shifts(text) == shifts
    assert parse_shifts(write_shifts(shifts)) == shifts


@pytest.mark.parametrize(
    ("text", "why"),
    [("nine to five", "unreadable"), ("9-13 12-15", "overlap"), ("20-2", "backwards"), ("9-9", "backwards"),
     ("25-26", "no_time"), ("9:75-10", "no_time"), ("9-24:30", "no_time"), ("9-13 lunch", "unreadable")],
)  # fmt: skip
def test_hours_that_mean_nothing_are_told_why(text, why):
    with pytest.raises(Unclear) as unclear:
        parse_shifts(text)
    assert unclear.value.why == why


def test_days_are_read_in_order_and_once():
    assert parse_days("2026-12-31, 2026-12-24\n2026-12-24") == ["2026-12-24", "2026-12-31"]
    with pytest.raises(Unclear):
        parse_days("2026-02-30")


def week(**more):
    zone = "America/Argentina/Buenos_Aires"
    return {"name": "Oficina", "timezone": zone, "country": "AR", "day_0": "9-13 16-20", **more}


def test_a_calendar_with_split_shifts_is_saved(supervisor, company):
    supervisor.post(reverse("setup:calendar_add"), week(closed_days="2026-12-24"))
    made = Calendar.objects.get(name="Oficina")
    assert made.hours == {"0": [["09:00", "13:00"], ["16:00", "20:00"]]}
    assert made.closed_days == ["2026-12-24"]
    assert "9–13, 16–20" in supervisor.get(reverse("setup:calendar", args=[made.pk])).content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("day_0", ""), ("day_3", "20-2"), ("country", "ZZ"), ("region", "QQ"), ("closed_days", "tomorrow"),
     ("timezone", "x"), ("name", "24×7")],
)  # fmt: skip
def test_a_wrong_calendar_is_told_and_not_saved(supervisor, company, field, value):
    answer = supervisor.post(reverse("setup:calendar_add"), week(**{field: value}))
    assert answer.status_code == 422 and "field-error" in answer.content.decode()
    assert Calendar.objects.count() == 1


def test_the_next_closed_days_are_shown_in_the_readers_language(admin, company):
    html = admin.post(reverse("setup:calendar_preview"), week(closed_days="2099-01-02")).content.decode()
    assert "<dt" in html
    argentina = Calendar(name="x", country="AR")
    names = dict(closed_ahead(argentina, NOON.date(), "es"))
    assert "Día del Trabajo" in names.values()
    assert "Labor Day" in dict(closed_ahead(argentina, NOON.date(), "en")).values()


def test_a_new_calendar_shows_the_holidays_of_the_country_it_proposes(supervisor, company):
    Organisation.objects.update(timezone="America/Argentina/Buenos_Aires")
    html = supervisor.get(reverse("setup:calendar_add")).content.decode()
    assert "Labor Day" in html or "Christmas" in html
    assert '<option value="Salta">' in html, "nobody knows that Salta is A"


def test_a_region_may_be_written_by_its_name(supervisor, company):
    supervisor.post(reverse("setup:calendar_add"), week(country="BR", region="sao paulo"))
    assert Calendar.objects.get(name=week()["name"]).region == "SP"


def test_holidays_are_named_in_their_own_tongue_where_the_readers_is_not_known(company):
    brazil = Calendar(country="BR", region="SP")
    assert "Natal" in dict(closed_ahead(brazil, date(2026, 12, 1), "es")).values()


def test_a_calendar_in_use_is_not_removed(supervisor, company):
    calendar = Calendar.objects.get()
    supervisor.post(reverse("setup:calendar_remove", args=[calendar.pk]))
    assert Calendar.objects.filter(pk=calendar.pk).exists()


# --- Canned answers -----------------------------------------------------------------------------


def words(**more):
    text = "Hola {{customer.first_name}}, abrimos a las 9."
    return {"name": "Horario", "shortcut": "horario", "text_es": text, **more}


def test_a_canned_answer_keeps_the_languages_that_were_written(supervisor, company):
    supervisor.post(reverse("setup:answer_add"), words(text_pt=" Olá ", text_en=""))
    made = CannedAnswer.objects.get()
    assert made.texts == {"es": "Hola {{customer.first_name}}, abrimos a las 9.", "pt": "Olá"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("shortcut", ""), ("shortcut", "a b"), ("shortcut", "a/b"), ("text_es", ""), ("text_es", "{{pin}}"),
     ("text_en", "Hi {{customer.surname}}"), ("brand", "99"), ("text_es", "x" * 8001)],
)  # fmt: skip
def test_a_wrong_canned_answer_is_told_and_not_saved(supervisor, company, field, value):
    answer = supervisor.post(reverse("setup:answer_add"), words(**{field: value}))
    assert answer.status_code == 422 and "field-error" in answer.content.decode()
    assert not CannedAnswer.objects.exists()


def test_a_shortcut_is_taken_once(supervisor, company):
    supervisor.post(reverse("setup:answer_add"), words())
    assert supervisor.post(reverse("setup:answer_add"), words(name="Otro")).status_code == 422


def test_the_preview_fills_variables_and_escapes_words(admin, company):
    values = {"text_es": "Hola {{customer.first_name}} <b>", "text_en": "{{pin}}"}
    html = admin.post(reverse("setup:answer_preview"), values).content.decode()
    assert "Hola Dana &lt;b&gt;" in html and "Nothing fills pin" in html


def test_a_canned_answer_is_removed(supervisor, company):
    supervisor.post(reverse("setup:answer_add"), words())
    supervisor.post(reverse("setup:answer_remove", args=[CannedAnswer.objects.get().pk]))
    assert not CannedAnswer.objects.exists()
