"""Worker processes for one pack: one per core, killed and replaced when they hang, crash or grow; answers in order."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from .verdict import OfficialVerdict
from .worker import Answer, Setup, Task, work

STARTING = 180.0
"""Seconds that a worker may take in addition for its first document: it compiles the schemas."""


@dataclass
class _Worker:
    process: SpawnProcess
    connection: Connection
    done: int = 0
    task: tuple[int, Task] | None = None
    deadline: float = 0.0


@dataclass
class WorkerPool:
    """Judges documents with a pack. A context manager: leaving it ends the processes.

    ``timeout`` is in seconds per document, once the schemas are compiled.
    """

    setup: Setup
    workers: int = 0
    timeout: float = 60.0
    _live: list[_Worker] = field(default_factory=list)
    restarts: int = 0

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self._live:
            _end(worker)
        self._live.clear()

    def run(self, tasks: Iterable[Task]) -> Iterator[OfficialVerdict]:
        """One verdict a task, in the order of the tasks; at most some tasks a worker are held at a time."""
        source = enumerate(tasks)
        size = self.workers or os.cpu_count() or 1
        again: deque[tuple[int, Task]] = deque()
        made: dict[int, OfficialVerdict] = {}
        following, taken, exhausted = 0, 0, False
        while True:
            while following in made:
                yield made.pop(following)
                following += 1
            while (again or not exhausted) and self._busy() < size and taken - following < size * 8:
                item = again.popleft() if again else next(source, None)
                if item is None:
                    exhausted = True
                    break
                taken = max(taken, item[0] + 1)
                self._give(item)
            if not self._busy() and not again:
                if exhausted and not made:
                    return
                continue
            self._collect(made, again)

    def _busy(self) -> int:
        return sum(worker.task is not None for worker in self._live)

    def _give(self, item: tuple[int, Task]) -> None:
        worker = next((w for w in self._live if w.task is None), None) or self._start()
        worker.task = item
        worker.deadline = time.monotonic() + self.timeout + (STARTING if worker.done == 0 else 0.0)
        try:
            worker.connection.send(item[1])
        except (BrokenPipeError, ConnectionResetError):
            worker.deadline = time.monotonic()

    def _start(self) -> _Worker:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(theirs, self.setup), daemon=True)
        process.start()
        theirs.close()
        worker = _Worker(process, ours)
        self._live.append(worker)
        return worker

    def _collect(self, made: dict[int, OfficialVerdict], again: deque[tuple[int, Task]]) -> None:
        busy = {w.connection: w for w in self._live if w.task is not None}
        soonest = min(w.deadline for w in busy.values())
        ready = wait(list(busy), max(0.0, soonest - time.monotonic()))
        for connection, worker in busy.items():
            if connection in ready:
                self._receive(worker, made, again)
            elif worker.deadline <= time.monotonic():
                self._stopped(worker, made, f"le moteur n'a pas répondu en {self.timeout:g} s")

    def _receive(self, worker: _Worker, made: dict[int, OfficialVerdict], again: deque[tuple[int, Task]]) -> None:
        assert worker.task is not None
        try:
            answer: Answer = worker.connection.recv()
        except (EOFError, ConnectionResetError):
            if worker.done:
                again.append(worker.task)
                self._replace(worker)
            else:
                self._stopped(worker, made, "le moteur s'est arrêté sur ce document (mémoire épuisée, ou plantage)")
            return
        made[worker.task[0]] = answer.verdict
        worker.task = None
        worker.done += 1
        if answer.worn:
            self._replace(worker)

    def _stopped(self, worker: _Worker, made: dict[int, OfficialVerdict], reason: str) -> None:
        assert worker.task is not None
        index, task = worker.task
        setup = self.setup
        made[index] = OfficialVerdict(task.name, setup.name, setup.kind, setup.version, setup.sha256, None, notes=(reason,))
        self._replace(worker)

    def _replace(self, worker: _Worker) -> None:
        self._live.remove(worker)
        worker.process.kill()
        worker.process.join()
        worker.connection.close()
        self.restarts += 1


def _end(worker: _Worker) -> None:
    if worker.task is None:
        try:
            worker.connection.send(None)
        except (BrokenPipeError, ConnectionResetError):
            worker.process.kill()
        worker.process.join(5)
    if worker.process.is_alive():
        worker.process.kill()
        worker.process.join()
    worker.connection.close()
