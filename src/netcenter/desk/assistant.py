"""The assistant beside the composer: a draft for this case, judged as a person's would be, and put into the field."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from netcenter import judging, situations
from netcenter.assistant import drafting
from netcenter.assistant.queries import material_of
from netcenter.cases.models import Case
from netcenter.desk import queries
from netcenter.desk.acts import act
from netcenter.desk.views import case_of, draw, me
from netcenter.guard.draft import Finding, mended
from netcenter.lib.refused import Refused
from netcenter.people.models import Person
from netcenter.situations import Situation

MOST_MENDED = 5
HOLES = "placeholder"  # a blank is for the person to fill: it stops the sending, not the draft


@act
def assist(request: HttpRequest, case_id: int) -> HttpResponse:
    """Ask for a draft of an answer to be given where the composer says."""
    found, person = case_of(request, case_id), me(request)
    thread_id, _colon, way = request.POST.get("thread", "").partition(":")
    place = next((p for p in queries.places(found) if str(p.thread.pk) == thread_id), None)
    if place is None:
        raise Refused("no_place", _("Choose where the answer goes."))
    privately = way in ("private_reply", "both")
    situation = situations.of(found)
    most = next((o.most for o in place.options if o.value == request.POST.get("thread")), place.most)
    material = material_of(
        found, [(p.version_id, p.content) for p in situation.protocols[:1]],
        [never.phrase for never in situations.never_said(situation.protocols)],
        is_public=place.thread.place == "public" and not privately, most=most or 0,
    )  # fmt: skip

    def judge(text: str) -> tuple[str, Sequence[str], Sequence[str]]:
        return _judge(text, found, place.thread.pk, person, situation, privately=privately)

    drafted = drafting.write(found, person, material, queries.filling(found, person), judge)
    return draw(request, "assistant", case=found, drafted=drafted)


def _judge(
    text: str, case: Case, thread_id: int, person: Person, situation: Situation, *, privately: bool
) -> tuple[str, Sequence[str], Sequence[str]]:  # fmt: skip
    """Where the guard knows what to put instead, it is put; what it still blocks then is not shown."""

    def look() -> list[Finding]:
        return judging.findings(case, thread_id, text, person, privately=privately, situation=situation)

    found = look()
    for _n in range(MOST_MENDED):
        blocks = [f for f in found if f.severity == "block" and f.rule != HOLES]
        sure = next((f for f in blocks if f.fix is not None), None)
        if sure is None:
            break
        text = mended(text, sure)
        found = look()
    against = [_(f.why) for f in found if f.severity == "block" and f.rule != HOLES]
    return text, [f.rule for f in found], against
