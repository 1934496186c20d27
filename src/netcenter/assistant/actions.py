"""Setting the assistant up, and the record of what it was asked, what came, and what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from netcenter.assistant.known import MEMORY
from netcenter.assistant.models import Assistant, Drafted
from netcenter.assistant.queries import endpoint_of, is_on, unsent
from netcenter.assistant.rules import Sends, Source
from netcenter.assistant.wire import Endpoint
from netcenter.cases.models import Case, Message
from netcenter.events.actions import event, record
from netcenter.lib import wakeup
from netcenter.lib.refused import Refused
from netcenter.lib.secrets import seal
from netcenter.lib.transactions import atomic
from netcenter.people.models import Person
from netcenter.protocols.rules import UNLIKE, changed_by

State = Drafted.State
EACH, EACH_SPAN = 10, timedelta(minutes=5)  # drafts that one person may ask for, in which time
ALL, ALL_SPAN = 600, timedelta(hours=1)  # and the whole house: what somebody pays for has a limit


@dataclass(frozen=True)
class Setup:
    """How it shall be. `key`: "" keeps the one that there is."""

    base_url: str
    model: str
    key: str = ""
    brands: Sequence[int] = ()
    sends: Sends = Sends()  # noqa: RUF009 - frozen


@atomic
def save(setup: Setup, now: datetime, actor: str) -> Assistant:
    """A key that was given for one address is never sent to another. Raises Refused when it must be typed again."""
    kept = Assistant.objects.select_for_update().order_by("pk").first() or Assistant(pk=1)
    old = endpoint_of(kept).key
    if old and not setup.key and _host(kept.base_url) != _host(setup.base_url):
        told = _("The address is another one: type the key again. The one that is kept belongs to the old address.")
        raise Refused("key_again", told, field="key")
    kept.base_url, kept.model = setup.base_url.strip().rstrip("/"), setup.model.strip()
    if setup.key:
        kept.sealed = seal({"key": setup.key})
    kept.sends_words, kept.sends_history, kept.sends_name = setup.sends.words, setup.sends.history, setup.sends.name
    kept.save()
    kept.brands.set(setup.brands)
    record(event("assistant.changed", now, actor, host=_host(kept.base_url), model=kept.model,
                 brands=sorted(setup.brands), sends=asdict(setup.sends)))  # fmt: skip
    MEMORY.forget()
    wakeup.wake("assistant")
    return kept


def _host(url: str) -> str:
    parts = urlsplit(url.strip())
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""


@atomic
def ask(case: Case, by: Person, endpoint: Endpoint, sizes: Mapping[str, int], now: datetime) -> Drafted:
    """Write down that this much is about to leave the house. Raises Refused when it is off, or asked too often.

    The one row of the settings is locked meanwhile, so that many at once do not pass the limit together.
    """
    list(Assistant.objects.select_for_update().values_list("pk"))
    if not is_on(case.brand_id):
        raise Refused("assistant_off", _("The assistant is switched off for this brand."))
    mine = Drafted.objects.filter(by=by, at__gt=now - EACH_SPAN).count()
    if mine >= EACH or Drafted.objects.filter(at__gt=now - ALL_SPAN).count() >= ALL:
        raise Refused("assistant_often", _("The assistant was asked very often just now. Try again in a few minutes."))
    drafted = Drafted.objects.create(case=case, by=by, at=now)
    record(event("assistant.asked", now, by.actor, **_of(drafted), host=_host(endpoint.base_url),
                 model=endpoint.model, sizes=dict(sizes)))  # fmt: skip
    return drafted


@atomic
def came(
    drafted: Drafted, text: str, sources: Iterable[Source], removed: int, found: Sequence[str], now: datetime
) -> None:
    """A draft that the guard let a person see; `found` names what it found in it all the same."""
    told = [asdict(source) for source in sources]
    drafted.state, drafted.text, drafted.sources, drafted.removed = State.DONE, text, told, removed
    drafted.save(update_fields=["state", "text", "sources", "removed"])
    record(event("assistant.drafted", now, drafted.by.actor, **_of(drafted), characters=len(text),
                 sources=[source["mark"] for source in told], removed=removed, found=list(found)))  # fmt: skip


@atomic
def failed(drafted: Drafted, why: str, now: datetime, found: Sequence[str] = ()) -> None:
    """Nothing that somebody could use."""
    Drafted.objects.filter(pk=drafted.pk).update(state=State.FAILED)
    record(event("assistant.failed", now, drafted.by.actor, **_of(drafted), why=why, found=list(found)))


@atomic
def answered(message: Message, text: str, by: Person, now: datetime) -> None:
    """Somebody answered who had a draft here: how far it is from what they sent goes on the record, and beside the
    words when something of it is left. What is compared is what was sent, whatever the page says of it.
    """
    drafts = unsent(message.case_id, by.pk) if MEMORY.get().is_set_up else []
    if not drafts:
        return
    far = {draft.pk: round(changed_by(draft.text, text), 3) for draft in drafts}
    nearest = min(drafts, key=lambda draft: far[draft.pk])
    changed = far[nearest.pk]
    Drafted.objects.filter(pk__in=list(far)).update(state=State.LEFT)
    Drafted.objects.filter(pk=nearest.pk).update(state=State.SENT, message=message, changed=changed)
    if changed <= UNLIKE:
        message.extra = {**message.extra, "drafted": changed}
        Message.objects.filter(pk=message.pk).update(extra=message.extra)
    record(event("assistant.answered", now, by.actor, **_of(nearest), message=message.pk, changed=changed,
                 used=changed <= UNLIKE))  # fmt: skip


def _of(drafted: Drafted) -> dict[str, Any]:
    case = drafted.case
    return {"case_id": case.pk, "brand_id": case.brand_id, "operator_id": drafted.by_id, "drafted": drafted.pk}
