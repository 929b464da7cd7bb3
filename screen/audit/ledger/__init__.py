"""The file: one line for each entry, how one is appended, and how all of them are read."""
