"""The documentation: pages in Markdown, and what a machine writes into them (`pages`)."""
