"""Addresses of people and the alliance."""

from django.urls import path

from tocsin.ops.alliance import views

urlpatterns = [
    path("invitation/<str:token>", views.invitation, name="invitation"),
    path("account/", views.account, name="account"),
]
