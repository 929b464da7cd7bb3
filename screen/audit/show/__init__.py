"""Entries and the results of checks for a reader: text and JSON."""
