"""How large rare values will be: levels by their return period."""

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Panel, Tables, rows
from dashboard.views.distributions.fits import shared


def levels(tables: Tables, counts: bool, named: str) -> Panel | None:
    """Return levels of the best families, over the observed ones."""
    table = rows(tables, "return_levels")
    data, families = shared.shown(tables, "return_levels", 3)
    if data.empty:
        return None
    seen = table[table["source"] == "observed"]
    x = alt.X(
        "period:Q",
        title="return period, values (log scale)",
        scale=alt.Scale(type="log", nice=False),
        axis=shared.decades(),
    )
    log = shared.heavy(seen["level"])
    scale = _scale(seen, log)
    axis = shared.decades() if log else alt.Axis(format="~s", tickCount=6)
    title = f"{shared.short(named)} (log scale)" if log else shared.short(named)
    y = alt.Y("level:Q", title=title, scale=scale, axis=axis)
    told = shared.told({"period": "period", "level": "level", "low": "95 % from", "high": "to"})
    drawn = data[data["level"] > 0] if log else data
    lines = alt.Chart(drawn).mark_line(
        strokeWidth=2, clip=True, interpolate="step-after" if counts else "linear"
    )
    lines = lines.encode(x=x, y=y, color=shared.colour(families), tooltip=["family:N", *told])
    points = alt.Chart(seen).mark_point(color=charts.FLOOR, filled=True, size=26, opacity=0.9)
    points = points.encode(x=x, y=y, tooltip=told[:2])
    best = drawn[(drawn["family"] == families[0]) & drawn["low"].notna()]
    band = alt.Chart(best).mark_area(color=charts.SERIES[0], opacity=0.15, clip=True)
    layers = [band.encode(x=x, y=alt.Y("low:Q", scale=scale, title=title), y2="high:Q")]
    chart = alt.layer(*(layers if len(best) else []), lines, points)
    return shared.panel(
        "levels", "How large are rare values?", chart, _caption(data, families[0], len(best) > 0)
    )


def _scale(seen: pd.DataFrame, log: bool) -> alt.Scale:
    """The axis: as far as the data and nearly as far again, logarithmic where a tail is very long."""
    low, high = float(seen["level"].min()), float(seen["level"].max())
    if log:
        return alt.Scale(type="log", domain=[low, 10 * high], nice=False)
    spread = (high - low) or 1.0
    return alt.Scale(domain=[low - 0.03 * spread, high + 0.8 * spread], nice=False)


def _caption(data: pd.DataFrame, best: str, band: bool) -> str:
    last = data[data["family"] == best].iloc[-1]
    reach = f" ({charts.number(last['low'])} to {charts.number(last['high'])})" if band else ""
    said = f" Band: 95 % of {best}, by the delta method." if band else ""
    return (
        f"A level that one in T values exceeds, by T. By {best}, once in {last['period']:,.0f} values: "
        f"{charts.number(last['level'])}{reach}.{said} Grey: the data. Beyond them each line is the "
        "family's word alone."
    )
