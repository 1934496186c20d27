"""Public threads at the desk: the post with what others wrote, and what can be done to words that are there."""

from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from netcenter.accounts.models import Account
from netcenter.accounts.queries import connection_of
from netcenter.cases.models import Message, Post
from netcenter.channels.contract import ChannelError, Template
from netcenter.channels.registry import channel
from netcenter.desk import answering, around, queries
from netcenter.desk.acts import MOST_TEXT, act, done
from netcenter.desk.answering import key_of, new_key
from netcenter.desk.telling import told, verb_words
from netcenter.desk.views import at_desk, case_of, draw, me
from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.outbox import deeds
from netcenter.outbox.deeds import Wish
from netcenter.outbox.models import Deed
from netcenter.people.permissions import visible_brands

TEMPLATES_SECONDS = 600


@at_desk
@require_safe
def post(request: HttpRequest, case_id: int, post_id: int) -> HttpResponse:
    """The post with a page of its comments."""
    found = case_of(request, case_id)
    shown = get_object_or_404(Post.objects.select_related("account"), pk=post_id, account__brand=found.brand_id)
    before, after = (request.GET.get(name, "") for name in ("before", "after"))
    page = around.around(
        found, shown, int(before) if before.isdigit() else None, int(after) if after.isdigit() else None
    )
    return draw(request, "post", case=found, around=page, **told(page.comments, me(request)))


@at_desk
def deed(request: HttpRequest, message_id: int, verb: str) -> HttpResponse:
    """Do something to words that are there: ask why where they disappear, then do it."""
    message = _message(request, message_id)
    if request.method == "POST":
        return _deed(request, message_id, verb)
    asks = deeds.needs_approval(verb, message)
    nobody = asks and not deeds.others_may_approve(me(request))
    return draw(
        request, "deed", m=message, verb=verb, asks=asks, nobody=nobody, key=new_key(), verbs=verb_words(),
        most=channel(message.account.channel).capabilities.longest("public"), reason=verb in deeds.WITH_REASON,
    )  # fmt: skip


@act
def _deed(request: HttpRequest, message_id: int, verb: str) -> HttpResponse:
    message, form = _message(request, message_id), request.POST
    wish = Wish(
        verb, key_of(form.get("key", "")), form.get("reason", ""), form.get("text", "")[:MOST_TEXT],
        form.get("what", "")[:60],
    )  # fmt: skip
    made = deeds.do(message, wish, me(request), clock.now())
    text = _("Somebody else has to agree first.") if made.state == Deed.State.ASKED else ""
    here = request.POST.get("case", "")
    topics = {f"case:{message.case_id}", *({f"case:{here}"} if here.isdigit() else ())}
    says: dict[str, Any] = {"says": {"text": text}} if text else {}
    return done(*sorted(topics), "lists", **says)


def _message(request: HttpRequest, message_id: int) -> Message:
    rows = Message.objects.select_related("thread__account", "account", "case", "identity", "operator")
    return get_object_or_404(rows, visible_brands(me(request), "case__brand"), pk=message_id)


# --- Approved texts -------------------------------------------------------------------------------


@at_desk
def templates(request: HttpRequest, case_id: int, thread_id: int) -> HttpResponse:
    """The texts that the network approved, with their blanks to fill; then one of them is sent."""
    found = case_of(request, case_id)
    place = next((p for p in queries.places(found) if p.thread.pk == thread_id), None)
    if place is None or not place.ways.templates:
        raise Http404
    if request.method == "POST":
        return _send_template(request, case_id, thread_id)
    try:
        listed = approved(place.thread.account)
    except ChannelError as error:
        return draw(request, "templates", case=found, place=place, listed=(), error=str(error))
    return draw(request, "templates", case=found, place=place, listed=listed, key=new_key(), error="")


@act
def _send_template(request: HttpRequest, case_id: int, thread_id: int) -> HttpResponse:
    found, seen = case_of(request, case_id), request.POST.get("seen", "")
    place = next(p for p in queries.places(found) if p.thread.pk == thread_id)
    name, _colon, language = request.POST.get("template", "").partition("|")
    listed = approved(place.thread.account)
    chosen = next((t for t in listed if (t.name, t.language) == (name, language)), None)
    if chosen is None:
        raise Refused("no_template", _("Choose one of the approved texts."))
    filled = {blank: request.POST.get(f"{name}|{language}|{blank}", "").strip()[:500] for blank in chosen.blanks}
    if empty := [blank for blank, words in filled.items() if not words]:
        raise Refused("blank", _("Fill in %(blank)s.") % {"blank": ", ".join(empty)})
    text = chosen.text
    for blank, words in filled.items():
        text = text.replace("{" + blank + "}", words)
    answering.send(found, answering.Answer(
        text=text or chosen.name, key=key_of(request.POST.get("key", "")), thread_id=thread_id,
        seen_id=int(seen) if seen.isdigit() else None, way="template",
        template={"name": chosen.name, "language": chosen.language, "filled": filled},
    ), me(request), clock.now())  # fmt: skip
    return done("lists", "presence", f"case:{found.pk}")


def approved(account: Account) -> tuple[Template, ...]:
    """What the network approved, asked again after a while. Raises ChannelError."""
    name = f"templates:{account.pk}"
    known: tuple[Template, ...] | None = cache.get(name)
    if known is None:
        known = channel(account.channel).templates(connection_of(account))
        cache.set(name, known, TEMPLATES_SECONDS)
    return known
