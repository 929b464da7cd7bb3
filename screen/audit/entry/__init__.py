"""What an entry of the ledger holds: its form, and the JSON of what was decided and why."""
