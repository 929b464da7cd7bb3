"""Recorded truths in words."""

from typing import Any


def said(truth: Any) -> str:
    """`not met`, `unknown (missing)`; `nothing` for a truth that is not there."""
    if truth is None:
        return "nothing"
    if isinstance(truth, list):
        return f"unknown ({', '.join(map(str, truth))})"
    return str(truth).replace("_", " ")
