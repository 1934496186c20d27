"""The protocol beside the case: the one that fits, its steps ticked as they are done, its words for the composer."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from netcenter import situations
from netcenter.desk.acts import act, done
from netcenter.desk.manual import beside
from netcenter.desk.views import at_desk, case_of, draw, me
from netcenter.lib import clock
from netcenter.protocols import following
from netcenter.protocols.content import spoken
from netcenter.protocols.known import switched_on


@at_desk
@require_safe
def protocol(request: HttpRequest, case_id: int) -> HttpResponse:
    """The panel, again."""
    found = case_of(request, case_id)
    return draw(request, "protocol", case=found, **beside(found, me(request)))


@at_desk
@require_safe
def choose(request: HttpRequest, case_id: int) -> HttpResponse:
    """Which other protocol it is: those that fit first."""
    found = case_of(request, case_id)
    place = situations.protocol_of(found)
    listed = {p.pk for p in place.others}
    rest = [p for p in switched_on() if p.brand_id in (None, found.brand_id) and p.pk not in listed]
    language = me(request).language[:2]
    return draw(request, "protocol_choose", case=found, place=place, says=lambda texts: spoken(texts, language),
                rest=[p for p in rest if place.shown is None or p.pk != place.shown.pk])  # fmt: skip


@act
def follow(request: HttpRequest, case_id: int) -> HttpResponse:
    """The case is answered by this one."""
    found, chosen = case_of(request, case_id), request.POST.get("protocol", "")
    known = following.chosen(_number(chosen), found.brand_id)
    following.follow(found, known, me(request), clock.now())
    return done(f"protocol:{found.pk}", f"case:{found.pk}")


@act
def tick(request: HttpRequest, case_id: int) -> HttpResponse:
    """A step is done, or not after all."""
    found, told = case_of(request, case_id), request.POST
    protocol_id, version = _number(told.get("protocol", "")), _number(told.get("version", ""))
    following.tick(
        found, protocol_id, version, told.get("step", "")[:40], me(request), clock.now(), done=told.get("done") != "no"
    )
    return done(f"protocol:{found.pk}")


def _number(text: str) -> int:
    """A number as it came from the form; 0 when it is none."""
    return int(text) if text.isdecimal() and len(text) < 10 else 0
