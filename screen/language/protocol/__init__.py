"""A protocol: its file to criteria and conditions, its sources, its tests."""
