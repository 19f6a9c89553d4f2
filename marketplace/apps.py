"""Django application of the marketplace module."""

from django.apps import AppConfig


class MarketplaceConfig(AppConfig):
    name = "marketplace"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from core.web.context import register_shell_provider
        from marketplace import handlers  # noqa: F401
        from marketplace.carts.owners import cart_badge, keep_cart_on_log_in
        from marketplace.catalog.ports import plug_moderation
        from marketplace.messages.views import unread_badge
        from marketplace.moderation.gate import Gate

        plug_moderation(Gate())
        register_shell_provider(cart_badge)
        register_shell_provider(unread_badge)
        user_logged_in.connect(keep_cart_on_log_in)
