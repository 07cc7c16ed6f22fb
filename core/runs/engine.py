"""The engine: carries runs out on workers, one run however many people asked for it.

`submit` starts a run or joins the one under way; `snapshot` says how it stands; `cancel` stops it.
Workers are subprocesses of this process by default, or an existing Dask cluster where
`ERMINE_SCHEDULER` names one.
"""

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any, Literal

import dask
import pandas as pd
from distributed import Client, Future, KilledWorker, SubprocessCluster

from core.experiment import InputError
from core.parquet import unpack
from core.runs import orphans
from core.runs.limits import memory_limit, time_limit, workers
from core.runs.request import Request
from core.runs.store import Store

State = Literal["queued", "running", "done", "failed", "cancelled"]
# How long a cancelled run may take to answer before its worker is restarted.
ANSWERS_WITHIN = 0.8
# Snapshots of ended runs that are remembered: what failed, and tables that could not be kept.
REMEMBERED = 200


@dataclass(frozen=True)
class Snapshot:
    """How a run stands; immutable, so that a page can read it while a worker goes on."""

    id: str
    state: State
    fraction: float = 0.0
    message: str = ""
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    error: str = ""
    note: str = ""
    started: float | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "failed", "cancelled")

    def seconds_left(self) -> float | None:
        """Estimated from the fraction done; None while there is nothing to go by."""
        if self.started is None or self.fraction < 0.05:
            return None
        gone = time.monotonic() - self.started
        return gone * (1 - self.fraction) / self.fraction


class Engine:
    """Carries runs out on `client`'s workers and keeps them in `store`."""

    def __init__(self, store: Store, client: Client) -> None:
        self.store, self.client = store, client
        self._jobs: dict[str, Snapshot] = {}
        self._futures: dict[str, Future[Any]] = {}
        self._workers: dict[str, str] = {}
        self._attempts: dict[str, int] = {}
        self._changed = threading.Condition()

    def submit(self, asked: Request, *, ahead: bool = False) -> str:
        """Starts the run, or joins it where it is under way; returns its id. Whether it is in the
        store already is for the caller to look up first. A run carried out `ahead` of anybody's
        asking waits for those that somebody waits for."""
        run = asked.id
        with self._changed:
            if run in self._futures:
                return run
            self._attempts[run] = self._attempts.get(run, 0) + 1
            # A new key each time: Dask would join a new request to a cancelled task.
            key = f"{run}-{self._attempts[run]}"
            self._jobs[run] = Snapshot(run, "queued", message="waiting for a worker")
            self.client.subscribe_topic(key, lambda event: self._heard(run, key, event[1]))
            # As it is imported now: when a file of the project changes, Streamlit drops the module that
            # was imported first, and its functions cannot be sent any more.
            future = self.client.submit(
                import_module("core.runs.worker").work,
                asked.experiment.name,
                asked.config.model_dump(mode="json"),
                self.store.url,
                key,
                time_limit(),
                key=key,
                pure=False,
                priority=-1 if ahead else 0,
            )
            self._futures[run] = future
            # Inside the lock: a callback could otherwise come before the future is known.
            future.add_done_callback(lambda f: self._ended(run, key, f))
        return run

    def snapshot(self, run: str) -> Snapshot | None:
        """How the run stands; None where this engine has not heard of it."""
        with self._changed:
            return self._jobs.get(run)

    def wait(self, run: str, seconds: float) -> Snapshot | None:
        """The snapshot once the run has ended, or after `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: run not in self._jobs or self._jobs[run].ended, seconds)
            return self._jobs.get(run)

    def running(self) -> int:
        """How many runs have not ended."""
        with self._changed:
            return len(self._futures)

    def cancel(self, run: str) -> None:
        """Stops the run. One that does not answer soon has its worker restarted."""
        with self._changed:
            future, address = self._futures.get(run), self._workers.get(run)
            key = f"{run}-{self._attempts.get(run, 0)}"
        if future is None:
            return
        if address is None:
            self._close(run, key, replace(self._jobs[run], state="cancelled"))
            future.cancel()
            return
        self.client.run(
            import_module("core.runs.worker").cancel, key, workers=[address], on_error="ignore"
        )
        threading.Thread(target=self._insist, args=(run, key, future, address), daemon=True).start()

    def close(self) -> None:
        """Ends the workers where they are ours, and the connection."""
        cluster = self.client.cluster
        self.client.close()
        if cluster is not None:
            cluster.close()

    def _insist(self, run: str, key: str, future: Future[Any], address: str) -> None:
        with self._changed:
            if self._changed.wait_for(lambda: self._futures.get(run) is not future, ANSWERS_WITHIN):
                return
        self._close(run, key, replace(self._jobs[run], state="cancelled"))
        future.cancel(force=True)
        self.client.restart_workers([address], raise_for_error=False)

    def _heard(self, run: str, key: str, event: Mapping[str, Any]) -> None:
        with self._changed:
            job = self._jobs.get(run)
            if job is None or job.ended or not key.endswith(f"-{self._attempts[run]}"):
                return
            if event["kind"] == "started":
                again = job.state == "running"
                message = "started again: its worker died" if again else "started"
                job = replace(
                    job, state="running", fraction=0.0, message=message, started=time.monotonic()
                )
                self._workers[run] = event["worker"]
            else:
                packed = event["tables"]
                tables = {n: unpack(c) for n, c in packed.items()} if packed else job.tables
                job = replace(job, fraction=event["fraction"], message=event["message"], tables=tables)
            self._jobs[run] = job
            self._changed.notify_all()

    def _ended(self, run: str, key: str, future: Future[Any]) -> None:
        """Called once by Dask, in a thread of its own, when the task has ended."""
        job = self._jobs[run]
        if future.status == "cancelled":
            self._close(run, key, replace(job, state="cancelled"))
            return
        error = future.exception()
        result = {} if error is not None else future.result()
        if "cancelled" in result:
            self._close(run, key, replace(job, state="cancelled"))
        elif "refused" in result:
            self._close(run, key, replace(job, state="failed", error=result["refused"]))
        elif error is None:
            tables = {n: unpack(c) for n, c in result.get("tables", {}).items()}
            note = f"Not kept: {result['unkept']}" if tables else ""
            self._close(run, key, replace(job, state="done", fraction=1.0, tables=tables, note=note))
        else:
            self._close(run, key, replace(job, state="failed", error=_said(error)))

    def _close(self, run: str, key: str, last: Snapshot) -> None:
        with self._changed:
            if run in self._futures and key == f"{run}-{self._attempts[run]}":
                del self._futures[run]
                self._workers.pop(run, None)
                self._jobs.pop(run)
                self._jobs[run] = last
                for old in [r for r, j in self._jobs.items() if j.ended][:-REMEMBERED]:
                    del self._jobs[old]
                self._changed.notify_all()
        self.client.unsubscribe_topic(key)


def embedded() -> Client:
    """A client of `ERMINE_SCHEDULER`, or of a new scheduler and workers of our own.

    Subprocesses, because `spawn` runs the dashboard's entry script again in every child, and a
    `fork` after JAX has started hangs.
    """
    address = os.environ.get("ERMINE_SCHEDULER")
    if address:
        try:
            return Client(address, timeout="10s", set_as_default=False)
        except OSError:
            raise InputError(
                f"`ERMINE_SCHEDULER` must be the address of a Dask scheduler; none answers at {address}."
            ) from None
    # The scheduler keeps this many events of every topic, and ours carry tables. Set for the
    # subprocesses through their environment.
    os.environ["DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH"] = "10"
    os.environ[orphans.SERVER] = str(os.getpid())
    dask.config.set({"distributed.admin.low-level-log-length": 10})
    cluster = SubprocessCluster(
        n_workers=workers(),
        threads_per_worker=1,
        dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"preload": ["core.runs.orphans"]},
        worker_kwargs={
            "memory_limit": memory_limit(),
            "preload": ["core.runs.worker"],
            "preload_nanny": ["core.runs.orphans"],
        },
    )
    return Client(cluster, set_as_default=False)


def _said(error: BaseException) -> str:
    """An error of a run as a sentence for the user."""
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, KilledWorker):
        return (
            "The run was ended because its worker died several times: it most likely needed more "
            f"memory than a worker has ({memory_limit()}). Ask for less, or raise ERMINE_MEMORY_LIMIT."
        )
    return f"The run failed: {type(error).__name__}: {error}. This is a fault of Ermine's."
