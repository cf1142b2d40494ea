"""Registration with Django."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "tocsin.ops.common"
    label = "common"
    default_auto_field = "django.db.models.BigAutoField"
