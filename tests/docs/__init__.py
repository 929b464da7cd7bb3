"""The pages are tests: every path, every command, every key that they name is there."""
