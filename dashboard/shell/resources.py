"""What all sessions share: the engine, the store, and a garbage collector that stays out of the way."""

import gc
import secrets
import threading
import time
from concurrent.futures import Future
from functools import lru_cache

import streamlit as st

from core.catalog import Experiment, experiments
from core.experiment import Frames, InputError
from core.runs.engine import Engine, embedded
from core.runs.limits import ahead
from core.runs.request import Request
from core.runs.store import Store

COLLECT_EVERY = 20.0


def engine() -> Engine:
    """The engine; waits until its workers have started.

    Raises:
        InputError: `ERMINE_SCHEDULER` or a limit is unusable.
    """
    return start_engine().result()


@st.cache_resource(show_spinner=False, on_release=lambda future: future.result().close())
def start_engine() -> "Future[Engine]":
    """Starts the engine, once a server, without waiting for it: a page whose run is kept can be
    drawn meanwhile. The default run of every experiment is then under way, unless `ERMINE_AHEAD=0`."""
    started: Future[Engine] = Future()

    def start() -> None:
        try:
            made = Engine(store(), embedded())
        except InputError as error:
            started.set_exception(error)
            return
        started.set_result(made)
        for experiment in experiments().values() if ahead() else ():
            asked = default_request(experiment)
            if made.store.find(asked.id) is None:
                made.submit(asked, ahead=True)
        _collect_forever()

    threading.Thread(target=start, daemon=True, name="engine").start()
    return started


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """The store; made once a server.

    Raises:
        InputError: it cannot be opened; the message says why.
    """
    return Store()


@lru_cache(maxsize=64)
def kept_tables(run: str) -> Frames:
    """The tables of a kept run. They are shared between sessions: never change them."""
    tables = store().tables(run)
    if not tables:
        raise InputError(f"There is no run {run} here.")
    return tables


def owner() -> str:
    """A name for this session that nobody can guess: what it uploads is private to it."""
    if "owner" not in st.session_state:
        st.session_state["owner"] = secrets.token_hex(16)
    return str(st.session_state["owner"])


def default_request(experiment: Experiment) -> Request:
    """The experiment's default run."""
    return Request(experiment, experiment.config())


def _collect_forever() -> None:
    # What is loaded by now stays: freezing it takes it out of every collection. Streamlit's own
    # collection after each rerun is off in .streamlit/config.toml, and without one a closed
    # session's data would never be released.
    gc.freeze()
    while True:
        time.sleep(COLLECT_EVERY)
        gc.collect()
