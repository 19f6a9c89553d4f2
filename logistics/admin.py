"""Loads the slices' admin classes."""

from logistics.carriers import admin as carriers
from logistics.claims import admin as claims
from logistics.custody import admin as custody
from logistics.epcis import admin as epcis
from logistics.network import admin as network
from logistics.packing import admin as packing
from logistics.promises import admin as promises
from logistics.rates import admin as rates
from logistics.shipments import admin as shipments
from logistics.tracking import admin as tracking

__all__ = ["carriers", "claims", "custody", "epcis", "network", "packing", "promises", "rates", "shipments", "tracking"]
