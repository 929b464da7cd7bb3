"""Holding entries to the truth: chain, proofs, replays, and what has changed since."""
