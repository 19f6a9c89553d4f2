"""Verification of sellers: cases the operator decides."""
