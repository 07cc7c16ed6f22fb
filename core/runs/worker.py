"""What a worker does: carries one run out, streams its progress, and keeps its tables."""

import gc
import os
import time
from collections.abc import Mapping
from typing import Any

import pandas as pd
from distributed import Worker, get_worker

from core.experiment import Cancelled, InputError
from core.parquet import pack
from core.runs.local import carry_out
from core.runs.request import request
from core.runs.software import software
from core.runs.store import Store, StoreError

# Often enough to look alive; seldom enough that two hundred watchers cost nothing.
BETWEEN_REPORTS = 0.1
BETWEEN_TABLES = 0.4

_stores: dict[str, Store] = {}
_cancelled: set[str] = set()


class TimeLimit(InputError):
    """The run took longer than it may."""


def dask_setup(worker: Worker) -> None:
    """Called by Dask as an embedded worker starts (its option `preload`)."""
    # Pages come first: two busy workers took a page's median from 28 to 65 ms, niced to 30.
    os.nice(15)
    from core.catalog import experiments

    experiments()
    # What was imported stays: no search for garbage needs to look at it.
    gc.freeze()


def cancel(topic: str) -> None:
    """Asks the run that reports to `topic` to stop at its next report; called on every worker."""
    _cancelled.add(topic)


def work(
    name: str, values: Mapping[str, Any], store_url: str, topic: str, limit: float
) -> dict[str, Any]:
    """Carries a run out and keeps it in the store.

    Returns `{"seconds": …}`, with `"tables"` (packed) and `"unkept"` (why) where the store
    refused them: a full disk must not lose a result. Unusable input is `{"refused": sentence}`, a
    run that was stopped `{"cancelled": True}`: neither is a fault for the worker's log.
    """
    report = _Reporter(topic, limit)
    report.send(kind="started", worker=get_worker().address)
    asked = request(name, values)
    store = _store(store_url)
    files = {}
    for digest in asked.config.uploads():
        # A million rows take seconds to unpack.
        report.send(kind="progress", fraction=0.0, message="reading the file", tables=None)
        file = store.file(digest)
        if file is not None:
            files[digest] = file.frame
    began = time.perf_counter()
    try:
        tables = carry_out(asked, report, files)
    except InputError as error:
        return {"refused": str(error)}
    except Cancelled:
        return {"cancelled": True}
    seconds = time.perf_counter() - began
    try:
        store.put(asked, tables, seconds, software())
    except StoreError as error:
        packed = {table: pack(frame) for table, frame in tables.items()}
        return {"seconds": seconds, "tables": packed, "unkept": str(error)}
    return {"seconds": seconds}


class _Reporter:
    """The `report` of a run on a worker: throttled events, and the point where it can be stopped."""

    def __init__(self, topic: str, limit: float) -> None:
        self._topic, self._limit = topic, limit
        self._began = self._reported = self._drawn = time.monotonic()
        self._worker = get_worker()

    def __call__(
        self, fraction: float, message: str, tables: Mapping[str, pd.DataFrame] | None = None
    ) -> None:
        now = time.monotonic()
        if self._topic in _cancelled:
            _cancelled.discard(self._topic)
            raise Cancelled
        if now - self._began > self._limit:
            raise TimeLimit(
                f"The run was ended after {self._limit:g} s, the time that a run may take here; "
                "ask for less, or raise ERMINE_TIME_LIMIT."
            )
        if now - self._reported < BETWEEN_REPORTS:
            return
        self._reported = now
        packed = None
        if tables is not None and now - self._drawn >= BETWEEN_TABLES:
            self._drawn = now
            packed = {name: pack(frame) for name, frame in tables.items()}
        self.send(kind="progress", fraction=float(fraction), message=message, tables=packed)

    def send(self, **event: Any) -> None:
        self._worker.log_event(self._topic, event)


def _store(url: str) -> Store:
    """One store a process: opening one costs a few milliseconds."""
    if url not in _stores:
        _stores[url] = Store(url)
    return _stores[url]
