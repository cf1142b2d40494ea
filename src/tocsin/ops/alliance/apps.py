"""Registration with Django."""

from django.apps import AppConfig


class AllianceConfig(AppConfig):
    name = "tocsin.ops.alliance"
    label = "alliance"
