"""Files of the user's, by digest. Whoever carries a run out hands its files down here first, so
that an experiment stays a pure function of its `Config`."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import pandas as pd

from core.experiment import InputError
from core.parquet import pack

_provided: ContextVar[Mapping[str, pd.DataFrame]] = ContextVar("_provided", default={})  # noqa: B039


@dataclass(frozen=True)
class File:
    """A file that was read: the digest of its content, its name, its frame, and what was assumed
    in reading it."""

    digest: str
    name: str
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()

    @classmethod
    def of_frame(cls, frame: pd.DataFrame) -> "File":
        """A data frame as if it had been uploaded as Parquet."""
        named = frame.rename(columns=str).reset_index(drop=True)
        return cls(digest(pack(named)), "data.parquet", named)


def digest(content: bytes) -> str:
    """The name of a file's content: 32 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(content).hexdigest()[:32]


@contextmanager
def provided(frames: Mapping[str, pd.DataFrame]) -> Iterator[None]:
    """Within this context, `frame` knows these frames by digest."""
    token = _provided.set({**_provided.get(), **frames})
    try:
        yield
    finally:
        _provided.reset(token)


def frame(name: str) -> pd.DataFrame:
    """The uploaded frame with this digest.

    Raises:
        InputError: it is not here, or not this user's.
    """
    try:
        return _provided.get()[name]
    except KeyError:
        raise InputError(f"`data` names an uploaded file that is not here: {name}.") from None
