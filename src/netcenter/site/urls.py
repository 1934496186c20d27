"""Where everything is."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from django.views.generic import RedirectView

from netcenter.api.rest import api as rest
from netcenter.outbox.public import outgoing_file


def not_here(request: HttpRequest) -> HttpResponse:
    """Whom an address belongs to, and so who can sign in with it, is an administrator's word alone."""
    raise Http404


urlpatterns = [
    path("", RedirectView.as_view(pattern_name="desk:home")),
    path("desk/", include("netcenter.desk.urls")),
    path("account/email/", not_here),  # stands before allauth's own
    path("account/", include("allauth.urls")),
    path("api/v1/", rest.urls),
    path("chat/", include("netcenter.helpcenter.urls")),
    path("settings/api/", include("netcenter.api.urls")),
    path("out/<str:token>/", outgoing_file, name="outgoing_file"),
    path("", include("netcenter.live.urls")),
    path("", include("netcenter.listening.urls")),
    path("look/", include("netcenter.look.urls")),
    path("", include("netcenter.boards.urls")),
    path("", include("netcenter.setup.urls")),
]
