"""Addresses of the call: board, requests, council, missions."""

from django.urls import path

from tocsin.ops.activation.views import board, requests
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
]
