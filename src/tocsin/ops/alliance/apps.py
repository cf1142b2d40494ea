"""Registration with Django."""

from django.apps import AppConfig


class AllianceConfig(AppConfig):
    name = "tocsin.ops.alliance"
    label = "alliance"

    def ready(self) -> None:
        """Listen to what happens to accounts."""
        from tocsin.ops.alliance import events  # noqa: F401 (its receivers connect themselves)
