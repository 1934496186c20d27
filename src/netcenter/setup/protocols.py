"""Settings: the protocols, their versions, and the manuals that the house brings along."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from netcenter import situations
from netcenter.lib import clock
from netcenter.lib.forms import saved
from netcenter.lib.refused import Refused
from netcenter.people.access import PersonRequest, needs
from netcenter.people.permissions import May
from netcenter.protocols import writing
from netcenter.protocols.content import read
from netcenter.protocols.known import history, ticked_since
from netcenter.protocols.manuals import MANUALS, manual
from netcenter.protocols.models import Protocol, Version
from netcenter.setup.protocol_form import ProtocolForm, condition_words, initial

SHOWN = 10  # past cases of a preview


def manual_names() -> dict[str, str]:
    """For which kind of company each manual is."""
    return {
        "common": _("For every company"), "retail": _("Shop"), "airline": _("Airline"), "hosting": _("Hosting"),
        "restaurant": _("Restaurant"), "bank": _("Bank"),
    }  # fmt: skip


@needs(May.SET_STANDARDS)
@require_safe
def protocols(request: PersonRequest) -> HttpResponse:
    kept = list(Protocol.objects.filter(removed_at=None).select_related("brand").order_by("name", "id"))
    versions = Version.objects.filter(protocol__in=kept).values_list("protocol_id", "number", "content")
    content = {(protocol, number): read(row) for protocol, number, row in versions}
    followed = ticked_since([p.pk for p in kept], clock.now() - timedelta(days=30))
    rows = [(p, condition_words(content[p.pk, p.number].when), content[p.pk, p.number], followed.get(p.pk, 0))
            for p in kept]  # fmt: skip
    here = {p.came_from for p in kept}
    manuals = [(name, manual_names()[name], len(manual(name)), sum(s.key not in here for s in manual(name)))
               for name in MANUALS]  # fmt: skip
    return render(request, "setup/protocols.html", {"rows": rows, "manuals": manuals})


@needs(May.SET_STANDARDS)
@require_POST
def protocol_install(request: PersonRequest) -> HttpResponse:
    """Bring in a manual; the one for every company comes along."""
    name = request.POST.get("manual", "")
    if name not in MANUALS:
        messages.error(request, _("There is no such manual."))
        return redirect("setup:protocols")
    chosen = manual(name) if name == "common" else (*manual("common"), *manual(name))
    came = writing.install(chosen, request.user, clock.now())
    told = ngettext("%(n)d protocol is here now. Read it, and change what is not yours.",
                    "%(n)d protocols are here now. Read them, and change what is not yours.", came)  # fmt: skip
    messages.success(request, told % {"n": came} if came else _("They were all here already."))
    return redirect("setup:protocols")


@needs(May.SET_STANDARDS)
def protocol(request: PersonRequest, pk: int | None = None) -> HttpResponse:
    kept = get_object_or_404(Protocol, pk=pk, removed_at=None) if pk else None
    content = read(Version.objects.get(protocol=kept, number=kept.number).content) if kept else None
    language = request.user.language[:2]
    form = ProtocolForm(request.POST or None, initial=initial(kept, content, language), before=content,
                        language=language)  # fmt: skip
    if request.method == "POST":
        done = saved(form, lambda _v: writing.save_protocol(kept, form.written(), request.user, clock.now()))
        if done is not None:
            messages.success(request, _("%(name)s is saved.") % {"name": done.name})
            return redirect("setup:protocols")
    versions = history(kept) if kept else []
    context = {"form": form, "protocol": kept, "versions": versions}
    return render(request, "setup/protocol.html", context, status=422 if form.errors else 200)


@needs(May.SET_STANDARDS)
@require_POST
def protocol_preview(request: PersonRequest) -> HttpResponse:
    """In which of the latest cases this would have been the protocol."""
    form = ProtocolForm(request.POST, before=None, language=request.user.language[:2])
    form.is_valid()
    content, brand = form.content(), form.cleaned_data.get("brand")
    if content.when.is_open:
        return render(request, "setup/protocol_preview.html", {"is_open": True})
    found, looked_at = situations.tried(content, brand.pk if brand else None, clock.now())
    context: dict[str, Any] = {"found": found[:SHOWN], "count": len(found), "looked_at": looked_at,
                               "asks_crisis": content.when.crisis}  # fmt: skip
    return render(request, "setup/protocol_preview.html", context)


@needs(May.SET_STANDARDS)
@require_POST
def protocol_act(request: PersonRequest, pk: int) -> HttpResponse:
    """Switch it on or off, or let an older version count again."""
    kept = get_object_or_404(Protocol, pk=pk, removed_at=None)
    version = request.POST.get("version", "")
    try:
        if version.isdecimal() and len(version) < 7:
            writing.bring_back(kept, int(version), request.user, clock.now())
            messages.success(request, _("Version %(n)s counts again.") % {"n": version})
            return redirect("setup:protocol", pk)
        writing.switch(kept, request.POST.get("on") == "yes", request.user, clock.now())
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("setup:protocols")


@needs(May.SET_STANDARDS)
@require_POST
def protocol_remove(request: PersonRequest, pk: int) -> HttpResponse:
    kept = get_object_or_404(Protocol, pk=pk, removed_at=None)
    writing.remove_protocol(kept, request.user, clock.now())
    messages.success(request, _("%(name)s is removed.") % {"name": kept.name})
    return redirect("setup:protocols")
