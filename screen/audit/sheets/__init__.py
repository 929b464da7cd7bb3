"""Tables that people print, fill in and file: the checklist and the screening log."""
