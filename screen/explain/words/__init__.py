"""Amounts, concepts, conditions and records in words."""
