"""Composition root: settings, URLs, Celery, schedules, wiring, embedded servers."""

import os

# Processes are many and their matrices small: threads of the linear algebra would only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from config.celery import app as celery_app

__all__ = ["celery_app"]
