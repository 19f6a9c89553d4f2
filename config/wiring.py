"""Ports to implementations: the only place that knows who answers for whom."""

from __future__ import annotations


def plug() -> None:
    """Register every implementation with the module that owns the port. Called once, when Django is ready."""
