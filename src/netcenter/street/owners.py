"""Who is responsible for what in the demo's company, and one case that waits for one of them."""

import uuid
from datetime import datetime, timedelta

from netcenter import flow
from netcenter.cases import queries as cases
from netcenter.cases.models import Case
from netcenter.channels.contract import Receipt
from netcenter.outbox import receipts
from netcenter.outbox.actions import Reply
from netcenter.outbox.models import Dispatch
from netcenter.people import staff
from netcenter.people.areas import AreaDetails, save_area
from netcenter.people.models import Area, Letter, Person
from netcenter.people.staff import Details

_OWNERS = ("Fabiana Costa", "Hugo Benítez", "Irene Paz", "Julio Mansilla")
_AREAS = (  # name, what belongs there, minutes, who in order
    ("Facturación", "Cobros dobles, devoluciones, tickets y facturas", 120, (0, 2)),
    ("Producción", "Recetas, alérgenos, partidas en mal estado", 180, (1, 0)),
    ("Local Palermo", "Lo que pasó en el local de Palermo: trato, espera, pedidos", 60, (2, 1)),
)
_QUESTION = "¿Corresponde devolver todo o solo la diferencia? Tiene el ticket; si me confirma, le respondo yo."
_HOLDING = "Gracias por escribirnos. Le pasé su mensaje a {name}, de {area}, y le respondemos por aquí."


def name_owners(zone: str, now: datetime, actor: str) -> list[Person]:
    """The people who only answer when asked, and the company's areas."""
    people = []
    for name in _OWNERS:
        email = f"{name.partition(' ')[0].lower()}@demo.netcenter.example"
        people.append(staff.add(Details(name, email, Person.Role.OWNER, "es", zone), now, actor))
    for name, about, minutes, order in _AREAS:
        save_area(None, AreaDetails(name, about, minutes, [people[i].pk for i in order]), now, actor)
    return people


def ask_one(operator: Person, now: datetime) -> None:
    """Some minutes ago the operator handed on one of the cases that wait, in Spanish."""
    waiting = Case.objects.filter(waiting_since__isnull=False, holder=None, language="es").order_by("due_at")
    case = waiting.filter(kind__in=("claim", "complaint")).last() or waiting.last()
    if case is None:
        return
    area, at = Area.objects.get(name=_AREAS[0][0]), now - timedelta(minutes=4)
    place = next(iter(cases.threads_of(case)))
    words, key = _HOLDING.format(name=_OWNERS[0].partition(" ")[0], area=area.name), str(uuid.UUID(int=1905))
    flow.hand_on(case, area, _QUESTION, Reply(words, key, place.pk, None), operator, at)
    dispatch = Dispatch.objects.get(key=key)
    receipts.sent(dispatch, Receipt(key, "sent", at), at)
    Letter.objects.update(due_at=None)  # nobody reads mail at these addresses
