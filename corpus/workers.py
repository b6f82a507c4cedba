"""Run a function over tasks, in this process or in several, with results in the order of the tasks."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

AHEAD = 2
"""Tasks per process that wait or run: enough to keep it busy, few enough to bound memory."""


def processes(jobs: int) -> int:
    """Return how many processes ``jobs`` asks for: 0 means one per core that this process may use."""
    return jobs or len(os.sched_getaffinity(0))


def in_order(function: Callable[..., T], tasks: Iterable[tuple[Any, ...]], jobs: int) -> Iterator[T]:
    """Yield ``function(*task)`` for each task, in order.

    Processes are started only when there are at least two tasks and ``jobs`` asks for more than one.
    """
    tasks = iter(tasks)
    first = list(itertools.islice(tasks, 2))
    tasks = itertools.chain(first, tasks)
    count = processes(jobs)
    if count == 1 or len(first) < 2:  # noqa: PLR2004 - one task needs one process
        for task in tasks:
            yield function(*task)
        return
    # Not forked: forking a process that has Arrow's threads can deadlock.
    with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"), initializer=_attend) as pool:
        running: deque[Future[T]] = deque()
        try:
            for task in tasks:
                running.append(pool.submit(function, *task))
                if len(running) >= AHEAD * count:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()


def _attend() -> None:
    """Leave signals to the parent, as terminals and service managers send them to all processes; end with it.

    Without that, the workers of a run that was killed would wait for tasks for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
