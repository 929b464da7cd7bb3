"""The rules that are asked for, from a folder or as they were last read."""
