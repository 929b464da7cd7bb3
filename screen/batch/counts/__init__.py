"""What is counted over all cases: what is missing, what is set aside, verdicts, ids."""
