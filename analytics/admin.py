"""Registers the admin pages of the slices; `operator_overview` is settings.UNFOLD's dashboard callback."""

from analytics.ranking import admin as ranking
from analytics.reports.admin import operator_overview
from analytics.signals import admin as signals

__all__ = ["operator_overview", "ranking", "signals"]
