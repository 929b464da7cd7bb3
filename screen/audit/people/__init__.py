"""What people add to a ledger: notes and signatures."""
