"""Numbers and units, exactly: text to amounts, and one unit to another."""
