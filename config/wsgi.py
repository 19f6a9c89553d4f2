"""WSGI entry point. With LONJA_FOLLOW_SEARCH=1 the process also keeps this node's search index fresh."""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018 - loads every module now, before the first request
# What is loaded by now stays: the collector need not look at it again, and a page makes more objects than its first
# threshold without leaving cycles behind.
gc.collect()
gc.freeze()
gc.set_threshold(25_000, 20, 50)

if os.environ.get("LONJA_FOLLOW_SEARCH") == "1":
    from config.wiring import follow_search

    follow_search()
