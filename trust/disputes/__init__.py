"""Disputes about delivered or travelling orders: talk, evidence, a decision that moves the money."""
