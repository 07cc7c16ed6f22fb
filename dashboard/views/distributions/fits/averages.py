"""Quantiles averaged over the families, with what not knowing the family adds to their intervals."""

import altair as alt

from dashboard.shell import charts
from dashboard.shell.view import Panel, Tables, rows
from dashboard.views.distributions.fits import shared


def averages(tables: Tables) -> Panel | None:
    """Each family's quantiles less the averaged ones, with the averaged interval as a band."""
    data = rows(tables, "averaged")
    if data.empty:
        return None
    data = data.assign(at=[f"{100 * p:.3g} %" for p in data["probability"]])
    order = list(dict.fromkeys(data["at"]))
    x = alt.X("at:O", sort=order, title="probability of a value up to the quantile")
    x = x.axis(labelAngle=0, labelOverlap="greedy").scale(type="point", padding=0.2)
    title = "quantile − averaged quantile, unit of the values"
    y = alt.Y("deviation:Q", title=title)
    whole = data[data["family"] == "averaged"]
    drawn = [f for f in shared.ranked(tables)["family"] if f in set(data["family"])][: shared.DRAWN]
    told = [
        alt.Tooltip("family:N"),
        alt.Tooltip("at:O", title="probability"),
        *shared.told(
            {
                "quantile": "quantile",
                "standard_error": "standard error",
                "lower": "lower end, 95 %",
                "upper": "upper end, 95 %",
                "weight": "Akaike weight",
            }
        ),
    ]
    band = alt.Chart(whole).mark_area(color=charts.FLOOR, opacity=0.3)
    band = band.encode(x=x, y=alt.Y("lower_deviation:Q", title=title), y2="upper_deviation:Q")
    centre = alt.Chart(whole).mark_line(color=charts.ink(), strokeWidth=1.5, point=True)
    lines = alt.Chart(data[data["family"].isin(drawn)]).mark_line(strokeWidth=2, point=True)
    chart = alt.layer(
        band,
        centre.encode(x=x, y=y, tooltip=told),
        lines.encode(x=x, y=y, color=shared.colour(drawn), tooltip=told),
    )
    top = whole[whole["probability"] == 0.99].iloc[0]
    best = data[(data["family"] == drawn[0]) & (data["probability"] == 0.99)].iloc[0]
    wider = float(top["standard_error"]) / float(best["standard_error"])
    adds = f"makes the standard error {wider:.2g} times that of {drawn[0]} alone"
    caption = (
        f"Averaged, 99 % of values lie below {charts.number(top['quantile'], top['standard_error'])} "
        f"(95 %: {charts.number(top['lower'])} to {charts.number(top['upper'])}); not knowing the "
        f"family {adds if wider >= 1.05 else 'adds next to nothing'}. "
        "Band: 95 % interval of the averaged quantile."
    )
    return shared.panel("averaged", "Quantiles, whichever family is right", chart, caption)
