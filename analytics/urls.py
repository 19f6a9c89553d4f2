"""Pages of analytics."""

from __future__ import annotations

from django.urls import path

from analytics.reports import views as reports

urlpatterns = [
    path("sell/overview/", reports.seller_dashboard, name="seller_dashboard"),
    path("sell/overview/export/", reports.daily_export, name="seller_daily_export"),
]
