"""The panel of what a network of two inputs predicts, for the pages that train one."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Panel, Tables, rows

# Classes are told apart by these and by shape; blue and vermilion stay train and test.
CLASSES = ["#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#8C6D31", "#999999"]


def surface(tables: Tables) -> Panel | None:
    """The prediction over the plane of two inputs with the data; None where there is none."""
    cells, seen = rows(tables, "surface"), rows(tables, "points")
    if cells.empty or seen.empty:
        return None
    number = bool(seen["value"].notna().any())
    color = _classes(cells, seen)
    if number:
        limits = list(seen["value"].agg(["min", "max"]))
        color = alt.Scale(scheme="viridis", domain=limits, clamp=True)
    legend = alt.Legend(orient="bottom", title="value" if number else "class")
    opacity: dict[str, Any] = {}
    if not number:
        # From the least that a most probable class can have to certainty.
        least = 1 / max(2, seen["class"].nunique())
        faint = alt.Scale(domain=[least, 1], range=[0.08, 0.6], clamp=True)
        opacity = {"opacity": alt.Opacity("probability:Q", scale=faint, legend=None)}
    caption = (
        "The first replicate that did not diverge: filled marks are training rows, hollow ones test rows"
    )
    said = "." if number else "; the stronger the colour, the more probable the class."
    by = {"shorthand": "value:Q" if number else "class:N", "scale": color}
    layers = [
        _cells(cells, _names(tables), alt.Color(**by, legend=legend), opacity),
        *_marks(seen, alt.Fill(**by, legend=None), number),
    ]
    return Panel(
        "surface",
        "What one network predicts",
        alt.layer(*layers).properties(height=460),
        f"{caption}{said}",
        f"The network's prediction over the plane of {' and '.join(_names(tables).values())}, with "
        "the data.",
    )


def _names(tables: Tables) -> dict[str, str]:
    """What the data call the inputs x1 and x2."""
    inputs = rows(tables, "inputs")
    if inputs.empty:
        return {"x1": "first input", "x2": "second input"}
    return dict(zip(inputs["input"], inputs["name"], strict=True))


def _cells(cells: pd.DataFrame, names: dict[str, str], color: Any, opacity: dict[str, Any]) -> alt.Chart:
    # Opaque cells reach a little into each other, so that no seam shows between them.
    wide = 0.5 if opacity else 0.53
    half = {name: wide * _step(cells[name]) for name in ("x1", "x2")}
    sides = {
        f"{name}_{side}": cells[name] + sign * half[name]
        for name in half
        for side, sign in (("low", -1), ("high", 1))
    }
    bare, fit = alt.Axis(grid=False), alt.Scale(zero=False, nice=False)
    place = [alt.Tooltip(f"{at}:Q", title=name, format=".4g") for at, name in names.items()]
    tooltip = [*place, *(["class:N", "probability:Q"] if opacity else ["value:Q"])]
    return (
        alt.Chart(cells.assign(**sides))
        .mark_rect(strokeWidth=0)
        .encode(
            x=alt.X("x1_low:Q", title=names["x1"], axis=bare, scale=fit),
            x2="x1_high:Q",
            y=alt.Y("x2_low:Q", title=names["x2"], axis=bare, scale=fit),
            y2="x2_high:Q",
            color=color,
            tooltip=tooltip,
            **opacity,
        )
    )


def _marks(seen: pd.DataFrame, fill: alt.Fill, number: bool) -> list[alt.Chart]:
    """Training rows filled, test rows hollow; a class has its shape."""
    shape = {} if number else {"shape": alt.Shape("class:N", legend=None)}
    place = {"x": alt.X("x1:Q"), "y": alt.Y("x2:Q")}
    tooltip = ["split:N", "value:Q" if number else "class:N"]
    train, test = (alt.Chart(seen[seen["split"] == part]) for part in ("train", "test"))
    common: dict[str, Any] = {"size": 20, "strokeWidth": 0.5, "stroke": charts.ink(), "opacity": 0.9}
    return [
        train.mark_point(**common).encode(**place, fill=fill, tooltip=tooltip, **shape),
        test.mark_point(**{**common, "strokeWidth": 1.0}).encode(**place, tooltip=tooltip, **shape),
    ]


def _classes(cells: pd.DataFrame, seen: pd.DataFrame) -> alt.Scale:
    names = sorted({*cells["class"].dropna(), *seen["class"]})
    return alt.Scale(domain=names, range=[CLASSES[i % len(CLASSES)] for i in range(len(names))])


def _step(values: pd.Series) -> float:
    """Distance between neighbouring cells."""
    distinct = np.unique(values)
    return float(distinct[1] - distinct[0]) if distinct.size > 1 else 1.0
