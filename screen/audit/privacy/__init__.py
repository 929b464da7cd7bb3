"""Keeping a patient out of a ledger, and keys out of other hands."""
