"""Praise that is none: what the guard says where the reading was taken in."""

import pytest

from netcenter.cases.models import Case
from netcenter.guard.draft import Draft, Reading
from netcenter.guard.rules import examine
from netcenter.judging import findings

NORA = "Felicidades por el pan duro de hoy, ideal para construir mi casa"


def found(text, message, kind="praise"):
    return {f.rule: f.severity for f in examine(Draft(text, (message,), reading=Reading(kind), public=True))}


def test_who_says_what_went_wrong_is_not_held_back_although_it_was_read_as_praise():
    told = found("Nora, perdón: ese pan era de ayer y no debió salir. Hoy a las 17 hay uno a tu nombre.", NORA)
    assert told["apology_to_praise"] == "warn" and "block" not in told.values()


def test_the_empty_apology_to_praise_is_still_held_back():
    assert found("Lamentamos tu mala experiencia.", "¡Riquísimo todo, gracias!")["apology_to_praise"] == "block"


def test_joy_at_irony_is_told_and_joy_at_praise_is_not():
    joy = "Thank you so much! We're so happy you love it."
    assert found(joy, "Oh wonderful, sold out again at 9 am 🙄")["misplaced_joy"] == "warn"
    assert "misplaced_joy" not in found(joy, "Loved the rye, best in town!")
    assert "misplaced_joy" not in found(joy, "It only took ten minutes, wonderful!")


def test_joy_at_what_was_read_as_irony_is_told():
    joy = "¡Qué alegría que te gustó, Rosa! Gracias por tus palabras."
    drafts = [
        Draft(joy, ("Felicidades por el pan duro",), reading=Reading("complaint", ironic=i)) for i in (True, False)
    ]
    assert ["misplaced_joy" in {f.rule for f in examine(draft)} for draft in drafts] == [True, False]


@pytest.mark.django_db
def test_the_desk_s_draft_knows_what_was_read_as_irony(company):
    company.deliver(company.said("Genial, 40 minutos esperando al teléfono"))
    case = Case.objects.get()
    thread = case.messages.get().thread_id
    told = findings(case, thread, "¡Nos alegra mucho que lo hayas disfrutado, Dana!", company.alice)
    assert "misplaced_joy" in {f.rule for f in told}
