"""The same meaning as the reference evaluator, for a whole table of cases at once."""
