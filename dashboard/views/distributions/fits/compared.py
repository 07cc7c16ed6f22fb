"""Values beside fitted ones: Q–Q and P–P."""

import altair as alt
import pandas as pd

from dashboard.shell.view import Panel, Tables
from dashboard.views.distributions.fits import shared


def quantiles(tables: Tables, counts: bool) -> Panel | None:
    """Ordered values against fitted quantiles."""
    data, families = shared.shown(tables, "quantiles", 3)
    if data.empty:
        return None
    low, high = float(data["observed"].min()), float(data["observed"].max())
    log = shared.heavy(data["observed"])
    # A heavy tail's last quantile would squeeze all the rest.
    ends = [low - 0.03 * (high - low), high + 0.15 * (high - low)]
    scale = alt.Scale(domain=ends, nice=False)
    axis = alt.Axis(tickMinStep=1, format=",d") if counts else alt.Axis(tickCount=7)
    if log:
        scale, axis = alt.Scale(type="log", domain=[low / 2, 2 * high], nice=False), shared.decades()
        data = data[data["fitted"] > 0]
    said = " (log scale)" if log else ""
    x = alt.X("fitted:Q", title=f"fitted quantile{said}", scale=scale, axis=axis)
    y = alt.Y("observed:Q", title=f"observed value{said}", scale=scale, axis=axis)
    chart = _points(data, families, x, y, counts) + shared.diagonal(
        low, high, x, y, "fitted", "observed"
    )
    caption = (
        f"{_places(data, counts)}. On the dashed line the family fits; above it on the right, the data "
        "have a heavier upper tail. Fitted quantiles beyond the axis are left out."
    )
    return shared.panel("quantiles", "Q–Q: do the tails fit?", chart, caption)


def probabilities(tables: Tables, counts: bool) -> Panel | None:
    """Shares of values against fitted probabilities."""
    data, families = shared.shown(tables, "quantiles", 3)
    if data.empty:
        return None
    scale = alt.Scale(domain=[0, 1])
    x = alt.X("fitted_probability:Q", title="fitted probability up to the value", scale=scale)
    y = alt.Y("probability:Q", title="observed share up to the value", scale=scale)
    diagonal = shared.diagonal(0.0, 1.0, x, y, "fitted_probability", "probability")
    chart = _points(data, families, x, y, counts) + diagonal
    half = " Of the value itself half is counted, in both." if counts else ""
    caption = (
        f"The same values by probability: departures from the dashed line show in the middle.{half}"
    )
    return shared.panel("probabilities", "P–P: does the middle fit?", chart, caption)


def _points(data: pd.DataFrame, families: list[str], x: alt.X, y: alt.Y, counts: bool) -> alt.Chart:
    tooltip = ["family:N", *(alt.Tooltip(f"{c}:Q", format=".4g") for c in data.columns if c != "family")]
    size = 45 if counts else 18
    marks = alt.Chart(data).mark_point(filled=True, size=size, opacity=0.75, clip=True)
    shapes = ["circle", "square", "triangle-up", "diamond"][: len(families)]
    shape = alt.Shape("family:N", scale=alt.Scale(domain=families, range=shapes))
    return marks.encode(x=x, y=y, color=shared.colour(families), shape=shape, tooltip=tooltip)


def _places(data: pd.DataFrame, counts: bool) -> str:
    """What a point is."""
    if counts:
        return f"A point for each of {data['observed'].nunique()} distinct values, in each family"
    return f"At {data['probability'].nunique()} ranks"
