"""Where the rules are that come with the program."""

from pathlib import Path


def default_rules_dir() -> Path:
    """The rules inside an installed package, else those of the checkout, beside it."""
    package = Path(__file__).resolve().parents[2]
    installed = package / "_rules"
    return installed if installed.is_dir() else package.parent / "rules"
