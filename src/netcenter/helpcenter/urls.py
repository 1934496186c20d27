"""Addresses under /chat/. The socket, /chat/<key>/ws, never comes this far: see asgi.py."""

from django.urls import path, register_converter

from netcenter.helpcenter import views


class Key:
    """The public key of an account."""

    regex = "[A-Za-z0-9_-]{1,40}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Key, "accountkey")

app_name = "helpcenter"
urlpatterns = [
    path("<accountkey:key>/", views.page, name="page"),
    path("<accountkey:key>/demo", views.demo, name="demo"),
    path("<accountkey:key>/widget.js", views.script, name="script"),
    path("<accountkey:key>/files", views.upload, name="upload"),
    path("<accountkey:key>/files/<int:attachment_id>/<slug:shown>", views.download, name="download"),
]
