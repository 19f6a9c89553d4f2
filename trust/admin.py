"""Loads the slices' admin classes."""

from trust.disputes import admin as disputes
from trust.reviews import admin as reviews
from trust.scorecards import admin as scorecards
from trust.verification import admin as verification

__all__ = ["disputes", "reviews", "scorecards", "verification"]
