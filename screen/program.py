"""What every report says about itself."""

from screen import __version__

PROGRAM = f"trialscreen {__version__}"
FORMAT = 2
"""The form of manifests, summaries and results as JSON. What names none is of 0.1.0, form 1."""

NOTICE = (
    "A verdict supports a person who decides: it enrolls nobody and replaces nobody's judgement."
)
