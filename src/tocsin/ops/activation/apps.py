"""Registration with Django."""

from django.apps import AppConfig


class ActivationConfig(AppConfig):
    name = "tocsin.ops.activation"
    label = "activation"
