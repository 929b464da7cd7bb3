"""Screen patient cases against clinical-trial eligibility rules, and show why."""

__version__ = "0.2.0"
