"""A site's cells to those of the contract, as its mapping says."""
