"""Addresses of the call: board, requests, council, missions."""

from django.urls import path

from tocsin.ops.activation.views import board

urlpatterns = [
    path("", board.board, name="board"),
]
