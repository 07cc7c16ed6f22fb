"""A data set, or a file of the user's: the control, the reading, and what is said before a run."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from pydantic.fields import FieldInfo

from core.datasets import uploaded
from core.datasets.read import read
from core.experiment import Config, Hints, InputError
from core.runs.request import Request, settings
from dashboard.shell.resources import owner, store

# The choice that opens the uploader; never a value of a `Config`.
OWN_FILE = "upload"


def choose_data(name: str, label: str, info: FieldInfo, hint: Hints) -> str:
    """A data set by name, `upload:<digest>` for a file, or `OWN_FILE` while none is there yet."""
    files: dict[str, str] = st.session_state.setdefault("files", {})
    names = {**(hint.names or {}), **files, OWN_FILE: "Your own file…"}
    if str(st.session_state.get(name, "")) not in names:
        # A link, or a run on a file that this session has not uploaded itself.
        st.session_state.pop(name, None)
    chosen = st.selectbox(
        label,
        list(names),
        index=list(names).index(str(info.get_default())),
        format_func=lambda v: str(names.get(v, v)),
        key=name,
        help=info.description,
    )
    if chosen == OWN_FILE:
        st.file_uploader(
            "CSV, TSV or Parquet, at most 200 MB",
            type=["csv", "tsv", "txt", "parquet"],
            key=f"{name}:file",
            on_change=_take,
            args=(name,),
            help="It stays private to this session until you share a run on it.",
        )
        if problem := st.session_state.get(f"{name}:problem"):
            st.error(problem)
    elif chosen in _own():
        _describe(chosen)
    return str(chosen)


def choose_column(name: str, label: str, info: FieldInfo, values: Mapping[str, Any]) -> str:
    """A column of the chosen file; the field's default where the data are not a file."""
    data = next((str(v) for v in values.values() if str(v).startswith(Config.UPLOAD)), None)
    file = _file(data.removeprefix(Config.UPLOAD)) if data else None
    if file is None:
        return str(info.get_default())
    if data not in _own():
        # Shared with this session as one run: nothing else of the file is theirs to see.
        return str(st.session_state.get(name, info.get_default()))
    columns = list(file.frame.columns)
    numeric = [c for c in columns if pd.api.types.is_numeric_dtype(file.frame[c])]
    # A target is by custom the last column; a sample is the first that holds numbers.
    first = columns[-1] if name == "target" else (numeric or columns)[0]
    if st.session_state.get(name) not in columns:
        st.session_state.pop(name, None)
    chosen = st.selectbox(label, columns, index=columns.index(first), key=name, help=info.description)
    _say_what_is_missing(file.frame[chosen], str(chosen))
    return str(chosen)


def receive(config: Config) -> None:
    """Makes the file of a run that was shared a choice of the controls, by name alone."""
    for digest, name in data_names(config.uploads()).items():
        files = st.session_state.setdefault("files", {})
        st.session_state["files"] = {**files, Config.UPLOAD + digest: f"{name}, shared with you"}


def data_names(digests: tuple[str, ...]) -> dict[str, str]:
    """File names by digest, for commands that a person can read."""
    return {digest: file.name for digest in digests if (file := _file(digest)) is not None}


def told(asked: Request) -> str:
    """The settings of a run in words, files by their names."""
    return settings(asked, data_names(asked.config.uploads()))


@lru_cache(maxsize=8)
def _file(digest: str) -> uploaded.File | None:
    return store().file(digest)


def _take(name: str) -> None:
    """Reads the file that was just uploaded and chooses it; what is wrong is kept to be shown."""
    st.session_state.pop(f"{name}:problem", None)
    file = st.session_state.get(f"{name}:file")
    if file is None:
        return
    try:
        content = file.getvalue()
        found = read(file.name, content)
        kept = uploaded.File(uploaded.digest(content), file.name, found.frame, found.notes)
        store().keep(kept, owner())
    except InputError as error:
        st.session_state[f"{name}:problem"] = str(error)
        return
    value = Config.UPLOAD + kept.digest
    st.session_state["files"] = {**st.session_state.get("files", {}), value: file.name}
    st.session_state["own files"] = {*_own(), value}
    st.session_state[name] = value


def _own() -> set[str]:
    """The files that this session uploaded itself."""
    return st.session_state.get("own files", set())


def _describe(value: str) -> None:
    file = _file(value.removeprefix(Config.UPLOAD))
    if file is not None:
        rows, columns = file.frame.shape
        st.caption(f"{rows:,} rows, {columns} column{'s' * (columns != 1)}. {' '.join(file.notes)}")


def _say_what_is_missing(column: "pd.Series[Any]", name: str) -> None:
    missing = int(column.isna().sum())
    numbers = pd.api.types.is_numeric_dtype(column)
    infinite = int(np.isinf(column.dropna().to_numpy(float)).sum()) if numbers else 0
    counts = [f"{n:,} {what}" for n, what in ((missing, "missing"), (infinite, "infinite")) if n]
    if counts:
        st.caption(
            f"`{name}` has {' and '.join(counts)} of {len(column):,} values: a run leaves them out."
        )
