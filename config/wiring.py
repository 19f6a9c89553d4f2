"""Ports to implementations: the only place that knows who answers for whom."""

from __future__ import annotations

from django.conf import settings

from analytics import facade as analytics
from config.evidence import HouseEvidence
from core.signals import plug_signal_sink
from core.web.status import register_readiness
from marketplace import facade as marketplace
from payments import facade as payments


def plug() -> None:
    """Register every implementation with the module that owns the port. Called once, when Django is ready."""
    marketplace.plug_ranking_model(analytics.ranking_model())
    payments.plug_party_directory(marketplace.party_directory())
    payments.plug_evidence_source(HouseEvidence())
    plug_signal_sink(analytics.signal_sink(direct=settings.IS_TEST))


def follow_search() -> None:
    """Start the search node's thread in a web process, which is ready when its index is."""
    register_readiness("search", marketplace.check_search_ready)
    marketplace.start_following_search()
