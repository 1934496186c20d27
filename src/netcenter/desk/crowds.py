"""A viral post at the desk: what its crowd says and by how many, answering or hiding many, and how that goes."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from netcenter.cases.models import Message, Post
from netcenter.crowds import actions, going, queries
from netcenter.crowds.actions import LONGEST, Wish
from netcenter.crowds.models import Chorus, Round
from netcenter.crowds.rules import VARIABLES, TooMany, ways
from netcenter.desk.acts import act, draw_refusal
from netcenter.desk.answering import key_of, new_key
from netcenter.desk.telling import told
from netcenter.desk.views import at_desk, draw, is_fragment, me
from netcenter.desk.words import kind_words, language_words
from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.outbox import deeds
from netcenter.people.permissions import May, may, visible_brands

MOST_CHOSEN = 200  # choruses chosen by hand
SHOWN = 3  # wordings of the preview


def _post(request: HttpRequest, post_id: int) -> Post:
    rows = Post.objects.select_related("account__brand")
    return get_object_or_404(rows, visible_brands(me(request), "account__brand"), pk=post_id)


@at_desk
def crowd(request: HttpRequest, post_id: int) -> HttpResponse:
    """What is said under a post, the loudest first; as a fragment only its figures."""
    post = _post(request, post_id)
    context: dict[str, Any] = {"post": post, "crowd": queries.crowd_of(post), "kinds": kind_words()}
    if is_fragment(request):
        return draw(request, "crowd_figures", **context)
    kind, page = request.GET.get("kind", ""), request.GET.get("page", "")
    kind = kind if kind in context["kinds"] else ""
    return draw(
        request, "crowd", **context, kind=kind, languages=language_words(), rounds=queries.rounds_of(post),
        listed=queries.listed(post, kind, int(page) if page.isdigit() and len(page) < 4 else 0), states=state_words(),
    )  # fmt: skip


@at_desk
def chorus(request: HttpRequest, chorus_id: int) -> HttpResponse:
    """Some of those who say so."""
    found = get_object_or_404(Chorus, visible_brands(me(request), "post__account__brand"), pk=chorus_id)
    after = request.GET.get("after", "")
    shown, more = queries.voices(found, int(after) if after.isdigit() and len(after) < 18 else 0)
    return draw(request, "chorus", chorus=found, voices=shown, more=more, **told(shown, me(request)))


# --- A new round ----------------------------------------------------------------------------------


@at_desk
def round_new(request: HttpRequest, post_id: int, verb: str) -> HttpResponse:
    """Write the text for many, or say why many are hidden; then ask for it."""
    post = _post(request, post_id)
    if request.method == "POST":
        return _ask(request, post_id, verb)
    wish = _wish(request.GET, "")
    found = _found(post, wish, verb)
    samples = Chorus.objects.filter(post=post, pk__in=wish.choruses).order_by("-waiting", "-comments", "id")[:5]
    needs_other = verb == Round.Verb.HIDE or not may(me(request), May.APPROVE)
    nobody = verb == Round.Verb.HIDE and not deeds.others_may_approve(me(request))
    return draw(
        request, "round_new", post=post, nobody=nobody, verb=verb, wish=wish, count=len(found),
        samples=list(samples), key=new_key(), kinds=kind_words(), needs_other=needs_other, longest=LONGEST,
        variables=VARIABLES,
    )  # fmt: skip


@act
def _ask(request: HttpRequest, post_id: int, verb: str) -> HttpResponse:
    post, person, now = _post(request, post_id), me(request), clock.now()
    wish = _wish(request.POST, key_of(request.POST.get("key", "")))
    ask = actions.ask_to_hide if verb == Round.Verb.HIDE else actions.ask_to_answer
    made = ask(post, wish, person, now)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = reverse("desk:round", args=[made.pk])
    return response


def _wish(form: Any, key: str) -> Wish:
    chosen = [int(n) for n in form.getlist("chorus")[:MOST_CHOSEN] if n.isdigit() and len(n) < 18]
    kind = form.get("kind", "") if form.get("all") else ""
    return Wish(key, form.get("text", ""), tuple(chosen), kind if kind in kind_words() else "")


def _found(post: Post, wish: Wish, verb: str) -> list[int]:
    if verb == Round.Verb.HIDE:
        return queries.to_hide(post, wish.choruses, wish.kind)
    return [message for message, _case in queries.to_answer(post, wish.choruses, wish.kind)]


@act
def round_preview(request: HttpRequest, post_id: int) -> HttpResponse:
    """What the first of them would be told, and for how many in a row the ways to say it suffice."""
    post = _post(request, post_id)
    wish = _wish(request.POST, "")
    try:
        sentences = ways(wish.text[:LONGEST])
    except TooMany:
        return draw_refusal(request, Refused("too_many", _("At most 12 sentences, and 12 ways to say each.")))
    found = _found(post, wish, "answer")
    first = Message.objects.filter(pk__in=found[: going.READERS_SEE + 1]).select_related("identity", "thread")
    people = [(going.values_of(m, me(request), post.account.brand.name), m.pk) for m in first.order_by("pk")]
    said = going.rehearse(wish.text[:LONGEST], people) if sentences else []
    return draw(
        request, "round_preview", said=list(zip(first, said, strict=False))[:SHOWN], enough=len(said) == len(people),
        differ=len(said), count=len(found), empty=not sentences,
    )  # fmt: skip


# --- How it goes ----------------------------------------------------------------------------------


@at_desk
def round(request: HttpRequest, round_id: int) -> HttpResponse:
    """A round: how far it is, what it leaves, and whether it goes on."""
    return _draw(request, _round(request, round_id))


def _round(request: HttpRequest, round_id: int) -> Round:
    rows = Round.objects.select_related("post__account__brand", "by", "approved_by")
    return get_object_or_404(rows, visible_brands(me(request), "post__account__brand"), pk=round_id)


def _draw(request: HttpRequest, found: Round) -> HttpResponse:
    context = {
        "round": found, "progress": queries.progress(found, clock.now()), "states": state_words(),
        "whys": why_words(), "may_decide": may(me(request), May.APPROVE) and me(request).pk != found.by_id,
        "may_steer": me(request).pk == found.by_id or may(me(request), May.APPROVE),
        "left": queries.left_over(found), "some": queries.some_of(found) if found.state == Round.State.ASKED else [],
    }  # fmt: skip
    return draw(request, "round_now" if is_fragment(request) else "round", **context)


@act
def round_act(request: HttpRequest, round_id: int, verb: str) -> HttpResponse:
    """Agree or not, pause, go on, stop."""
    found, person, now = _round(request, round_id), me(request), clock.now()
    if verb in ("approve", "drop"):
        actions.decide(found.pk, person, granted=verb == "approve", note=request.POST.get("note", ""), now=now)
    elif found.by_id != person.pk and not may(person, May.APPROVE):
        raise Refused("not_yours", _("Only who asked for it or a supervisor can do that."))
    elif verb == "pause":
        actions.pause(found.pk, person, request.POST.get("note", ""), now)
    elif verb == "resume":
        actions.resume(found.pk, person, now)
    elif verb == "stop":
        actions.stop(found.pk, person, now)
    else:
        return redirect("desk:round", found.pk)
    response = _draw(request, _round(request, round_id))
    response["HX-Retarget"], response["HX-Reswap"] = "#round-now", "innerHTML"
    return response


def state_words() -> dict[str, str]:
    """How a round stands, in words."""
    return {
        "asked": _("waits for approval"), "running": _("under way"), "paused": _("paused"), "done": _("done"),
        "stopped": _("stopped"), "dropped": _("not approved"),
    }  # fmt: skip


def why_words() -> dict[str, str]:
    """Why somebody was left to people, in words."""
    return {
        "answered": _("answered or closed meanwhile"), "held": _("a colleague has it"), "guard": _("the guard objects"),
        "cannot": _("not possible any more"), "more": _("wrote something else, too"),
        "window_over": _("the network takes no answer any more"),
        "too_long": _("too long for this network"), "asked": _("somebody responsible is asked"),
        "out_of_words": _("Every wording went to somebody just now. Start another round with more ways to say it."),
    }  # fmt: skip
