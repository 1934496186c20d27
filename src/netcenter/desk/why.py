"""Why a case rings or waits, who would get it now, and what if: read only."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from netcenter.accounts.models import Account, Brand
from netcenter.channels.registry import channel
from netcenter.desk import queries, words
from netcenter.desk.views import at_desk, case_of, draw, me
from netcenter.lib import clock
from netcenter.people.models import Person, Skill
from netcenter.people.permissions import May, may, require
from netcenter.routing.rules import LANGUAGE
from netcenter.routing.why import Candidate, Explanation, Imagined, WhatIf, explain, imagine
from netcenter.routing.words import Names, candidate, sentence

SHOWN = 40  # candidates: nobody reads more


def names() -> Names:
    """What skills and people are called."""
    return Names(queries.skill_names(), dict(Person.objects.values_list("id", "name")))


@at_desk
@require_safe
def why(request: HttpRequest, case_id: int) -> HttpResponse:
    """The line under the head of a case, and who could take it."""
    found = case_of(request, case_id)
    if found.waiting_since is None and found.holder_id is None:
        return HttpResponse("")
    told = explain(found, clock.now())
    supervises = may(me(request), May.SEE_ALL)
    return draw(request, "why", case=found, supervises=supervises, **_told(told))


@at_desk
@require_safe
def who(request: HttpRequest, case_id: int | None = None) -> HttpResponse:
    """Who would get this case, or one that there is not, and what if. For supervisors; changes nothing."""
    require(me(request), May.SEE_ALL)
    found = case_of(request, case_id) if case_id is not None else None
    asked = request.GET
    if "ask" not in asked:
        return draw(request, "why_who", case=found, **_choices())
    what_if = _what_if(request)
    now = clock.now()
    if found is not None:
        return draw(request, "why_answer", **_told(explain(found, now, what_if)))
    case = _imagined(request)
    if case is None:
        return HttpResponse("")
    return draw(request, "why_answer", **_told(imagine(case, now, what_if)))


def _told(told: Explanation) -> dict[str, Any]:
    known, now = names(), clock.now()
    rows: list[tuple[Candidate, str]] = [(one, candidate(one, known)) for one in told.candidates[:SHOWN]]
    return {
        "told": told, "sentence": sentence(told, known, now), "rows": rows,
        "more": max(0, len(told.candidates) - SHOWN),
    }  # fmt: skip


def _choices() -> dict[str, Any]:
    accounts = Account.objects.filter(enabled=True).order_by("channel")
    kinds = dict.fromkeys(accounts.values_list("channel", flat=True))
    return {
        "brands": list(Brand.objects.all()), "channels": [(kind, _(str(channel(kind).name))) for kind in kinds],
        "kinds": words.kind_words(), "languages": words.language_words(),
        "skills": list(Skill.objects.exclude(code__startswith=LANGUAGE)),
        "people": [p for p in Person.objects.filter(is_active=True).select_related("desk") if may(p, May.ANSWER)],
    }  # fmt: skip


def _what_if(request: HttpRequest) -> WhatIf | None:
    asked = request.GET
    skill = Skill.objects.filter(pk=_number(asked.get("skill", ""))).first() if asked.get("skill") else None
    level = min(max(_number(asked.get("level", "")), 1), 3)
    return WhatIf(
        available=frozenset(_number(pk) for pk in asked.getlist("available")),
        away=frozenset(_number(pk) for pk in asked.getlist("away")),
        skills={skill.code: level} if skill else {}, lower=asked.get("lower") == "on",
        paused={"paused": True, "open": False}.get(asked.get("queue", "")),
    )  # fmt: skip


def _imagined(request: HttpRequest) -> Imagined | None:
    asked = request.GET
    brand = Brand.objects.filter(pk=_number(asked.get("brand", ""))).first()
    kinds = set(Account.objects.values_list("channel", flat=True))
    kind = asked.get("channel", "")
    if brand is None or kind not in kinds:
        return None
    weight = channel(kind).capabilities.weight
    return Imagined(brand.pk, kind, weight, asked.get("language", "")[:10], asked.get("kind", "question")[:20])


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
