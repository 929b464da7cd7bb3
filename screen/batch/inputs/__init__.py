"""An input, whatever its format, as parts: some cases each, in the order of the file."""
