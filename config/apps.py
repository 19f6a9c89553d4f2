"""The composition root as a Django application: plugs implementations into ports once all modules are loaded."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import checks, wiring  # noqa: F401

        wiring.plug()
