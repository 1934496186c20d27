"""Finding words and filling their variables."""

import re
from collections.abc import Mapping

from django.db.models import Q

from netcenter.protocols.models import CannedAnswer

VARIABLES = ("customer.name", "customer.first_name", "operator.name", "operator.first_name", "brand.name", "case.id")
_VARIABLE = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


def answers_for(brand_id: int) -> list[CannedAnswer]:
    """The canned answers that this brand may use."""
    return list(CannedAnswer.objects.filter(Q(brand=None) | Q(brand_id=brand_id)))


def text_in(answer: CannedAnswer, language: str) -> str:
    """The answer in the customer's language, else in Spanish, else in any."""
    texts = answer.texts
    return texts.get(language) or texts.get("es") or next(iter(texts.values()), "")


def fill(text: str, values: Mapping[str, str]) -> str:
    """Fill the variables that have a value; the others stay, so that the guard stops them."""
    return _VARIABLE.sub(lambda m: values.get(m.group(1)) or m.group(0), text)


def unknown_variables(text: str) -> list[str]:
    """The variables in a text that nothing would fill."""
    return [name for name in _VARIABLE.findall(text) if name not in VARIABLES]
