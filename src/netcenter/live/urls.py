"""What of the live screens Django serves. `/events` and `/live/here` are bare ASGI: streams.py."""

from django.urls import path

from netcenter.live import views

app_name = "live"

urlpatterns = [
    path("sw.js", views.service_worker, name="service_worker"),
    path("live/push/key/", views.push_key, name="push_key"),
    path("live/push/subscribe/", views.push_subscribe, name="push_subscribe"),
    path("live/push/unsubscribe/", views.push_unsubscribe, name="push_unsubscribe"),
]
