from django.urls import path
from django.views.i18n import set_language

from netcenter.look import views

app_name = "look"
urlpatterns = [
    path("", views.style, name="style"),
    path("dialog/", views.sample_dialog, name="dialog"),
    path("offline/", views.offline, name="offline"),
    path("language/", set_language, name="language"),
]
