"""How dates are written, by language: day before month, 24 hours, and never a month as a bare number."""
