"""Logistics follows no events: its callers ask through the facade, and its own tasks claim what is due."""
