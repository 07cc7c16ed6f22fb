"""Squared skewness against kurtosis: the sample, how far chance moves it, and where families lie."""

import math
from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Panel, Tables, rows
from dashboard.views.distributions.fits import shared

X, Y = "squared skewness", "kurtosis (normal: 3)"
# Beyond this the axes are logarithmic: a heavy tail's kurtosis runs into the hundreds.
WIDE = 16.0
# Room for names of lines at the right and of points at the left, as shares of the axis between; and
# between two names, as a share of an axis.
MARGIN, LEFT, APART = 1.4, 0.24, 0.042
# Those that have room for their names on a logarithmic axis.
FAR = ("uniform", "normal", "exponential")
REGIONS = {"impossible": "no distribution", "beta": "beta", "negative-binomial": "negative binomial"}


def moments(tables: Tables) -> Panel | None:
    """The Cullen–Frey plane."""
    data, theory = rows(tables, "moments"), rows(tables, "moment_theory")
    if data.empty or theory.empty:
        return None
    best = list(shared.ranked(tables)["family"])[: shared.DRAWN]
    colour = _colour(best, [*theory["family"].unique(), *data["family"].unique()])
    scales = _scales(data, theory)
    layers = [*_regions(theory, scales), *_clouds(data, scales, colour)]
    layers += [*_lines(theory, scales, colour), *_places(theory, scales)]
    layers += _own(data, best, scales, colour)
    return shared.panel(
        "moments", "Cullen–Frey: which tails can the data have?", alt.layer(*layers), _caption(data)
    )


def _caption(data: pd.DataFrame) -> str:
    drawn = data[data["kind"] == "drawn"]
    from_fit = (
        f" Coloured dots: {len(drawn)} samples of the same size drawn from {drawn['family'].iloc[0]}."
        if len(drawn)
        else ""
    )
    again = int((data["kind"] == "resample").sum())
    return (
        f"Cross: the sample. Grey dots: {again} resamples of it.{from_fit} Dashed: where families lie; "
        "filled circles: the best fits themselves. Moments without correction for bias, which makes "
        "small samples of heavy tails lie too low, drawn ones and the data alike."
    )


def _scales(data: pd.DataFrame, theory: pd.DataFrame) -> tuple[Any, Any]:
    """The axes, as far as the lines and nearly all of the clouds reach."""
    right = float(theory[theory["kind"] == "line"]["squared_skewness"].max())
    seen = data[data["kind"].isin(["sample", "resample"])]
    highest = theory[theory["kind"] != "region"]["kurtosis"].max()
    top = max(float(highest), 1.02 * float(seen["kurtosis"].quantile(0.99)), _sample(data)[1])
    kind: dict[str, Any] = {"type": "symlog", "constant": 1} if top > WIDE else {}
    # A symlog axis is as the logarithm of 1 + its value.
    end = (1 + right) ** MARGIN - 1 if kind else MARGIN * right
    start = 1 - (1 + right) ** LEFT if kind else -LEFT * right
    return (
        alt.Scale(domain=[start, end], nice=False, **kind),
        alt.Scale(domain=[1, 1.04 * top], nice=False, **kind),
    )


def _wide(scale: Any) -> bool:
    return bool(scale.to_dict().get("type") == "symlog")


def _measure(scale: Any) -> tuple[Any, Any]:
    """To a place on an axis, and back."""
    return (math.log1p, math.expm1) if _wide(scale) else (float, float)


def _sample(data: pd.DataFrame) -> tuple[float, float]:
    own = data[data["kind"] == "sample"].iloc[0]
    return float(own["squared_skewness"]), float(own["kurtosis"])


def _at(scales: tuple[Any, Any], y: str = "kurtosis") -> dict[str, Any]:
    axes = [alt.Axis(values=_even(scales[0].to_dict()["domain"][1])), alt.Axis(tickCount=6)]
    if _wide(scales[1]):
        # A symlog axis has no round numbers of its own.
        marks = [m * 10**p for p in range(7) for m in (1, 3)]
        axes = [alt.Axis(values=values, format=",~f") for values in ([0, *marks], marks)]
    return {
        "x": alt.X("squared_skewness:Q", title=X, scale=scales[0], axis=axes[0]),
        "y": alt.Y(f"{y}:Q", title=Y, scale=scales[1], axis=axes[1]),
    }


def _even(end: float) -> list[float]:
    """Round numbers from 0 on; there is no squared skewness below it."""
    unit = 10.0 ** math.floor(math.log10(end / 4))
    step = next(m * unit for m in (1, 2, 5, 10) if end / (m * unit) <= 8)
    return [step * k for k in range(int(end / step) + 1)]


def _regions(theory: pd.DataFrame, scales: tuple[Any, Any]) -> list[Any]:
    made: list[Any] = []
    for family, part in theory[theory["kind"] == "region"].groupby("family", sort=False):
        opacity = 0.3 if family == "impossible" else 0.1
        area = alt.Chart(part).mark_area(color=charts.FLOOR, opacity=opacity, clip=True)
        made.append(area.encode(**_at(scales), y2="upper:Q"))
        # Where a region is wide enough for its name.
        to, back = _measure(scales[0])
        far = (part["squared_skewness"] - back(0.62 * to(scales[0].to_dict()["domain"][1]))).abs()
        middle = part.loc[[far.idxmin()]]
        height = [
            back((to(low) + to(high)) / 2)
            for low, high in zip(middle["kurtosis"], middle["upper"], strict=True)
        ]
        name = middle.assign(kurtosis=height, family=REGIONS.get(str(family), family))
        made.append(_named(name, scales, charts.FLOOR, align="center", fontStyle="italic"))
    return made


def _named(data: pd.DataFrame, scales: tuple[Any, Any], colour: Any, **mark: Any) -> alt.Chart:
    text = alt.Chart(data).mark_text(fontSize=11, **mark)
    shade = colour if isinstance(colour, alt.Color) else alt.value(colour)
    return text.encode(**_at(scales), text="family:N", color=shade)


def _colour(best: list[str], others: list[str]) -> alt.Color:
    """The colour that a family has in every chart of the page; the rest are grey. Layers share a
    scale, so that it has to name all of them."""
    rest = [f for f in dict.fromkeys(others) if f not in best]
    colours = [*charts.SERIES[: len(best)], *([charts.FLOOR] * len(rest))]
    return alt.Color("family:N", scale=alt.Scale(domain=[*best, *rest], range=colours), legend=None)


def _lines(theory: pd.DataFrame, scales: tuple[Any, Any], colour: alt.Color) -> list[Any]:
    data = theory[theory["kind"] == "line"]
    lines = alt.Chart(data.assign(at=range(len(data)))).mark_line(
        strokeDash=charts.DASHED, strokeWidth=1.4, clip=True
    )
    ends = data.loc[data.groupby("family")["squared_skewness"].idxmax()]
    drawn = lines.encode(**_at(scales), color=colour, order="at:Q", detail="family:N")
    return [drawn, _named(_apart(ends, scales[1]), scales, colour, align="left", dx=4)]


def _apart(ends: pd.DataFrame, scale: Any) -> pd.DataFrame:
    """Names of lines at heights at which they do not cover each other."""
    low, high = scale.to_dict()["domain"]
    to, back = _measure(scale)
    gap, placed = APART * (to(high) - to(low)), []
    ordered = ends.sort_values("kurtosis", ascending=False)
    # From the top down, as the topmost has no room above it.
    at = to(high) - gap / 2 + gap
    for value in ordered["kurtosis"]:
        at = min(to(value), at - gap)
        placed.append(back(at))
    # A line of points that end a little earlier than the others has its name where theirs are.
    far = ordered["squared_skewness"].max()
    column = ordered["squared_skewness"].where(ordered["squared_skewness"] < 0.9 * far, far)
    return ordered.assign(kurtosis=placed, squared_skewness=column)


def _places(theory: pd.DataFrame, scales: tuple[Any, Any]) -> list[Any]:
    data = theory[theory["kind"] == "point"]
    if _wide(scales[1]):
        data = data[data["family"].isin(FAR)]
    marks = alt.Chart(data).mark_point(color=charts.ink(), shape="diamond", size=40, filled=False)
    # Beside lines that meet there, not on them.
    above = data["family"].isin(["gumbel", "gumbel-min"])
    below = data["family"] == "exponential"
    return [
        marks.encode(**_at(scales)),
        _named(data[above], scales, charts.ink(), align="center", dy=-12),
        _named(data[below], scales, charts.ink(), align="left", dx=3, dy=11),
        _named(data[~above & ~below], scales, charts.ink(), align="right", dx=-7),
    ]


def _clouds(data: pd.DataFrame, scales: tuple[Any, Any], colour: alt.Color) -> list[Any]:
    drawn, again = (data[data["kind"] == kind] for kind in ("drawn", "resample"))
    marks = alt.Chart(drawn).mark_point(filled=True, size=10, opacity=0.4, clip=True)
    grey = alt.Chart(again).mark_point(filled=True, size=10, opacity=0.7, clip=True, color=charts.FLOOR)
    return [marks.encode(**_at(scales), color=colour), grey.encode(**_at(scales))]


def _own(data: pd.DataFrame, best: list[str], scales: tuple[Any, Any], colour: alt.Color) -> list[Any]:
    fitted = data[(data["kind"] == "fitted") & data["family"].isin(best)]
    tooltip = ["family:N", *shared.told({"squared_skewness": X, "kurtosis": "kurtosis"})]
    laws = alt.Chart(fitted).mark_point(filled=True, size=60, opacity=1, clip=True)
    cross = alt.Chart(data[data["kind"] == "sample"]).mark_point(
        shape="cross", filled=True, size=90, opacity=1, color=charts.ink()
    )
    return [
        laws.encode(**_at(scales), color=colour, tooltip=tooltip),
        cross.encode(**_at(scales), tooltip=tooltip[1:]),
    ]
