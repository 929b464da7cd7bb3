"""Why something is met, not met or unknown, in plain sentences."""
