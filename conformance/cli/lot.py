"""A batch: the same judgement over many files, by one process, several, or a Dask cluster; same order, same verdicts.

At most ``AHEAD`` tasks of ``CHUNK`` files a worker are under way: memory does not grow with the batch.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from ..core.errors import InputError
from .constats import FileVerdict
from .jugement import Options, judge_bytes, judge_file, load, lost

CHUNK = 16
AHEAD = 3
File = tuple[Path, str]


def in_processes(files: Iterable[File], options: Options, workers: int) -> Generator[FileVerdict]:
    """The same by several processes. One that dies is replaced, and the file that killed it is said so."""
    chunks = _chunks(files)
    under_way: deque[tuple[list[File], Future[list[FileVerdict]]]] = deque()
    pool = _pool(workers)
    try:
        while True:
            for chunk in islice(chunks, workers * AHEAD - len(under_way)):
                under_way.append((chunk, pool.submit(judge_paths, chunk, options)))
            if not under_way:
                return
            chunk, future = under_way.popleft()
            try:
                yield from future.result()
            except BrokenProcessPool:
                pool.shutdown(cancel_futures=True)
                yield from _carefully(chunk, options)
                pool = _pool(workers)
                under_way = deque((left, pool.submit(judge_paths, left, options)) for left, _ in under_way)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _carefully(chunk: Sequence[File], options: Options) -> Iterator[FileVerdict]:
    """The files of a chunk whose process died, each alone in a process of its own."""
    for file in chunk:
        with _pool(1) as alone:
            try:
                yield from alone.submit(judge_paths, [file], options).result()
            except BrokenProcessPool:
                yield lost(file[1])


def judge_paths(files: Sequence[File], options: Options) -> list[FileVerdict]:
    """What a process of the pool does."""
    return [judge_file(path, shown, options) for path, shown in files]


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """A worker leaves Ctrl-C to its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def on_cluster(files: Iterable[File], options: Options, url: str) -> Generator[FileVerdict]:
    """The same by the workers of a Dask cluster; contents are sent to them, no disk needs to be shared."""
    with _client(url) as client:
        workers = max(1, sum(client.nthreads().values()))
        executor: Executor = client.get_executor(pure=False)
        under_way: deque[Future[list[FileVerdict]]] = deque()
        chunks = _chunks(files)
        while True:
            for chunk in islice(chunks, workers * AHEAD - len(under_way)):
                contents = [(load(path, shown), shown) for path, shown in chunk]
                under_way.append(executor.submit(judge_contents, contents, options))
            if not under_way:
                return
            yield from under_way.popleft().result()


def judge_contents(contents: Sequence[tuple[bytes | FileVerdict, str]], options: Options) -> list[FileVerdict]:
    """What a worker of the cluster does."""
    return [content if isinstance(content, FileVerdict) else judge_bytes(content, shown, options) for content, shown in contents]


def _client(url: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(
            "--executeur : la bibliothèque « distributed » manque. pip install 'dui-conformance[cluster]'."
        ) from error
    address = "tcp://" + url.removeprefix("dask://") if url.startswith("dask://") else url
    if not address.startswith(("tcp://", "tls://")):
        raise InputError(f"--executeur : adresse « {url} » ; attendu dask://hôte:port (ou tcp://, tls://)")
    try:
        connect: Any = Client
        return connect(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(f"--executeur : aucun ordonnanceur Dask ne répond à {url}") from error


def _chunks(files: Iterable[File]) -> Iterator[list[File]]:
    rest = iter(files)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
