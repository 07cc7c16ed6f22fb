"""The grammar of the charts: one meaning for a colour, a dash and a band on every page.

train blue, test vermilion, validation green, a third series purple (Okabe–Ito: told apart by
colour-blind readers); theory in ink, dashed; asymptotic theory in ink, dotted; a noise floor or
Bayes risk thin grey; a threshold is a rule with its name on it.
"""

import math
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

TRAIN, TEST, VALIDATION, THIRD = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
# Families and other unordered series, beyond the four above.
SERIES = [TRAIN, TEST, VALIDATION, THIRD, "#56B4E9", "#E69F00", "#8C6D31", "#999999"]
FLOOR = "#8a8f98"
DASHED, DOTTED = [6, 4], [2, 3]
SPLITS = alt.Scale(domain=["train", "test"], range=[TRAIN, TEST])


def ink() -> str:
    """Theory's colour: near black on a light page, near white on a dark one."""
    return "#f2f2f0" if st.context.theme.type == "dark" else "#1c1c1c"


def theory(data: pd.DataFrame, x: Any, y: Any, *, asymptotic: bool = False, **encode: Any) -> alt.Chart:
    """Theory as a line in ink: dashed, or dotted where it is a limit."""
    dash = DOTTED if asymptotic else DASHED
    mark = alt.Chart(data).mark_line(color=ink(), strokeDash=dash, strokeWidth=2, clip=True)
    return mark.encode(x=x, y=y, **encode)


def rule(at: float, name: str, *, axis: str = "x", scale: Any = alt.Undefined) -> alt.LayerChart:
    """A threshold: a thin line across the chart with its name written on it."""
    data = pd.DataFrame({"at": [at], "name": [name]})
    channel: Any = alt.X("at:Q", scale=scale) if axis == "x" else alt.Y("at:Q", scale=scale)
    line = alt.Chart(data).mark_rule(color=FLOOR, strokeDash=[1, 2]).encode(**{axis: channel})
    place: dict[str, Any] = (
        {"align": "left", "dx": 4, "y": 8} if axis == "x" else {"align": "left", "dy": -6, "x": 4}
    )
    text = alt.Chart(data).mark_text(color=FLOOR, fontSize=11, **place)
    return line + text.encode(text="name:N", **{axis: channel})


def number(value: float, error: float | None = None) -> str:
    """A value to the precision that its standard error allows (two digits of it), else to three
    significant digits; in plain digits from 0.0001 up to a million."""
    if not pd.notna(value):
        return "undefined"
    if error is None or not 0 < error < math.inf or math.isinf(value):
        return _plain(value)
    power, digits = _precision(value, error)
    shown = f"{_rounded(value, power, digits)} ± {_rounded(error, power, digits)}"
    return f"({shown})e{power:+03d}" if power else shown


def pair(predicted: float, measured: float, error: float | None = None) -> tuple[str, str]:
    """A predicted value with the decimals of the measured one beside it, and the measured one."""
    said = number(measured, error)
    if "±" not in said or not math.isfinite(predicted):
        return number(predicted), said
    power, digits = _precision(measured, error or 0.0)
    shown = _rounded(predicted, power, digits)
    return (f"{shown}e{power:+03d}" if power else shown), said


def _plain(value: float) -> str:
    short = f"{value:.3g}"
    rounded = abs(float(short))
    if "e" not in short or not 1e-4 <= rounded < 1e6:
        return short
    return f"{float(short):,.0f}"


def _precision(value: float, error: float) -> tuple[int, int]:
    """The power of ten to write both in, 0 for plain digits, and the decimals that the error allows."""
    largest = max(abs(value), error)
    power = 0 if 1e-4 <= largest < 1e6 else _exponent(largest)
    return power, 1 - _exponent(error) + power


def _exponent(value: float) -> int:
    return int(f"{value:.1e}".split("e")[1])


def _rounded(value: float, power: int, digits: int) -> str:
    return f"{round(value / 10.0**power, digits):,.{max(0, digits)}f}"
