"""The same steps as in screen/facts, for many cases at once."""
