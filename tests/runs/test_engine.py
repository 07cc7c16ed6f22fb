"""The engine with real workers: one run for many askers, and worker and run brought down."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import psutil
import pytest

from core import run
from core.runs.engine import Engine, embedded
from core.runs.request import request
from core.runs.store import Store

pytestmark = pytest.mark.xdist_group("engine")
# A run of many seconds that reports all the while.
LONG = {"samples": 400, "features": 2000, "replicates": 500}
# One of a second or two, that is not cancelled.
SHORT = {"samples": 200, "features": 1000, "replicates": 150}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('engine') / 'ermine.db'}"
    made = Engine(Store(url), embedded())
    yield made
    made.close()
    made.store.close()


def until(condition, seconds=60.0):
    """Waits for the condition; what it gives, or a failure that says it never came."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it never came")


def under_way(engine, run_id):
    def found():
        snapshot = engine.snapshot(run_id)
        return snapshot if snapshot.state == "running" and snapshot.fraction > 0 else None

    return until(found)


def test_a_run_on_a_worker_is_the_run_in_python(engine):
    asked = request("double-descent", {"seed": 11})
    engine.submit(asked)
    assert engine.wait(asked.id, 60).state == "done"
    here = run("double-descent", seed=11)
    kept = engine.store.tables(asked.id)
    assert list(kept) == list(here)
    for name, frame in here.items():
        pd.testing.assert_frame_equal(kept[name], frame, check_exact=True, check_dtype=False)


def test_two_who_ask_for_the_same_run_cause_one(engine):
    asked = request("double-descent", {"seed": 12, "replicates": 50})
    assert engine.submit(asked) == engine.submit(
        request("double-descent", {"seed": "12", "replicates": "50"})
    )
    assert engine.running() == 1
    assert engine._attempts[asked.id] == 1
    assert engine.wait(asked.id, 60).state == "done"


def test_progress_and_partial_tables_come_while_it_runs(engine):
    asked = request("double-descent", {**LONG, "seed": 1})
    engine.submit(asked)
    partial = until(lambda: (s := engine.snapshot(asked.id)).tables and s)
    assert partial.state == "running"
    assert 0 < partial.fraction < 1
    assert partial.message
    assert set(partial.tables) <= set(asked.experiment.tables)
    engine.cancel(asked.id)
    assert engine.wait(asked.id, 10).state == "cancelled"


def test_cancel_takes_effect_within_a_second(engine):
    asked = request("double-descent", {**LONG, "seed": 2})
    engine.submit(asked)
    under_way(engine, asked.id)
    began = time.monotonic()
    engine.cancel(asked.id)
    assert engine.wait(asked.id, 10).state == "cancelled"
    # A deadline of the design, not a measurement of speed: one that does not answer is restarted.
    assert time.monotonic() - began < 1.0
    assert engine.store.find(asked.id) is None


def test_a_cancelled_run_can_be_asked_for_again(engine):
    asked = request("double-descent", {**SHORT, "replicates": 40, "seed": 3})
    engine.submit(asked)
    engine.cancel(asked.id)
    engine.wait(asked.id, 10)
    engine.submit(asked)
    assert engine.wait(asked.id, 120).state == "done"


def test_a_worker_killed_in_the_middle_is_replaced_and_the_run_ends_well(engine):
    asked = request("double-descent", {**SHORT, "seed": 4})
    engine.submit(asked)
    under_way(engine, asked.id)
    os.kill(worker_process(engine, engine._workers[asked.id]), signal.SIGKILL)
    snapshot = engine.wait(asked.id, 180)
    assert snapshot.state == "done", snapshot
    assert not engine.store.tables(asked.id)["checks"].empty
    until(lambda: len(engine.client.scheduler_info(n_workers=-1)["workers"]) == os.cpu_count())


def test_a_run_that_takes_too_long_is_ended_with_a_sentence(engine, monkeypatch):
    monkeypatch.setenv("ERMINE_TIME_LIMIT", "1")
    asked = request("double-descent", {**LONG, "seed": 5})
    engine.submit(asked)
    snapshot = engine.wait(asked.id, 60)
    assert snapshot.state == "failed"
    assert snapshot.error.startswith("The run was ended after 1 s, the time that a run may take here")


def test_a_disk_that_fills_while_a_run_is_kept_loses_no_result(engine, small_disk):
    store = Store(f"sqlite:///{small_disk / 'ermine.db'}")
    with contextlib.suppress(OSError), (small_disk / "filler").open("wb") as filler:
        while True:
            filler.write(b"0" * 4096)
            filler.flush()
    full = Engine(store, engine.client)
    asked = request("double-descent", {"seed": 6})
    full.submit(asked)
    snapshot = full.wait(asked.id, 60)
    store.close()
    assert snapshot.state == "done", snapshot.error
    assert list(snapshot.tables) == list(asked.experiment.tables)
    assert snapshot.note.startswith("Not kept: The store sqlite:")
    assert "full" in snapshot.note or "disk I/O error" in snapshot.note


@pytest.fixture
def small_disk(tmp_path):
    """A file system of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("making a small file system needs root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_workers_end_with_a_server_that_is_killed():
    code = (
        "import os; from core.runs.engine import embedded; embedded(); import psutil;"
        "print(*[p.pid for p in psutil.Process().children(recursive=True)], flush=True);"
        "os.kill(os.getpid(), 9)"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    children = [int(pid) for pid in made.stdout.split()]
    assert len(children) >= 3
    until(lambda: not any(map(alive, children)), 20)


def alive(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def worker_process(engine, address):
    """The process id of the worker with this address."""
    port = int(address.rsplit(":", 1)[1])
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
            return connection.pid
    raise AssertionError(f"no process listens on {port}")
