"""A training that was stopped goes on from where it stopped, when the same run is asked for again.

Where it stands is kept in the data folder: at once when it is stopped, and every few seconds for the
case that it is killed. All numbers of the state are kept, so the result is the same, bit for bit, as
without a stop. A file that cannot be read, or is of other software, is no checkpoint.
"""

import contextlib
import hashlib
import json
import os
import time
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from core.experiment import Cancelled, InputError
from core.home import home
from core.networks.program import State

Record = Mapping[str, NDArray[Any]]

# Seconds between two writings; they may take a share of the time, and are kept for some days.
EVERY, SHARE, DAYS = 5.0, 0.05, 7


class Checkpoint:
    """The place where the run of this `content` is kept: all that its numbers depend on, beside the
    versions of JAX and NumPy."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        software = (jax.__version__, np.__version__)
        text = json.dumps([content, software], sort_keys=True)
        name = hashlib.sha256(text.encode()).hexdigest()[:32]
        self._path = home() / "checkpoints" / f"{name}.npz"
        self._next = time.monotonic() + EVERY

    def read(self, like: State) -> tuple[State, dict[str, NDArray[Any]]] | None:
        """The state, of the shapes of `like`, and the record that were kept; None where none were."""
        try:
            with self._path.open("rb") as file, np.load(file) as kept:
                found = {name: kept[name] for name in kept.files}
            leaves, tree = jax.tree.flatten(like)
            made = [_leaf(found.pop(f"state {i}"), leaf) for i, leaf in enumerate(leaves)]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        return jax.tree.unflatten(tree, made), found

    def write(self, state: State, record: Record) -> None:
        """Keeps them, whole or not at all; a disk that is full stops no training."""
        began = time.monotonic()
        leaves = {f"state {i}": _numbers(leaf) for i, leaf in enumerate(jax.tree.leaves(state))}
        # A process of the same run may be writing too.
        part = self._path.with_suffix(f".{os.getpid()}")
        try:
            self._path.parent.mkdir(exist_ok=True)
            with part.open("wb") as file:
                np.savez(file, **leaves, **record)  # type: ignore[arg-type]
            part.replace(self._path)
        except OSError:
            part.unlink(missing_ok=True)
        now = time.monotonic()
        self._next = now + max(EVERY, (now - began) / SHARE)

    def due(self) -> bool:
        """Whether it was written last, or begun, a few seconds ago."""
        return time.monotonic() >= self._next

    def remove(self) -> None:
        """Forgets it: the run has ended. Others that nobody came back for go too."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
            for old in _older(self._path.parent, time.time() - DAYS * 86_400):
                old.unlink(missing_ok=True)


# What ends a run, in its report, that may be asked for again: cancel, an interrupt, a limit of time.
STOPPED = (Cancelled, KeyboardInterrupt, InputError)


def _older(folder: Path, than: float) -> Iterator[Path]:
    return (path for path in folder.glob("*") if path.stat().st_mtime < than)


def _numbers(leaf: Any) -> NDArray[Any]:
    if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
        return np.asarray(jax.random.key_data(leaf))
    return np.asarray(leaf)


def _leaf(kept: NDArray[Any], like: Any) -> Array:
    expected = _numbers(like)
    if (kept.shape, kept.dtype) != (expected.shape, expected.dtype):
        raise ValueError("of another shape")
    if jnp.issubdtype(like.dtype, jax.dtypes.prng_key):
        keys: Array = jax.random.wrap_key_data(jax.device_put(kept))
        return keys
    put: Array = jax.device_put(kept)
    return put
