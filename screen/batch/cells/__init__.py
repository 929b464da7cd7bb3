"""A site's cells to those of the columns in docs/formats.md, as its mapping says."""
