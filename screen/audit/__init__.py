"""The ledger: who screened whom, by which rules, on which data, and the proof of every truth.

`ledger` appends, `reading` reads with everything that is wrong, `record` writes what was
screened, `verify` proves it again from the ledger alone, `replay` from the original files.
"""
