"""Settings: how long people wait: how it is estimated at this moment, and how right it was."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.views.decorators.http import require_safe

from netcenter.accounts.models import Brand
from netcenter.cases.models import Case
from netcenter.lib import clock
from netcenter.people.access import PersonRequest, needs
from netcenter.people.permissions import May
from netcenter.routing import spoken
from netcenter.routing.expected import SHARE, wilson
from netcenter.routing.models import Acknowledgement
from netcenter.routing.paces import Waits, imagined, told_lately

DAYS = 7
SHOWN = 20
SIDE = 300  # of the chart


@dataclass(frozen=True)
class Record:
    """How right it was: of so many, so many were kept, the true share lying between `low` and `high`."""

    told: list[Acknowledgement]
    kept: int
    low: float
    high: float
    aim: float = SHARE

    @property
    def of(self) -> int:
        return len(self.told)

    @property
    def share(self) -> float:
        return self.kept / self.of if self.told else 0.0


@dataclass(frozen=True)
class Dot:
    """One acknowledgement in the chart: said along, real upwards."""

    x: float
    y: float
    kept: bool
    case_id: int
    title: str = ""


@needs(May.SET_STANDARDS)
@require_safe
def waits(request: PersonRequest, pk: int) -> HttpResponse:
    """Of a brand's queue; `?case=` asks about one of its waiting cases."""
    brand, now = get_object_or_404(Brand, pk=pk), clock.now()
    number = request.GET.get("case", "").lstrip("#")
    waiting = Case.objects.select_related("account", "brand", "customer").filter(
        brand=brand, waiting_since__isnull=False
    )
    asked = waiting.filter(pk=int(number)).first() if number.isdigit() and len(number) < 15 else None
    expected = said = None
    if (case := asked or imagined(brand, "question", now)) is not None:
        expected = Waits(now).expect(case)
        language = spoken.spoken(translation.get_language() or brand.language)
        said = spoken.wait(now, expected.median_at, expected.latest_at, expected.hours.zone, language)
    record = record_of(brand, now)
    top, dots = chart(record.told, now)
    context = {
        "brand": brand, "expected": expected, "said": said, "asked": asked, "number": number, "record": record,
        "dots": dots, "top": top, "side": SIDE, "days": DAYS, "shown": record.told[:SHOWN],
    }  # fmt: skip
    return render(request, "setup/waits.html", context)


def record_of(brand: Brand, now: datetime) -> Record:
    """What was said and came in the last days; what is still open past its time is broken, not forgotten."""
    told = told_lately(now, brand.pk, DAYS)
    kept = sum(_kept(one) for one in told)
    return Record(told, kept, *wilson(kept, len(told)))


def _kept(told: Acknowledgement) -> bool:
    return bool(told.answered_at and told.promised_at and told.answered_at <= told.promised_at)


def chart(told: list[Acknowledgement], now: datetime) -> tuple[float, list[Dot]]:
    """(minutes at the end of both axes, dots). What took longer than the axis is drawn at its end."""
    pairs = [
        ((t.promised_at - t.told_at).total_seconds() / 60, ((t.answered_at or now) - t.told_at).total_seconds() / 60, t)
        for t in told if t.promised_at
    ]  # fmt: skip
    top = max([10.0, *(1.5 * said for said, _real, _t in pairs)])
    top = next((m for m in (10, 20, 30, 60, 120, 240, 480, 1440) if top <= m), 2880.0)
    dots = [
        Dot(round(SIDE * min(said / top, 1), 1), round(SIDE * (1 - min(real / top, 1)), 1), _kept(t), t.case_id)
        for said, real, t in pairs
    ]  # fmt: skip
    return float(top), dots
