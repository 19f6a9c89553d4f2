"""REST of the kernel: who calls, and API tokens."""

from __future__ import annotations

from django.urls import path

from core.identity.api import MeView, TokenListView, TokenView

urlpatterns = [
    path("me/", MeView.as_view(), name="api_me"),
    path("tokens/", TokenListView.as_view(), name="api_tokens"),
    path("tokens/<uuid:token_id>/", TokenView.as_view(), name="api_token"),
]
