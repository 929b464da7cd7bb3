"""Files to blocks of text. A source knows its format and nothing of what the columns mean."""
