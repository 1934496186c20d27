"""Where listening is."""

from django.urls import path

from netcenter.listening import setting, views

app_name = "listening"

urlpatterns = [
    path("heard/", views.heard, name="heard"),
    path("heard/<int:pk>/copies/", views.copies, name="copies"),
    path("heard/<int:pk>/case/", views.become_case, name="become_case"),
    path("heard/<int:pk>/aside/", views.put_aside, name="put_aside"),
    path("heard/<int:pk>/back/", views.bring_back, name="bring_back"),
    path("settings/listening/", setting.searches, name="searches"),
    path("settings/listening/search/", setting.search, name="search_add"),
    path("settings/listening/search/preview/", setting.search_preview, name="search_preview"),
    path("settings/listening/search/<int:pk>/", setting.search, name="search"),
    path("settings/listening/search/<int:pk>/remove/", setting.search_remove, name="search_remove"),
    path("settings/listening/source/", setting.source, name="source_add"),
    path("settings/listening/source/<int:pk>/", setting.source, name="source"),
    path("settings/listening/source/<int:pk>/remove/", setting.source_remove, name="source_remove"),
    path("settings/listening/sites/", setting.sites, name="sites"),
    path("webmention", views.webmention, name="webmention"),
]
