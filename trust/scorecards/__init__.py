"""Reputation figures of sellers, computed from facts."""
