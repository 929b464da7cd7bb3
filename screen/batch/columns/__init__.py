"""The columns of docs/formats.md: their names, and the places of their cells."""
