"""Any text with positions to one tree, before anything is made of it."""
