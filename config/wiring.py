"""Ports to implementations: the only place that knows who answers for whom."""

from __future__ import annotations

from core.web.status import register_readiness
from marketplace import facade as marketplace


def plug() -> None:
    """Register every implementation with the module that owns the port. Called once, when Django is ready."""
    register_readiness("search", marketplace.check_search_ready)


def follow_search() -> None:
    """Start the search node's thread in a web process."""
    marketplace.start_following_search()
