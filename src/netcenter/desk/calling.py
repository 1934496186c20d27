"""The telephone at the desk: calling back by one key, taking who waits on the line, and the note of what was said."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse

from netcenter.cases import actions as cases
from netcenter.cases import calls
from netcenter.cases.models import Case, Message
from netcenter.desk import queries
from netcenter.desk.acts import MOST_TEXT, act, done
from netcenter.desk.answering import key_of, new_key
from netcenter.desk.views import case_of, me
from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.lib.transactions import atomic
from netcenter.outbox import deeds
from netcenter.people.models import Person
from netcenter.routing.calls import take_to_call


@act
def call(request: HttpRequest, case_id: int) -> HttpResponse:
    """My telephone rings, then the customer's; until it is over nothing else rings at my desk."""
    found, person = case_of(request, case_id), me(request)
    begin(found, key_of(request.POST.get("key", "")), person, clock.now())
    return done("lists", "presence", "ring", f"case:{found.pk}")


@atomic
def begin(case: Case, key: str, person: Person, now: datetime) -> None:
    """Queue the call, and take the case with it. Raises Refused."""
    deeds.call(case, key, person, now)
    take_to_call(case.pk, person, now)


def pick_up_line(case: Case, person: Person, now: datetime) -> None:
    """Whoever accepts a case whose customer waits on the line is connected at once, where they have a telephone."""
    waiting = Message.objects.filter(
        case=case, direction=Message.Direction.IN, state=Message.State.WAITING, sent_at__gt=now - calls.LONGEST,
        extra__form="call", extra__call__state="rang", extra__call__live=True,
    )  # fmt: skip
    if person.telephone and waiting.exists():
        try:
            begin(case, new_key(), person, now)
        except Refused:
            return  # the key to call stays


@act
def note(request: HttpRequest, case_id: int) -> HttpResponse:
    """What was said on the telephone, for colleagues."""
    found, person, now = case_of(request, case_id), me(request), clock.now()
    text = request.POST.get("text", "")[:MOST_TEXT]
    cases.note(found.pk, person, text, queries.named_in(text, queries.colleagues(found.brand, person)), now)
    return done(f"case:{found.pk}")
