"""Columns of texts to exact values, each different text once."""
