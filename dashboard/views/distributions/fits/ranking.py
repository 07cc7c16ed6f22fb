"""Families by AICc, with the band of practical ties."""

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Panel, Tables, rows
from dashboard.views.distributions.fits import shared, words

TOLD = {
    "delta": "AICc above the best",
    "weight": "Akaike weight",
    "bic": "BIC",
    "ks": "KS",
    "p_value": "p-value",
}


def ranking(tables: Tables) -> Panel | None:
    """Families by their distance in AICc from the best."""
    fits = shared.ranked(tables)
    if fits.empty:
        return None
    # Linear near the band of ties, logarithmic beyond, for differences of 1 and of 1,000 alike.
    scale = alt.Scale(type="symlog", constant=2, domain=[0, max(4.0, 1.2 * float(fits["delta"].max()))])
    ticks = [0, 2, *(10**k for k in range(1, 8))]
    axis = alt.Axis(values=ticks, format=",.0f", labelOverlap="greedy")
    title = ["AICc above the best", "(linear below 2, then logarithmic)"]
    x = alt.X("delta:Q", title=title, scale=scale, axis=axis)
    y = alt.Y("family:N", sort=list(fits["family"]), title=None)
    band = (
        alt.Chart(pd.DataFrame({"low": [0.0], "high": [2.0]}))
        .mark_rect(color=charts.VALIDATION, opacity=0.15)
        .encode(x=alt.X("low:Q", scale=scale), x2="high:Q")
    )
    colour = alt.condition("datum.tied", alt.value(charts.VALIDATION), alt.value(charts.FLOOR))
    points = alt.Chart(fits).mark_point(filled=True, size=70, opacity=1)
    points = points.encode(x=x, y=y, color=colour, tooltip=["family:N", *shared.told(TOLD), "note:N"])
    failed = rows(tables, "fits").query("rank.isna()")["family"]
    left = f" Not fitted: {', '.join(failed)}; the table fits says why." if len(failed) else ""
    caption = f"Green: practically tied with the best (at most 2 higher).{left}"
    chart = (band + points).properties(height=alt.Step(22))
    return Panel(
        "ranking", "Which families are tied?", chart, caption, f"{words.finding(tables)} {caption}"
    )
