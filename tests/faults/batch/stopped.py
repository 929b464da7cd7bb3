"""Stops the program before its n-th call that changes something on the disk.

After that every further call is stopped too, as after a kill: nothing tidies up.
"""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from screen import disk


class Killed(BaseException):
    """No handler of the program knows it."""


def stop_at(patch: pytest.MonkeyPatch, number: int | None) -> list[str]:
    """Stop before call `number` (from 0; None: never). Gives a list that names the calls."""
    calls: list[str] = []

    def counted(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*arguments: Any) -> Any:
            if number is not None and len(calls) >= number:
                raise Killed()
            calls.append(name)
            return call(*arguments)

        return counting

    for name, call in inspect.getmembers(disk, inspect.isfunction):
        if call.__module__ == disk.__name__ and not name.startswith("_"):
            patch.setattr(disk, name, counted(name, call))
    return calls
