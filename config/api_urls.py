"""REST API, version 1."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from core.web.routes import by_first_word

urlpatterns = by_first_word(
    [
        path("", include("core.api_urls")),
        path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
        path("", include("marketplace.api_urls")),
        path("", include("payments.api_urls")),
        path("", include("logistics.api_urls")),
        path("", include("trust.api_urls")),
        path("", include("analytics.api_urls")),
    ]
)
