"""Praise that is none: what the guard says where the reading was taken in."""

from netcenter.guard.draft import Draft, Reading
from netcenter.guard.rules import examine

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
