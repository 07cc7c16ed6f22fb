"""How much a run may take, and how much of a file is read. Each has an environment variable."""

import os

from core.experiment import InputError


def ahead() -> bool:
    """Whether a server carries out default runs before anybody asks: `ERMINE_AHEAD`, 0 for no."""
    return os.environ.get("ERMINE_AHEAD", "1") != "0"


def time_limit() -> float:
    """Seconds that a run on a worker may take: `ERMINE_TIME_LIMIT`, by default 600."""
    return _positive("ERMINE_TIME_LIMIT", 600.0)


def workers() -> int:
    """Embedded workers: `ERMINE_WORKERS`, by default one a core."""
    return int(_positive("ERMINE_WORKERS", float(os.cpu_count() or 1)))


def memory_limit() -> str:
    """Memory of an embedded worker, as Dask writes it: `ERMINE_MEMORY_LIMIT`, by default an equal
    share of the machine's."""
    return os.environ.get("ERMINE_MEMORY_LIMIT", "auto")


def _positive(name: str, default: float) -> float:
    text = os.environ.get(name, "")
    try:
        value = float(text) if text else default
    except ValueError:
        value = 0.0
    if value <= 0:
        raise InputError(f"`{name}` must be a number above 0; it was {text}.")
    return value
