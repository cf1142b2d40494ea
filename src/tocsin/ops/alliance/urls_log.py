"""Addresses of the log."""

from django.urls import path

from tocsin.ops.alliance import views_log

urlpatterns = [
    path("log/", views_log.read, name="log"),
    path("log/file", views_log.download, name="log-file"),
    path("log/keys", views_log.keys, name="log-keys"),
    path("log/witness/<str:state>", views_log.witness, name="log-witness"),
    path("log/witness/<str:state>/take", views_log.take_witness, name="log-witness-take"),
]
