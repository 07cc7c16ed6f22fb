"""Columns of numbers that are written with percent signs or with separators between thousands."""

import re
from typing import Any

import pandas as pd

from core.datasets.frames import kind

PERCENT = re.compile(r"^\s*[+-]?(\d+\.?\d*|\.\d+)\s*%\s*$")
# 1,234.5 and 1 234 and 1'234: groups of three throughout, and one mark throughout.
THOUSANDS = re.compile(r"^\s*[+-]?\d{1,3}(([,' \u00a0\u202f’])\d{3}(\2\d{3})*)?(\.\d+)?\s*$")
GROUPED = re.compile(r"\d[,' \u00a0\u202f’]\d{3}")
_FEW = 50


def unmarked(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The frame with such columns as numbers, and a sentence on each."""
    notes: list[str] = []
    made = {}
    for name in frame.columns:
        if kind(frame[name]) != "text":
            continue
        known = frame[name].dropna().astype(str)
        if not len(known):
            continue
        if _all(known, PERCENT):
            made[name] = _numbers(frame[name], r"[\s%]")
            first, value = known.iloc[0].strip(), made[name].dropna().iloc[0]
            notes.append(f"Percent signs in `{name}` are dropped: '{first}' is read as {value:g}.")
        elif _all(known, THOUSANDS) and (some := known[known.str.contains(GROUPED)]).size:
            made[name] = _numbers(frame[name], r"[\s,'\u00a0\u202f’]")
            first, value = some.iloc[0].strip(), made[name][some.index[0]]
            notes.append(
                f"Marks between thousands in `{name}` are dropped: '{first}' is read as {value:.12g}."
            )
    return (frame.assign(**made) if made else frame), tuple(notes)


def _all(known: "pd.Series[str]", pattern: re.Pattern[str]) -> bool:
    """Whether every value is written so; most columns of text are told by their first values."""
    return all(pattern.match(v) for v in known.iloc[:_FEW]) and bool(known.str.match(pattern).all())


def _numbers(series: "pd.Series[Any]", marks: str) -> "pd.Series[Any]":
    return pd.to_numeric(series.astype("string").str.replace(marks, "", regex=True)).astype(float)
