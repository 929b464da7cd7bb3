"""From the observations of a case to the one fact that a leaf of a protocol asks about."""
