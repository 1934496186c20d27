"""An endpoint on the street, and a house that asks it."""

from collections.abc import Callable, Iterator

import pytest

from netcenter.assistant import actions
from netcenter.assistant.actions import Setup
from netcenter.assistant.rules import Sends
from netcenter.lib import clock
from netcenter.protocols.content import Content, Step, Words
from netcenter.protocols.models import CannedAnswer
from netcenter.protocols.rules import Condition
from netcenter.protocols.writing import Written, save_protocol
from netcenter.street.networks.completions import Completions
from tests.company import Company

SAID = (
    "Hola {{customer.first_name}}, sí: abrimos el domingo de 9 a 13. ¡Te esperamos! Un saludo, {{operator.first_name}}"
)
OPENING = Content(
    {"es": "Horarios"}, Condition(words=("abren",)), (Step("look", {"es": "Mirar el horario de esta semana"}),),
    (Words({"es": "Responder"}, {"es": SAID}),), never=("de por vida",),
)  # fmt: skip


@pytest.fixture
def endpoint(settings) -> Iterator[Completions]:
    settings.ALLOW_PRIVATE_HTTP = True
    with Completions() as served:
        yield served


SetUp = Callable[..., None]


@pytest.fixture
def set_up(company: Company, endpoint: Completions) -> SetUp:
    """`set_up(words=True)`: the assistant is on, and this much of a customer may leave."""

    def switch(base_url: str = "", model: str = "gpt-street", key: str = "sk-street", **sends: bool) -> None:
        told = Setup(base_url or endpoint.base, model, key, [company.brand.pk], Sends(**sends))
        actions.save(told, clock.now(), "person:1")

    save_protocol(None, Written(OPENING, "es"), company.charlie, clock.now())
    CannedAnswer.objects.create(name="Envíos", shortcut="envios", texts={"es": "Enviamos a todo el país en 48 horas."})
    return switch
