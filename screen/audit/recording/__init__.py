"""Making entries of what was screened: a case, or a whole batch."""
