"""Composition root: settings, URLs, Celery, schedules, wiring, embedded servers."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
