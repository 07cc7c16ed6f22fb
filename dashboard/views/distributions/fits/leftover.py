"""What each fit leaves over: residuals with the band of chance."""

import altair as alt
import numpy as np
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Panel, Tables
from dashboard.views.distributions.fits import shared


def residuals(tables: Tables, counts: bool, named: str) -> Panel | None:
    """A worm plot of measurements, a rootogram laid flat of counts."""
    data, families = shared.shown(tables, "residuals", 3)
    if data.empty:
        return None
    band = data[data["family"] == families[0]]
    seen = data[np.isfinite(data["residual"])]
    reach = _reach(band, seen[seen["family"] == families[0]])
    column = "value" if counts else "expected"
    axis = alt.Axis(tickMinStep=1, format=",d") if counts else alt.Axis(tickCount=7)
    scale = alt.Scale(zero=False, nice=False, padding=8)
    x = alt.X(f"{column}:Q", title=named if counts else "normal score expected", scale=scale, axis=axis)
    title = "√observed − √expected" if counts else "normal score − expected"
    y = alt.Y("residual:Q", title=title, scale=alt.Scale(domain=[-reach, reach], nice=False))
    chart = _band(band, x, reach) + _zero(band, x, y, column) + _points(seen, families, x, y, counts)
    what = (
        "Counts in each bar of the histogram, by their roots"
        if counts
        else f"{len(band)} distinct values as normal scores Φ⁻¹(F)"
    )
    how = f"of {families[0]} " if counts else ""
    beyond = int((seen["residual"].abs() > reach).sum()) + len(data) - len(seen)
    left = f" {beyond} points beyond the axis are left out." if beyond else ""
    caption = (
        f"{what}, less what the fit expects. Grey: where 95 % fall {how}by chance, place by place, were "
        f"the family right; a tail that bends out of it is not the family's.{left}"
    )
    return shared.panel("residuals", "Residuals: where does the fit miss?", chart, caption)


def _reach(band: pd.DataFrame, best: pd.DataFrame) -> float:
    """How far the axis goes: the band and the best family, not another's far tail."""
    inside = float(np.nanmax(np.abs(band[["low", "high"]].to_numpy())))
    return 1.1 * max(inside, min(float(best["residual"].abs().max()), 4 * inside))


def _band(band: pd.DataFrame, x: alt.X, reach: float) -> alt.Chart:
    area = alt.Chart(band).mark_area(color=charts.FLOOR, opacity=0.25, clip=True)
    scale = alt.Scale(domain=[-reach, reach], nice=False)
    return area.encode(x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q")


def _zero(band: pd.DataFrame, x: alt.X, y: alt.Y, column: str) -> alt.Chart:
    ends = [float(band[column].min()), float(band[column].max())]
    return charts.theory(pd.DataFrame({column: ends, "residual": [0.0, 0.0]}), x, y)


def _points(data: pd.DataFrame, families: list[str], x: alt.X, y: alt.Y, counts: bool) -> alt.Chart:
    marks = alt.Chart(data).mark_point(filled=True, size=45 if counts else 18, opacity=0.8, clip=True)
    shapes = ["circle", "square", "triangle-up", "diamond"][: len(families)]
    told = {"value": "value", "residual": "residual", "low": "95 % from", "high": "to"}
    return marks.encode(
        x=x,
        y=y,
        color=shared.colour(families),
        shape=alt.Shape("family:N", scale=alt.Scale(domain=families, range=shapes)),
        tooltip=["family:N", *shared.told(told)],
    )
