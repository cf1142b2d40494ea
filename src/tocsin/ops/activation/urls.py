"""Addresses of the call: board, requests, council, missions."""

from django.urls import path

from tocsin.ops.activation.views import board, council, missions, muster, requests
from tocsin.ops.alliance.language import choose_language

urlpatterns = [
    path("", board.board, name="board"),
    path("requests/", requests.requests, name="requests"),
    path("requests/new", requests.start, name="request-start"),
    path("requests/<uuid:pk>/", requests.detail, name="request"),
    path("requests/<uuid:pk>/edit", requests.edit, name="request-edit"),
    path("requests/<uuid:pk>/withdraw", requests.withdraw, name="request-withdraw"),
    path("requests/<uuid:pk>/readers", requests.readers, name="request-readers"),
    path("requests/<uuid:pk>/text", requests.text, name="request-text"),
    path("language/setlang/", choose_language, name="set_language"),  # before Django's own: kept with the account
    path("requests/<uuid:pk>/session", council.open_session, name="session-open"),
    path("sessions/", council.sessions, name="sessions"),
    path("sessions/<uuid:pk>/", council.session, name="session"),
    path("sessions/<uuid:pk>/vote", council.vote, name="session-vote"),
    path("sessions/<uuid:pk>/delegate/<str:state>", council.delegate, name="session-delegate"),
    path("sessions/<uuid:pk>/remark", council.remark, name="session-remark"),
    path("sessions/<uuid:pk>/consent", council.consent, name="session-consent"),
    path("sessions/<uuid:pk>/postpone", council.postpone, name="session-postpone"),
    path("sessions/<uuid:pk>/close", council.close, name="session-close"),
    path("sessions/<uuid:pk>/decision", council.decision, name="session-decision"),
    path("sessions/<uuid:pk>/witness/<str:state>", council.witness, name="session-witness"),
    path("missions/", missions.missions, name="missions"),
    path("missions/<uuid:mission>", missions.mission, name="mission"),
    path("missions/<uuid:mission>/move", missions.move, name="mission-move"),
    path("missions/<uuid:mission>/lead", missions.lead, name="mission-lead"),
    path("missions/<uuid:mission>/need", muster.need, name="mission-need"),
    path("missions/<uuid:mission>/muster", muster.muster, name="mission-muster"),
    path("missions/<uuid:mission>/muster/ask", muster.ask, name="mission-ask"),
    path("proposals/<uuid:proposal>/adopt", muster.adopt, name="proposal-adopt"),
    path("nominations/", muster.nominations, name="nominations"),
    path("nominations/<uuid:nomination>/answer", muster.answer, name="nomination-answer"),
    path("nominations/<uuid:nomination>/confirm", muster.confirm, name="nomination-confirm"),
    path("nominations/<uuid:nomination>/release", muster.release, name="nomination-release"),
    path("training-needs/", muster.training, name="training-needs"),
]
