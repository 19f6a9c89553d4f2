"""WSGI entry point. With LONJA_FOLLOW_SEARCH=1 the process also keeps this node's search index fresh."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

if os.environ.get("LONJA_FOLLOW_SEARCH") == "1":
    from config.wiring import follow_search

    follow_search()
