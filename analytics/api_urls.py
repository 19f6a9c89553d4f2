"""REST of analytics, under /api/v1/."""

from __future__ import annotations

from django.urls import path

from analytics.reports.api import ListingFiguresList, OverviewDetail

urlpatterns = [
    path("analytics/overview/", OverviewDetail.as_view(), name="api_overview"),
    path("analytics/listings/", ListingFiguresList.as_view(), name="api_listing_figures"),
]
