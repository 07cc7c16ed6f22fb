"""What all sessions share: the engine, the store, and a garbage collector that stays out of the way."""

import gc
import secrets
import threading
import time
from functools import lru_cache

import streamlit as st

from core.catalog import Experiment, experiments
from core.experiment import Frames, InputError
from core.runs.engine import Engine, embedded
from core.runs.request import Request, request
from core.runs.store import Store

COLLECT_EVERY = 20.0


@st.cache_resource(
    show_spinner="Starting the workers, once for everybody", on_release=lambda e: e.close()
)
def engine() -> Engine:
    """The engine; made once a server, with the default run of every experiment under way."""
    made = Engine(store(), embedded())
    _collect_in_a_thread()
    for experiment in experiments().values():
        asked = request(experiment.name, {})
        if made.store.find(asked.id) is None:
            made.submit(asked)
    return made


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


def _collect_in_a_thread() -> None:
    # What is loaded by now stays: freezing it takes it out of every collection. Streamlit's own
    # collection after each rerun is off in .streamlit/config.toml, and without one a closed
    # session's data would never be released.
    gc.freeze()

    def collect() -> None:
        while True:
            time.sleep(COLLECT_EVERY)
            gc.collect()

    threading.Thread(target=collect, daemon=True, name="collect").start()
