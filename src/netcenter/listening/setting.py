"""Settings: what we listen for, where, and which sites are ours."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from netcenter.accounts.models import Brand
from netcenter.lib import clock
from netcenter.lib.forms import saved
from netcenter.lib.refused import Refused
from netcenter.listening import queries
from netcenter.listening import settings as saving
from netcenter.listening.actions import found_in
from netcenter.listening.models import Search, Source
from netcenter.listening.rules import Wanted, lines
from netcenter.listening.settings import SearchDetails, SourceDetails
from netcenter.listening.sources.heard import Heard
from netcenter.people.access import PersonRequest, needs
from netcenter.people.permissions import May

LANGUAGES = [("es", gettext_lazy("Spanish")), ("en", gettext_lazy("English")), ("pt", gettext_lazy("Portuguese"))]
SHOWN = 8


def _lines(label: Any, help_text: Any, rows: int = 3, required: bool = False) -> forms.CharField:
    area = forms.Textarea({"rows": rows, "autocomplete": "off"})
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=20_000, widget=area)


class SearchForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    brand = forms.ModelChoiceField(Brand.objects.order_by("name"), label=gettext_lazy("Brand"), empty_label=None)
    phrases = _lines(
        gettext_lazy("Phrases"),
        gettext_lazy("One a line; any of them suffices. A + asks for several anywhere: aurora + bread."), 4, True,
    )  # fmt: skip
    excluded = _lines(
        gettext_lazy("But not with"), gettext_lazy("One a line: where any of these stands, it is not meant.")
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"), choices=LANGUAGES, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: any."),
    )  # fmt: skip
    places = _lines(
        gettext_lazy("Places"),
        gettext_lazy("One a line: it must be said there, or name the place. Empty: anywhere."), 2,
    )  # fmt: skip
    becomes = forms.ChoiceField(
        label=gettext_lazy("It becomes a case"), choices=Search.Becomes.choices, initial=Search.Becomes.NEVER,
        widget=forms.RadioSelect,
    )  # fmt: skip
    enabled = forms.BooleanField(label=gettext_lazy("Listens"), required=False, initial=True)

    def wanted(self) -> Wanted:
        v = self.data
        chosen = v.getlist("languages") if hasattr(v, "getlist") else v.get("languages", ())
        texts = (tuple(lines(v.get(name, ""))) for name in ("phrases", "excluded"))
        phrases, excluded = texts
        return Wanted(phrases, excluded, tuple(chosen), tuple(lines(v.get("places", ""))))

    def details(self) -> SearchDetails:
        v = self.cleaned_data
        told = {name: lines(v[name]) for name in ("phrases", "excluded", "places")}
        return SearchDetails(v["brand"], v["name"], told["phrases"], told["excluded"], v["languages"], told["places"],
                             v["becomes"], v["enabled"])  # fmt: skip


class SourceForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("What it is"), choices=Source.Kind.choices, widget=forms.RadioSelect,
                             initial=Source.Kind.FEED)  # fmt: skip
    address = forms.CharField(
        label=gettext_lazy("Address"), max_length=1000, required=False, widget=forms.TextInput({"inputmode": "url"}),
        help_text=gettext_lazy(
            "Of the feed; or of a Mastodon server, perhaps with a hashtag: https://mastodon.social/tags/aurora. "
            "Empty for all of Bluesky."
        ),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, required=False,
                           help_text=gettext_lazy("Empty: as it calls itself."))  # fmt: skip
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=[("", gettext_lazy("Mixed")), *LANGUAGES], required=False
    )
    place = forms.CharField(label=gettext_lazy("Place"), max_length=120, required=False,
                            help_text=gettext_lazy("Where it is read: a town, a region."))  # fmt: skip
    minutes = forms.IntegerField(label=gettext_lazy("Every how many minutes"), min_value=1, max_value=1440, initial=5)
    enabled = forms.BooleanField(label=gettext_lazy("Listens"), required=False, initial=True)

    def details(self) -> SourceDetails:
        return SourceDetails(**self.cleaned_data)


@needs(May.SET_STANDARDS)
@require_safe
def searches(request: PersonRequest) -> HttpResponse:
    """What we listen for, and where."""
    found = list(Search.objects.select_related("brand").order_by("name"))
    here = settings.PUBLIC_URL + reverse("listening:webmention")
    sites = [(brand, [s.host for s in brand.site_set.order_by("host")]) for brand in Brand.objects.order_by("name")]
    return render(request, "listening/searches.html", {
        "searches": found, "sources": queries.sources(), "sites": sites, "endpoint": here,
    })  # fmt: skip


@needs(May.SET_STANDARDS)
def search(request: PersonRequest, pk: int | None = None) -> HttpResponse:
    kept = get_object_or_404(Search, pk=pk) if pk else None
    form = SearchForm(request.POST or None, initial=_initial(kept))
    if request.method == "POST":
        done = saved(form, lambda _v: saving.save_search(kept, form.details(), clock.now(), request.user.actor))
        if done is not None:
            messages.success(request, _("%(name)s is saved.") % {"name": done.name})
            return redirect("listening:searches")
    return render(request, "listening/search.html", {"form": form, "search": kept}, status=422 if form.errors else 200)


def _initial(kept: Search | None) -> dict[str, Any]:
    if kept is None:
        return {"brand": Brand.objects.order_by("name").first()}
    listed = {name: "\n".join(getattr(kept, name)) for name in ("phrases", "excluded", "places")}
    return {"name": kept.name, "brand": kept.brand, "languages": kept.languages, "becomes": kept.becomes,
            "enabled": kept.enabled, **listed}  # fmt: skip


@needs(May.SET_STANDARDS)
@require_POST
def search_preview(request: PersonRequest) -> HttpResponse:
    """What this search would have found of what was heard lately."""
    wanted = SearchForm(request.POST).wanted()
    known = queries.recent_texts()
    found = [s for s in known if found_in(_heard(s), wanted)] if wanted.phrases else []
    return render(request, "listening/search_preview.html", {
        "found": found[:SHOWN], "count": len(found), "looked": len(known), "empty": not wanted.phrases,
    })  # fmt: skip


def _heard(s: Any) -> Heard:
    return Heard(s.name, s.url, s.sent_at, s.title, s.text, place=s.place, language=s.language)


@needs(May.SET_STANDARDS)
@require_POST
def search_remove(request: PersonRequest, pk: int) -> HttpResponse:
    kept = get_object_or_404(Search, pk=pk)
    saving.remove_search(kept, clock.now(), request.user.actor)
    messages.success(request, _("%(name)s is removed.") % {"name": kept.name})
    return redirect("listening:searches")


@needs(May.SET_STANDARDS)
def source(request: PersonRequest, pk: int | None = None) -> HttpResponse:
    kept = get_object_or_404(Source, pk=pk) if pk else None
    names = ("kind", "address", "name", "language", "place", "enabled")
    initial = {**{n: getattr(kept, n) for n in names}, "minutes": max(1, kept.every_seconds // 60)} if kept else {}
    form = SourceForm(request.POST or None, initial=initial)
    if request.method == "POST":
        done = saved(form, lambda _v: saving.save_source(kept, form.details(), clock.now(), request.user.actor))
        if done is not None:
            messages.success(request, _("%(name)s is saved.") % {"name": done})
            return redirect("listening:searches")
    return render(request, "listening/source.html", {"form": form, "source": kept}, status=422 if form.errors else 200)


@needs(May.SET_STANDARDS)
@require_POST
def source_remove(request: PersonRequest, pk: int) -> HttpResponse:
    kept = get_object_or_404(Source, pk=pk)
    saving.remove_source(kept, clock.now(), request.user.actor)
    messages.success(request, _("%(name)s is removed.") % {"name": kept})
    return redirect("listening:searches")


@needs(May.SET_STANDARDS)
@require_POST
def sites(request: PersonRequest) -> HttpResponse:
    """Which sites belong to a brand."""
    brand = get_object_or_404(Brand, pk=request.POST.get("brand") if request.POST.get("brand", "").isdigit() else 0)
    try:
        saving.save_sites(brand, lines(request.POST.get("hosts", ""), 50), clock.now(), request.user.actor)
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Saved."))
    return redirect("listening:searches")
