"""What a company teaches its engine: examples of topics, corrections of kinds, and switching on what came of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from netcenter.cases.models import Message
from netcenter.events.actions import event, record
from netcenter.lib import wakeup
from netcenter.lib.refused import Refused
from netcenter.lib.transactions import atomic
from netcenter.understanding.models import Correction, Example, Layer, Reading

TOPIC = "understanding"  # woken when something is to be learned
FEWEST = 20  # corrections: fewer teach accidents
MOST_CORRECTIONS = 5_000  # the latest
MOST_OTHERS = 1_500  # messages that nobody corrected, beside them: what is right must stay right
OTHERS_EACH = 3
NEW_TEACH = 20  # so many new corrections are worth learning anew
REST = timedelta(hours=20)
LONGEST = 4_000


# --- Topics ---------------------------------------------------------------------------------------


def topics() -> QuerySet[Example, Any]:
    """The company's topics and how many examples each has."""
    return Example.objects.values("topic").annotate(count=Count("pk")).order_by("topic")


@atomic
def add_examples(texts: Sequence[str], answers: Sequence[str], now: datetime, actor: str) -> int:
    """Keep labelled texts; the same text counts once, with its latest topic. Returns how many were told."""
    kept = {
        hashlib.sha256(text.strip().lower().encode()).hexdigest()[:32]: (text[:LONGEST], topic[:80])
        for text, topic in zip(texts, answers, strict=True)
    }
    Example.objects.bulk_create(
        [Example(text=t, topic=k, digest=d, added_at=now) for d, (t, k) in kept.items()], batch_size=500,
        update_conflicts=True, unique_fields=["digest"], update_fields=["topic", "added_at"],
    )  # fmt: skip
    record(event("topics.told", now, actor, examples=len(kept), topics=len({k for _t, k in kept.values()})))
    return len(kept)


@atomic
def forget_topic(topic: str, now: datetime, actor: str) -> int:
    """Take a topic and its examples away; what was learned stays until it is learned anew."""
    count, _each = Example.objects.filter(topic=topic).delete()
    record(event("topics.forgotten", now, actor, topic=topic, examples=count))
    return count


# --- Learning ---------------------------------------------------------------------------------------


@atomic
def ask(what: str, now: datetime, actor: str) -> None:
    """Have it learned, by the loop: that takes a while. Raises Refused when there is too little to learn from."""
    if what == Layer.What.KINDS and Correction.objects.count() < FEWEST:
        raise Refused("too_few", _("%(n)d corrections are the least to learn from.") % {"n": FEWEST})
    enough = [t for t in topics() if t["count"] >= 2]
    if what == Layer.What.TOPICS and len(enough) < 2:
        raise Refused("too_few", _("Two topics with two examples each are the least to learn from."))
    if not Layer.objects.filter(what=what, weights=b"").exists():
        Layer.objects.create(what=what, weights=b"", effect={"asked_by": actor}, made_at=now)
    wakeup.wake(TOPIC)


def learn_what_is_asked(now: datetime) -> None:
    """What somebody asked for; and once a day the kinds, where enough was corrected since."""
    for layer in Layer.objects.filter(weights=b"").order_by("pk"):
        try:
            learn(layer.what, now, str(layer.effect.get("asked_by", "system")))
        except ValueError:  # its examples were taken away meanwhile
            layer.delete()
    last = Layer.objects.filter(what=Layer.What.KINDS).order_by("-made_at").first()
    if last and now - last.made_at < REST:
        return
    new = Correction.objects.filter(at__gt=last.made_at) if last else Correction.objects.all()
    if new.count() >= NEW_TEACH and Correction.objects.count() >= FEWEST:
        learn(Layer.What.KINDS, now, "system")


def learn(what: str, now: datetime, actor: str) -> Layer:
    """Learn it now, and say what it would change; it is switched on later. Takes time, outside any transaction."""
    weights, effect = _topics() if what == Layer.What.TOPICS else _kinds()
    return _offer(what, weights, effect, now, actor)


def _topics() -> tuple[bytes, dict[str, Any]]:
    from netcenter.understanding import own
    from netcenter.understanding import topics as topics_of

    texts, answers = topics_of.chosen(Example.objects.order_by("digest").values_list("text", "topic"))
    found, quality = topics_of.fit_and_judge(texts, answers)
    return own.as_bytes(found), asdict(quality) | {"learned_from": len(texts)}


def _kinds() -> tuple[bytes, dict[str, Any]]:
    from netcenter.understanding import own
    from netcenter.understanding.engine import Trained

    latest = Correction.objects.order_by("-at", "-pk").values_list("message__text", "was", "now")
    cases = [own.Case(text, was, is_) for text, was, is_ in latest[:MOST_CORRECTIONS]]
    others = Reading.objects.filter(corrected_by="", message__state=Message.State.ANSWERED).order_by("-message_id")
    few = min(MOST_OTHERS, OTHERS_EACH * len(cases))
    cases += [own.Case(text, kind, kind) for text, kind in others.values_list("message__text", "kind")[:few]]
    layer, effect = own.learn(cases, Trained())
    return own.as_bytes(layer), asdict(effect)


@atomic
def _offer(what: str, weights: bytes, effect: dict[str, Any], now: datetime, actor: str) -> Layer:
    """Keep what was learned beside what is on; what was offered before and never switched on goes."""
    Layer.objects.filter(what=what, is_on=False).delete()
    layer = Layer.objects.create(what=what, weights=weights, effect=effect, made_at=now)
    record(event("layer.learned", now, actor, layer=layer.pk, what=what, examples=effect["learned_from"]))
    return layer


@atomic
def switch(layer_id: int, on: bool, now: datetime, actor: str) -> None:
    """Read with it from now on, or no longer. What was read stays as it is. Raises Refused."""
    layer = Layer.objects.select_for_update().filter(pk=layer_id).first()
    if layer is None:
        raise Refused("gone", _("It was learned anew meanwhile."))
    if on:
        Layer.objects.filter(what=layer.what, is_on=True).exclude(pk=layer.pk).update(is_on=False)
    Layer.objects.filter(pk=layer.pk).update(is_on=on)
    record(event("layer.on" if on else "layer.off", now, actor, layer=layer.pk, what=layer.what))
