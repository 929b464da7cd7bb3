"""What a site says of its tables: read from its file, checked, applied to a table, and drafted."""
