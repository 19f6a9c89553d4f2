"""Behaviour signals: taken from pages, queued, stored, kept for 90 days."""
