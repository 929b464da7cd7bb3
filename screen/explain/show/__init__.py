"""A screened case as a table, a tree, Markdown or JSON."""
