"""Loads the slices' admin classes."""

from logistics.carriers import admin as carriers
from logistics.claims import admin as claims
from logistics.custody import admin as custody
from logistics.epcis import admin as epcis
from logistics.manifests import admin as manifests
from logistics.network import admin as network
from logistics.notices import admin as notices
from logistics.packing import admin as packing
from logistics.pickups import admin as pickups
from logistics.promises import admin as promises
from logistics.rates import admin as rates
from logistics.rounds import admin as rounds
from logistics.shipments import admin as shipments
from logistics.tracking import admin as tracking

__all__ = [
    "carriers", "claims", "custody", "epcis", "manifests", "network", "notices", "packing", "pickups", "promises", "rates",
    "rounds", "shipments", "tracking",
]  # fmt: skip
