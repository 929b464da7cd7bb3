"""What every report says about itself."""

from screen import __version__

PROGRAM = f"trialscreen {__version__}"
NOTICE = (
    "A verdict supports a person who decides: it enrolls nobody and replaces nobody's judgement."
)
