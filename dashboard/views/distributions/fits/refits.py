"""Refits of a family to resampled values, beside what its standard errors predict."""

import altair as alt

from dashboard.shell import charts
from dashboard.shell.view import Panel, Tables, rows
from dashboard.views.distributions.fits import shared


def refits(tables: Tables) -> Panel | None:
    """Refits in standard errors, against normal quantiles."""
    data = rows(tables, "sampling")
    if data.empty:
        return None
    family, order = data["family"].iloc[0], list(dict.fromkeys(data["parameter"]))
    scale = alt.Scale(domain=order, range=charts.SERIES[4:7][: len(order)])
    legend = shared.legend()
    x = alt.X("expected:Q", title="normal prediction, standard errors")
    y = alt.Y("deviation:Q", title="refit − estimate, standard errors")
    points = alt.Chart(data).mark_point(filled=True, size=18, opacity=0.75)
    points = points.encode(
        x=x,
        y=y,
        color=alt.Color("parameter:N", scale=scale, legend=legend),
        shape=alt.Shape("parameter:N", scale=alt.Scale(domain=order), legend=legend),
        tooltip=["parameter:N", *shared.told({"estimate": "estimate"})],
    )
    chart = points + shared.diagonal(-3.0, 3.0, x, y, "expected", "deviation", asymptotic=True)
    caption = (
        f"Refits of {family} to resampled values, in order, at {len(data) // len(order)} ranks. On the "
        "dotted line they spread as the standard errors say; steeper, the standard errors are too small."
    )
    return shared.panel("refits", "Are the standard errors right?", chart, caption)
