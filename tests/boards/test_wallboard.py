"""The team and the wallboard."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from netcenter.boards.now import hourly, wall
from netcenter.boards.seats import team
from netcenter.cases.models import Case, Message
from netcenter.lib import clock
from netcenter.people.breaks import BreakDetails, save_break
from netcenter.people.models import Desk, Person
from netcenter.people.rules import is_over
from netcenter.routing.actions import take
from netcenter.routing.presence import set_state
from netcenter.routing.switchboard import ring
from tests.company import NOON


@pytest.fixture
def charlie(client, company):
    client.force_login(company.charlie)
    return client


def wrote(company, count, at=NOON):
    company.deliver(*(company.said(f"mensaje {i}", by=f"dana{i}", at=at) for i in range(count)), at=at)


def test_the_team_shows_who_is_where_and_what_they_hold(charlie, company):
    company.available(company.alice)
    wrote(company, 1)
    take(Case.objects.get().pk, company.bob, NOON)
    html = charlie.get(reverse("boards:team")).content.decode()
    assert 'data-presence="available"' in html and "Dana0" in html
    assert team()[0].person == company.alice


def test_the_team_is_who_answers_and_nobody_else_is_absent_from_it(company):
    Person.objects.filter(pk=company.bob.pk).update(role=Person.Role.OWNER)
    assert company.alice in [s.person for s in team()] and company.bob not in [s.person for s in team()]


def test_a_supervisor_sees_what_rings(charlie, company):
    company.available(company.alice)
    wrote(company, 1)
    ring(NOON)
    seat = next(s for s in team() if s.person == company.alice)
    assert seat.ringing is not None


def test_a_supervisor_changes_a_colleagues_state(charlie, company):
    company.available(company.alice)
    url = reverse("boards:team_state", args=[company.alice.pk])
    assert "move-why" in charlie.get(url).content.decode()
    answer = charlie.post(url, {"choice": "busy", "why": "all hands"})
    assert answer.status_code == 302
    desk = Desk.objects.get(person=company.alice)
    assert (desk.state, desk.reason) == ("busy", "all hands")
    charlie.post(url, {"choice": "no_more", "why": "the shift ends"})
    assert Desk.objects.get(person=company.alice).no_more


def test_a_colleagues_state_is_not_changed_without_a_word(charlie, company):
    company.available(company.alice)
    charlie.post(reverse("boards:team_state", args=[company.alice.pk]), {"choice": "offline", "why": "  "})
    assert Desk.objects.get(person=company.alice).state == "available"


def test_the_team_page_tells_breaks_that_last_too_long(charlie, company):
    save_break(None, BreakDetails("Almuerzo", 30), NOON, "test")
    set_state(company.alice, "break", clock.now() - timedelta(minutes=45), company.alice, "Almuerzo")
    set_state(company.bob, "break", clock.now() - timedelta(minutes=5), company.bob, "Almuerzo")
    page = charlie.get(reverse("boards:team")).content.decode()
    assert page.count('data-state="broken"') == 1
    assert [s.person for s in team() if is_over(s.desk.break_until, clock.now())] == [company.alice]


@pytest.mark.parametrize("state", ["", "asleep", "AVAILABLE"])
def test_a_state_that_does_not_exist_changes_nothing(charlie, company, state):
    charlie.post(reverse("boards:team_state", args=[company.alice.pk]), {"choice": state, "why": "to see"})
    assert Desk.objects.filter(person=company.alice, state=state).count() == 0


def test_an_operator_changes_nobody(client, company):
    client.force_login(company.alice)
    answer = client.post(reverse("boards:team_state", args=[company.bob.pk]), {"choice": "busy", "why": "to see"})
    assert answer.status_code == 403


def test_the_wall_counts_what_waits_and_who_is_free(company, db):
    company.available(company.alice, company.bob)
    wrote(company, 3)
    take(Case.objects.first().pk, company.alice, NOON)
    shown = wall(NOON + timedelta(minutes=5))
    assert (shown.waiting, shown.free, shown.here) == (3, 2, 2)
    assert shown.oldest_at == NOON
    assert len(shown.next_due) == 3
    assert all(started <= case.due_at for case, started in shown.next_due)


def test_an_empty_house_has_a_wall_too(charlie, company):
    html = charlie.get(reverse("boards:wallboard")).content.decode()
    assert "–" in html


def test_arrivals_stand_at_the_readers_hour(company, db):
    day = datetime(2026, 3, 4, tzinfo=UTC)
    wrote(company, 2, at=day.replace(hour=3, minute=10))
    company.deliver(company.said("tarde", by="eve", at=day.replace(hour=15)), at=day.replace(hour=15))
    with timezone.override(ZoneInfo("America/Argentina/Buenos_Aires")):
        midnight = timezone.localtime(day.replace(hour=16)).replace(hour=0, minute=0)
        arrivals, answers = hourly(midnight, day.replace(hour=16))
    assert arrivals[0] == 2 and arrivals[12] == 1 and sum(arrivals) == 3 and sum(answers) == 0


def test_only_todays_messages_are_counted(company, db):
    wrote(company, 5, at=NOON - timedelta(days=1))
    wrote(company, 2, at=NOON)
    arrivals, _answers = hourly(NOON.replace(hour=0), NOON + timedelta(hours=1))
    assert sum(arrivals) == 2
    assert Message.objects.count() == 7


@pytest.mark.parametrize(("chosen", "theme"), [("dark", "dark"), ("light", "light")])
def test_a_chosen_theme_stays(charlie, company, chosen, theme):
    charlie.cookies["theme"] = chosen
    assert f'data-theme="{theme}"' in charlie.get(reverse("boards:wallboard")).content.decode()


@pytest.mark.parametrize(("hour", "theme"), [(12, "light"), (23, "dark"), (3, "dark")])
def test_the_wall_is_dark_at_night(charlie, company, monkeypatch, hour, theme):
    monkeypatch.setattr(clock, "now", lambda: NOON.replace(hour=hour))
    assert f'data-theme="{theme}"' in charlie.get(reverse("boards:wallboard")).content.decode()
