"""Where the settings page of the API is. The API itself is `rest.api.urls`."""

from django.urls import path, re_path

from netcenter.api import views

app_name = "api"

urlpatterns = [
    path("", views.settings, name="settings"),
    path("keys/", views.make_token, name="make_token"),
    path("keys/<int:token_id>/revoke/", views.revoke_token, name="revoke_token"),
    path("webhooks/", views.add_webhook, name="add_webhook"),
    path("webhooks/<int:webhook_id>/renew/", views.renew_webhook, name="renew_webhook"),
    re_path(r"^webhooks/(?P<webhook_id>\d{1,18})/(?P<act>pause|resume|remove)/$", views.act_on_webhook, name="webhook"),
    path("dead/again/", views.try_again, name="try_all_again"),
    path("dead/<int:delivery_id>/again/", views.try_again, name="try_again"),
]
