"""Cases that come as documents, in files or lines of their own."""
