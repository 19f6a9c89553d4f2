"""Django application of the shared kernel."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import statements  # noqa: F401
        from core.api import schema  # noqa: F401
