"""The admin's login is the house's: throttling and two-step sign-in apply to operators too."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin


def protect_admin() -> None:
    """Send the admin's login through allauth. Called once, by the root URL configuration."""
    admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
