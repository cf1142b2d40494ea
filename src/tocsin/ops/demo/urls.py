"""Addresses of the demonstration; included by the room's only where it is one."""

from django.urls import path

from tocsin.ops.demo import views

urlpatterns = [
    path("demo/", views.people, name="demo"),
    path("demo/enter", views.enter, name="demo-enter"),
]
