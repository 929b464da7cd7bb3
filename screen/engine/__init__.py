"""Deciding: the chaining engine infers, the reference evaluator checks, and both must agree."""
