"""Web Push: what rings on the screens also rings on the telephones and browsers that their person has subscribed.

The push service of the browser's maker carries it and can read nothing (RFC 8291); our key proves that it comes from
us (RFC 8292). A push that fails is not tried again: a ring lasts some seconds.
"""

import json
import logging
import time
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from py_vapid import Vapid02
from py_vapid.utils import b64urlencode

from netcenter.cases.models import Case
from netcenter.events.queries import latest
from netcenter.events.reading import Fact, Reader
from netcenter.lib import clock, http
from netcenter.people.models import Person, PushSubscription
from netcenter.routing.asked import open_referral
from netcenter.routing.models import Offer

log = logging.getLogger(__name__)

SECONDS = 5.0
GONE = (404, 410)
MOST_BROWSERS = 20  # of one person: each ring is sent to all of them
RING, ASKING_SECONDS = "ring", 3600  # a ring is over in seconds; what is asked of somebody waits for their phone
ASKS = ("referral.asked", "referral.climbed", "referral.reminded")
LONGEST_PROOF = 12 * 3600  # seconds; push services refuse more than a day


def public_key() -> str:
    """What browsers must be given to subscribe: our public point, base64url."""
    return b64urlencode(_vapid().public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def subscribe(person: Person, endpoint: str, keys: dict[str, str]) -> PushSubscription:
    """This browser may be rung; one that somebody else used before is theirs no longer."""
    made, _new = PushSubscription.objects.update_or_create(endpoint=endpoint, defaults={"person": person, "keys": keys})
    mine = PushSubscription.objects.filter(person=person).order_by("-id")
    PushSubscription.objects.filter(pk__in=list(mine.values_list("pk", flat=True)[MOST_BROWSERS:])).delete()
    return made


def unsubscribe(person: Person, endpoint: str) -> None:
    PushSubscription.objects.filter(person=person, endpoint=endpoint).delete()


def is_subscription(endpoint: object, keys: object) -> bool:
    """Whether a browser could have said so: an address, its public point (65 bytes) and its secret (16 bytes)."""
    if not isinstance(endpoint, str) or len(endpoint) > 600 or not isinstance(keys, dict):
        return False
    secure = ("https", "http") if settings.ALLOW_PRIVATE_HTTP else ("https",)
    try:
        if urlsplit(endpoint).scheme not in secure or not urlsplit(endpoint).hostname:
            return False
        sizes = [len(_bytes(str(keys[name]))) for name in ("p256dh", "auth")]
    except (KeyError, ValueError):
        return False
    return sizes == [65, 16]


def push(endpoint: str, keys: dict[str, str], content: dict[str, object], now: datetime, seconds: int) -> int:
    """Send it to one browser, worth delivering for so long; returns the push service's status. Raises HttpFailed."""
    sealed = _seal(json.dumps(content).encode(), keys)
    service = urlsplit(endpoint)
    claims = {
        "aud": f"{service.scheme}://{service.netloc}", "exp": int(now.timestamp()) + LONGEST_PROOF,
        "sub": settings.VAPID_SUBJECT,
    }  # fmt: skip
    kind = str(content.get("tag", RING))
    headers = {
        **_vapid().sign(claims), "content-encoding": "aes128gcm", "content-type": "application/octet-stream",
        "ttl": str(max(1, seconds)), "urgency": "high", "topic": kind[:32],
    }  # fmt: skip
    return http.request("POST", endpoint, body=sealed, headers=headers, timeout=SECONDS, limit=4096).status


class Pusher:
    """Follows the record and pushes rings; slow services keep only its own threads waiting."""

    def __init__(self) -> None:
        self._reader: Reader | None = None
        self._senders = ThreadPoolExecutor(4, thread_name_prefix="push")
        self._sent: dict[Future[int], int] = {}  # subscription ids
        self._read_at = 0.0

    def step(self) -> float | None:
        self._note_ends()
        if self._reader is None or time.monotonic() - self._read_at > settings.RING_SECONDS:
            self._reader = Reader(latest())  # another process led meanwhile, or it is long ago: nothing rings any more
        self._read_at = time.monotonic()
        facts = [f for f in self._reader.fresh() if f.kind == "offer.rang" or f.kind in ASKS]
        if facts:
            self._push(facts)
        return 0.5 if self._sent else None

    def _push(self, facts: Sequence[Fact]) -> None:
        subscriptions = PushSubscription.objects.filter(person_id__in=[f.operator_id for f in facts])
        browsers = list(subscriptions.select_related("person"))
        if not browsers:
            return
        cases = Case.objects.select_related("customer", "brand").in_bulk([f.case_id for f in facts if f.case_id])
        rings = {(o.case_id, o.operator_id): o.until for o in Offer.objects.filter(
            case_id__in=list(cases), state=Offer.State.RINGING)}  # fmt: skip
        for fact in facts:
            case, now = cases.get(fact.case_id or 0), clock.now()
            until = rings.get((fact.case_id or 0, fact.operator_id or 0))
            asks, seconds = fact.kind in ASKS, ASKING_SECONDS
            if not asks:
                if until is None:
                    continue  # it was picked up before we came so far
                seconds = round((until - now).total_seconds())
            for one in browsers:
                if case and one.person_id == fact.operator_id and len(self._sent) < 1000:
                    content = asking(case, one.person) if asks else words(case, one.person)
                    if content is None:
                        continue
                    sending = self._senders.submit(push, one.endpoint, one.keys, content, now, seconds)
                    self._sent[sending] = one.pk

    def _note_ends(self) -> None:
        gone = []
        for sending in [s for s in self._sent if s.done()]:
            subscription_id = self._sent.pop(sending)
            error = sending.exception()
            if error:
                log.warning("a ring could not be pushed: %s", error)
            elif sending.result() in GONE:
                gone.append(subscription_id)
            elif sending.result() >= 400:
                log.warning("a push service answered %d", sending.result())
        if gone:
            PushSubscription.objects.filter(pk__in=gone).delete()


def words(case: Case, person: Person) -> dict[str, object]:
    """What the notification says, in the person's language."""
    with translation.override(person.language):
        title = _("%(name)s is waiting") % {"name": case.customer.called or _("A customer")}
    return {
        "title": title, "body": f"{case.brand.name} · {case.preview or case.subject}"[:200], "case": case.pk,
        "url": "/desk/",
    }  # fmt: skip


def asking(case: Case, person: Person) -> dict[str, object] | None:
    """What the notification says to whoever is asked; None when they no longer are. No word of the customer's."""
    referral = open_referral(case.pk)
    if referral is None or referral.owner_id != person.pk:
        return None
    with translation.override(person.language):
        title = _("%(name)s asks you (%(area)s)") % {"name": referral.operator.name, "area": referral.area.name}
    return {
        "title": title, "body": referral.question[:200], "case": case.pk, "tag": f"asked-{referral.pk}",
        "url": reverse("desk:seat", args=[referral.pk]),
    }  # fmt: skip


def _seal(content: bytes, keys: dict[str, str]) -> bytes:
    """For this browser alone, by a key that is used once (RFC 8291)."""
    point, secret = (_bytes(keys[name]) for name in ("p256dh", "auth"))
    once = ec.generate_private_key(ec.SECP256R1())
    return http_ece.encrypt(content, private_key=once, dh=point, auth_secret=secret, version="aes128gcm")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "==")  # browsers leave the padding out; too much of it is none


def _vapid() -> Vapid02:
    return Vapid02.from_raw(settings.VAPID_PRIVATE_KEY.encode())
