"""Where the ledger, the team and the wallboard are."""

from django.urls import path

from netcenter.boards import moderation, queues_views, views, wallboard

app_name = "boards"
urlpatterns = [
    path("ledger/", views.ledger, name="ledger"),
    path("ledger/audit/", views.audit, name="audit"),
    path("ledger/waiting/", views.waiting, name="waiting"),
    path("ledger/moderation/", moderation.moderation, name="moderation"),
    path("ledger/unreadable/", views.unreadable, name="unreadable"),
    path("ledger/unreadable/again/", views.deliveries_again, name="unreadable_again"),
    path("ledger/unreadable/<int:pk>/", views.delivery, name="delivery"),
    path("ledger/unreadable/<int:pk>/again/", views.deliveries_again, name="delivery_again"),
    path("ledger/dead-letters/", views.dead_letters, name="dead_letters"),
    path("ledger/dead-letters/<int:pk>/again/", views.dispatch_again, name="dispatch_again"),
    path("queues/", queues_views.board, name="queues"),
    path("queues/<int:pk>/", queues_views.cases, name="queue_cases"),
    path("queues/<int:pk>/expected/", queues_views.expected, name="queue_expected"),
    path("queues/<int:pk>/pause/", queues_views.pause, name="queue_pause"),
    path("queues/<int:pk>/resume/", queues_views.resume, name="queue_resume"),
    path("queues/<int:pk>/crisis/", queues_views.crisis, name="queue_crisis"),
    path("queues/<int:pk>/calm/", queues_views.calm, name="queue_calm"),
    path("team/", wallboard.team, name="team"),
    path("team/<int:pk>/state/", wallboard.team_state, name="team_state"),
    path("wallboard/", wallboard.wallboard, name="wallboard"),
]
