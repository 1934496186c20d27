"""Who would be rung for a brand, said before it is saved."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from netcenter.people.models import Person
from netcenter.routing.queues import QueueDetails, languages_of, rung_for
from netcenter.setup.actions import LANGUAGES

MOST_NAMES = 6


def consequences(people: Iterable[int], details: QueueDetails, before: Sequence[Person] = ()) -> list[tuple[str, str]]:
    """(tone, sentence) of who would be rung with these people and this queue; `before` are who is rung until now."""
    rung = rung_for(people, details)
    if not rung:
        return [("broken", _("With this, nobody would be rung: every message would wait until somebody takes it."))]
    told = [("ink", _who(rung))]
    spoken = languages_of(rung)
    silent = [name for code, name in LANGUAGES if not spoken.get(code)]
    if details.needs_language and "*" not in spoken and silent:
        words = _("Nobody of them speaks %(languages)s: what customers write in it rings for all of them.")
        told.append(("near", words % {"languages": ", ".join(silent)}))
    fewer = len(before) - len(rung)
    if fewer > 0:
        lost = ngettext(
            "%(n)d person would no longer be rung for this brand.",
            "%(n)d people would no longer be rung for this brand.",
            fewer,
        )
        told.append(("near", lost % {"n": fewer}))
    return told


def _who(rung: Sequence[Person]) -> str:
    names = ", ".join(person.first_name for person in rung[:MOST_NAMES])
    if (more := len(rung) - MOST_NAMES) > 0:
        words = ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", more)
        names = words % {"names": names, "n": more}
    who = ngettext(
        "With this, %(n)d person is rung: %(names)s.", "With this, %(n)d people are rung: %(names)s.", len(rung)
    )
    return who % {"n": len(rung), "names": names}
