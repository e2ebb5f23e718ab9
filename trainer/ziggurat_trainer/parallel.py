"""Several CPU threads that each carry out whole pieces of work.

Threads that split the rows of a step meet once a step; threads that split every matrix product meet a thousand times,
and on a machine with other work each meeting waits for whoever is not running.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")


class Workers:
    """`count` threads of one core each, or the caller alone with all its cores."""

    def __init__(self, threads: int, *, whole: bool) -> None:
        """`whole` work cannot be split: it runs on a GPU, draws random numbers, or is not safe beside itself."""
        self.count = 1 if whole else threads
        torch.set_num_threads(threads if whole else 1)
        self._pool = (
            ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) if self.count > 1 else None
        )

    def map(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Results in the order of the items, whoever finishes first."""
        return self._pool.map(work, items) if self._pool else map(work, items)
