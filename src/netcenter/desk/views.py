"""The pages of the desk and their pieces; each piece has an address of its own and can be fetched again alone."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from netcenter import situations
from netcenter.assistant.queries import beside as drafts_beside
from netcenter.cases import actions as cases_written
from netcenter.cases import queries as cases
from netcenter.cases.models import Case
from netcenter.cases.search import find
from netcenter.channels.registry import channel
from netcenter.crowds.queries import asked as rounds_asked
from netcenter.desk import around, customer, looking, manual, queries, telling, whereabouts, words
from netcenter.desk.actions import look
from netcenter.desk.answering import MOST_FILES, new_key
from netcenter.desk.handed import listed, standing_words
from netcenter.desk.line import latest_call, line
from netcenter.desk.rows import drawer, row_of, rows
from netcenter.lib import clock
from netcenter.outbox.deeds import asked_count
from netcenter.outbox.held import waiting_count
from netcenter.people.actions import desk_of
from netcenter.people.models import Desk, Person
from netcenter.people.permissions import May, may, require
from netcenter.routing.menus import chosen_in
from netcenter.routing.queries import ringing_at
from netcenter.routing.words import why_here
from netcenter.situations import Situation

View = Callable[..., HttpResponse]


def for_operators(view: View) -> View:
    """Only for people who may answer. A fragment asked for by nobody is refused, a page leads to signing in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return HttpResponse(status=401) if is_fragment(request) else redirect_to_login(request.get_full_path())
        require(request.user, May.ANSWER)
        return view(request, *args, **kwargs)

    return guarded


def at_desk(view: View) -> View:
    """The same, never kept by a browser."""
    return never_cache(for_operators(view))


def is_fragment(request: HttpRequest) -> bool:
    """Asked for by the page itself, to put into its place."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def me(request: HttpRequest) -> Person:
    """Who asks."""
    return request.user  # type: ignore[return-value]


def case_of(request: HttpRequest, case_id: int) -> Case:
    """The case, if the person may see it; else it does not exist for them."""
    found = cases.case_of(me(request), case_id)
    if found is None:
        raise Http404
    return found


def draw(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """Render with what every piece of the desk uses."""
    return render(request, f"desk/{template}.html", {"person": request.user, "network": channel, **context})


# --- Whole pages ------------------------------------------------------------------------------------------------------


def home(request: HttpRequest) -> HttpResponse:
    """The desk; for who only answers when asked, what is asked of them."""
    person = request.user
    if person.is_authenticated and not may(me(request), May.ANSWER) and may(me(request), May.ANSWER_ASKED):
        return redirect("desk:asked")
    return _home(request)


@at_desk
def _home(request: HttpRequest) -> HttpResponse:
    """The desk with nothing open."""
    if is_fragment(request):
        desk = desk_of(me(request))
        return draw(request, "nothing", desk=desk, missed=whereabouts.was_set_away(desk))
    return draw(request, "desk", **frame(request))


@at_desk
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """The desk with one case open."""
    found = case_of(request, case_id)
    context = opened(request, found)
    if is_fragment(request):
        return draw(request, "case", **context)
    return draw(request, "desk", **frame(request), **context)


def frame(request: HttpRequest) -> dict[str, Any]:
    """What stands around a case."""
    desk = desk_of(me(request))
    return {**_lists(request), **_ring(request, desk), **whereabouts.switch(desk)}


def opened(request: HttpRequest, found: Case) -> dict[str, Any]:
    """One case, whole. That this person looks at it, their screen says in a moment: the page waits for no writer."""
    person, now = me(request), clock.now()
    cases_written.mentions_seen(person, found.pk, now)
    situation, places = situations.of(found), queries.places(found)
    return {
        **_head(request, found, situation), **_story(request, found), **_side(request, found, situation),
        **drafts_beside(found, person.pk), "places": places, "draft": queries.draft(found, person),
        "elsewhere": not places and queries.is_elsewhere(found), "key": new_key(), "most_files": MOST_FILES,
    }  # fmt: skip


# --- Pieces -----------------------------------------------------------------------------------------------------------


@at_desk
def lists(request: HttpRequest) -> HttpResponse:
    """The left column's lists, or what the search found."""
    return draw(request, "lists", **_lists(request))


def _lists(request: HttpRequest) -> dict[str, Any]:
    person = me(request)
    searched = request.GET.get("q", "").strip()
    row = drawer(clock.now())
    if searched:
        return {"searched": searched, "found": rows(person, find(searched[:200])), "row": row}
    offer = ringing_at(person)
    return {
        "row": row, "rings": row_of(offer.case) if offer else None,
        "groups": queries.lists(person, offer), "mentions": queries.mentions(person),
        **listed(person, clock.now()), "how_it_stands": standing_words,
        "to_approve": waiting_count(person)
        + (asked_count() + len(rounds_asked(person)) if may(person, May.APPROVE) else 0),
    }  # fmt: skip


@at_desk
def ring(request: HttpRequest) -> HttpResponse:
    """What rings at this desk now, or that rings were missed; empty otherwise."""
    return draw(request, "ring", **_ring(request, desk_of(me(request))))


def _ring(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    offer = ringing_at(me(request))
    context: dict[str, Any] = {
        "ringing": offer, "desk": desk, "decline_reasons": words.decline_reasons(), **whereabouts.notice(desk),
    }  # fmt: skip
    if offer is not None:
        context |= {
            "ring_why": why_here(offer.why, queries.names_in(offer.why), offer.rang_at),
            "ring_chose": chosen_in(offer.case_id),
            "ring_call": latest_call(offer.case),
            "ring_place": next(iter(cases.threads_of(offer.case)), None),
            "ring_promise": queries.running_promise(offer.case_id),
        }
    return context


@at_desk
def presence(request: HttpRequest) -> HttpResponse:
    """The person's own state and how full their desk is."""
    return draw(request, "presence", **whereabouts.switch(desk_of(me(request))))


@at_desk
def head(request: HttpRequest, case_id: int) -> HttpResponse:
    """Who it is, how the promise stands, who has it, and the verbs."""
    found = case_of(request, case_id)
    return draw(request, "head", case=found, watched="watched" in request.GET, **_head(request, found))


def _head(request: HttpRequest, found: Case, situation: Situation | None = None) -> dict[str, Any]:
    standing = queries.standing(found, me(request), clock.now())
    mine = standing.offer if standing.mine else None
    return {
        "standing": standing, "kinds": words.kind_words(), "chose": chosen_in(found.pk),
        "line": line(found, standing.mine, me(request), clock.now()), "call_key": new_key(),
        **looking.told(found, me(request), situation),
        "why": why_here(mine.why, queries.names_in(mine.why), mine.rang_at) if mine else "",
    }  # fmt: skip


@at_desk
def story(request: HttpRequest, case_id: int) -> HttpResponse:
    """The words of the case; with `before`, the page of older ones."""
    found = case_of(request, case_id)
    before = request.GET.get("before", "")
    context = _story(request, found, int(before) if before.isdigit() else None)
    return draw(request, "older" if before.isdigit() else "story", **context)


def _story(request: HttpRequest, found: Case, before: int | None = None) -> dict[str, Any]:
    told, turns = queries.story(found, before)
    return {
        "story": told, "turns": turns, "first_id": min((m.pk for m in told.messages), default=0), "case": found,
        "others": lambda post_id: around.others(found, post_id), **telling.told(told.messages, me(request)),
    }  # fmt: skip


@at_desk
def side(request: HttpRequest, case_id: int) -> HttpResponse:
    """The right column."""
    found = case_of(request, case_id)
    return draw(request, "side", **{"case": found, **_head(request, found), **_side(request, found)})


def _side(request: HttpRequest, found: Case, situation: Situation | None = None) -> dict[str, Any]:
    return {
        "side": customer.side(found, me(request)), "kinds": words.kind_words(), "languages": words.language_words(),
        **manual.beside(found, me(request), situation),
    }  # fmt: skip


@at_desk
def company(request: HttpRequest, case_id: int) -> HttpResponse:
    """Who else looks at the case or writes in it; says at once that this person looks."""
    found = case_of(request, case_id)
    look(me(request), found.pk, clock.now())
    return draw(request, "company", case=found, **_head(request, found))


@at_desk
def where(request: HttpRequest, case_id: int) -> HttpResponse:
    """Where the answer can go: fetched again when the customer wrote in a new place."""
    found = case_of(request, case_id)
    return draw(request, "where", case=found, places=queries.places(found))


@at_desk
def answers(request: HttpRequest, case_id: int) -> JsonResponse:
    """The canned answers, filled, for "/shortcut"; and the colleagues for "@"."""
    found = case_of(request, case_id)
    people = queries.colleagues(found.brand, me(request))
    return JsonResponse({
        "answers": queries.canned(found, me(request)),
        "words": manual.words_of(found, situations.protocol_of(found).shown, me(request)),
        "people": [{"shortcut": p.name, "name": p.get_role_display(), "text": f"@{p.name}"} for p in people],
    })  # fmt: skip


@at_desk
def team(request: HttpRequest) -> HttpResponse:
    """Who is where and holds what: for those who may see every desk."""
    require(me(request), May.SEE_ALL)
    return draw(
        request, "team", colleagues=queries.team(), may_move=may(me(request), May.REASSIGN),
    )  # fmt: skip
