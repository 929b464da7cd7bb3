"""Work in several threads: in order, bounded, and with the first failure told."""

import threading
from collections.abc import Callable, Iterator

import pytest

from screen.batch.working_ahead import working_ahead


def test_results_come_in_the_order_of_the_items() -> None:
    second_is_done = threading.Event()

    def start(item: int) -> Callable[[], int]:
        def work() -> int:
            if item == 0:
                assert second_is_done.wait(10)
            elif item == 1:
                second_is_done.set()
            return item * item

        return work

    with working_ahead(2) as ahead:
        assert list(ahead.in_order(iter(range(5)), start)) == [(n, n * n) for n in range(5)]


def test_no_more_items_are_taken_than_can_be_worked_on() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(6):
            taken.append(item)
            yield item

    def start(item: int) -> Callable[[], int]:
        return lambda: item

    with working_ahead(2) as ahead:
        results = ahead.in_order(items(), start)
        assert next(results) == (0, 0)
        assert taken == [0, 1, 2]


def test_the_first_item_that_fails_raises_in_its_turn() -> None:
    def start(item: int) -> Callable[[], int]:
        def work() -> int:
            if item >= 2:
                raise ValueError(item)
            return item

        return work

    with working_ahead(3) as ahead:
        results = ahead.in_order(iter(range(9)), start)
        assert [next(results), next(results)] == [(0, 0), (1, 1)]
        with pytest.raises(ValueError, match="2"):
            next(results)
