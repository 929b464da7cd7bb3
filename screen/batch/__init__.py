"""Many cases at once: tables and folders in, verdicts and rejects out, memory flat.

A *source* yields blocks of raw text, a *mapping* turns them into the columns of `docs/formats.md`,
a *decider* screens them, and the *work folder* keeps what is done until everything is.
"""
