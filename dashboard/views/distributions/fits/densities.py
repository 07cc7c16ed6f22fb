"""Fitted densities, or probabilities, over the values in bins."""

import math
from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Panel, Tables, rows
from dashboard.views.distributions.fits import shared, words


def density(tables: Tables, counts: bool, named: str) -> Panel | None:
    """The best families over the values in bins, with the truth where it is known."""
    bins, truth = rows(tables, "histogram"), rows(tables, "truth")
    curves, families = shared.shown(tables, "density")
    if bins.empty:
        return None
    scale = alt.Scale(domain=[0, _top(bins, curves, counts)], nice=False)
    title = "probability of a whole number" if counts else "density, 1 / unit of the value"
    y = alt.Y("density:Q", title=title, scale=scale)
    layers: list[Any] = [_bars(bins, y, counts, named)]
    if families:
        layers.append(_laws(curves, y, counts).encode(color=shared.colour(families)))
    if not truth.empty:
        layers.append(charts.theory(truth, alt.X("x:Q"), y))
    kind = "probabilities" if counts else "density"
    said = f" Dashed: the {kind} that the values were drawn from." if not truth.empty else ""
    width = float(bins["right"].iloc[0] - bins["left"].iloc[0])
    wide = f" A bar is the mean over {width:.0f} whole numbers." if counts and width > 1 else ""
    drawn = f" Drawn: the best {len(families)}." if len(families) > 1 else ""
    caption = f"{words.finding(tables)}{drawn}{said}{wide}"
    name = "Fitted probabilities" if counts else "Fitted densities"
    return shared.panel("density", name, alt.layer(*layers), caption, 400)


def _top(bins: pd.DataFrame, curves: pd.DataFrame, counts: bool) -> float:
    """The height that shows the bars and the laws, except where a density is infinite (at an end of
    its support, on few of the points drawn) or where a bad fit would flatten the bars."""
    bars = 1.35 * float(bins["density"].max())
    if curves.empty:
        return bars
    finite = curves[curves["density"] < math.inf].groupby("family")["density"]
    high = 1.05 * float(finite.quantile(1.0 if counts else 0.985).max())
    return max(bars, min(high, 2 * bars))


def _bars(bins: pd.DataFrame, y: alt.Y, counts: bool, named: str) -> alt.Chart:
    whole = {"axis": alt.Axis(tickMinStep=1, format=",d")} if counts else {}
    x = alt.X("left:Q", title=named, scale=alt.Scale(zero=False, nice=False), **whole)
    tooltip = shared.told({"left": "from", "right": "to", "count": "values"})
    marks = alt.Chart(bins).mark_rect(color=charts.FLOOR, opacity=0.35)
    return marks.encode(x=x, x2="right:Q", y=y, y2=alt.datum(0), tooltip=tooltip)


def _laws(curves: pd.DataFrame, y: alt.Y, counts: bool) -> alt.Chart:
    """Densities as lines; probabilities as points at whole numbers, joined only to be followed."""
    dots = alt.OverlayMarkDef(filled=True, size=36, opacity=1) if counts else False
    marks = alt.Chart(curves).mark_line(strokeWidth=0.75 if counts else 2, clip=True, point=dots)
    return marks.encode(x="x:Q", y=y)
