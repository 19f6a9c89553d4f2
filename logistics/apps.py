"""Django application of the logistics module."""

from django.apps import AppConfig


class LogisticsConfig(AppConfig):
    name = "logistics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core.web.context import register_shell_provider
        from logistics import handlers  # noqa: F401
        from logistics.notices.views import notice_badge

        register_shell_provider(notice_badge)
