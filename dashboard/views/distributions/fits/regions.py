"""Likelihood regions of two parameters, over the ellipses of their normal limit."""

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Panel, Tables, rows
from dashboard.views.distributions.fits import shared

DRAWN = 3


def regions(tables: Tables) -> list[Panel]:
    """A panel for each two parameters, of the first few."""
    table = rows(tables, "contour")
    if table.empty:
        return []
    pairs = list(dict.fromkeys(zip(table["first"], table["second"], strict=True)))[:DRAWN]
    return [_region(table[(table["first"] == a) & (table["second"] == b)], a, b) for a, b in pairs]


def _region(data: pd.DataFrame, first: str, second: str) -> Panel:
    scale = alt.Scale(zero=False)
    x = alt.X("x:Q", title=first, scale=scale)
    y = alt.Y("y:Q", title=second, scale=scale)
    share = data.assign(share=[f"{100 * c:.3g} %" for c in data["confidence"]])
    likely, normal = (share[share["kind"] == kind] for kind in ("likelihood", "normal"))
    detail = {"order": "order:Q", "detail": "share:N"}
    told = ["share:N", *shared.told({"x": first, "y": second})]
    lines = alt.Chart(likely).mark_line(color=charts.SERIES[0], strokeWidth=2, interpolate="catmull-rom")
    top = likely.loc[likely.dropna().groupby("share")["y"].idxmax()]
    text = alt.Chart(top).mark_text(dy=-7, color=charts.SERIES[0], fontSize=12)
    chart = alt.layer(
        charts.theory(normal, x, y, asymptotic=True, **detail),
        lines.encode(x=x, y=y, tooltip=told, **detail),
        text.encode(x=x, y=y, text="share:N"),
    )
    gap = " Gaps: a region without an end there." if likely["x"].isna().any() else ""
    caption = (
        f"Values of {first} and {second} of {data['family'].iloc[0]} that the data allow together, at "
        f"two levels. Dotted: the ellipses of the normal limit, on the parameters' own scales.{gap}"
    )
    title = f"Which {first} and {second} go together?"
    return shared.panel(f"contour-{first}-{second}", title, chart, caption)
