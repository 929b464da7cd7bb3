"""The ledger: who screened whom, by which rules, on which data, and the proof of every truth.

`recording` makes the entries, `ledger` keeps them, `check` proves them again from the ledger alone
and decides them again from the original files. Who audits begins with `check.proof`.
"""
