"""How well the assumed family is known: intervals side by side, and profiles of the likelihood."""

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Panel, Tables, rows
from dashboard.views.distributions.fits import shared

# Ways to an interval, in the order in which they are drawn; another method comes last.
KINDS = ["Wald", "profile", "percentile", "BCa"]
# An interval further out than this, in standard errors, is drawn to the edge of the chart.
FURTHEST = 6.0


def intervals(tables: Tables) -> Panel | None:
    """Intervals of each quantity by each way, in standard errors from the estimate."""
    table = rows(tables, "intervals")
    data = table[table["standard_error"] > 0] if not table.empty else table
    if data.empty:
        return None
    kinds = [*KINDS, *(k for k in dict.fromkeys(data["kind"]) if k not in KINDS)]
    kinds = [k for k in kinds if k in set(data["kind"])]
    reach = min(FURTHEST, 1.12 * _reach(data))
    drawn = data.assign(
        label=[_label(table, name) for name in data["quantity"]],
        left=data["low_distance"].clip(-reach, reach),
        right=data["high_distance"].clip(-reach, reach),
        middle=data["estimate"],
    )
    scale = alt.Scale(domain=[-reach, reach], nice=False)
    title = "from the estimate, standard errors"
    order = list(dict.fromkeys(drawn["label"]))
    y = alt.Y(
        "label:N",
        sort=order,
        title=None,
        axis=alt.Axis(labelExpr="split(datum.label, '|')", labelLimit=200, ticks=False, domain=False),
        scale=alt.Scale(paddingInner=0.3),
    )
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=kinds, range=[charts.FLOOR, *charts.SERIES][: len(kinds)]),
        legend=shared.legend(3),
    )
    told = ["quantity:N", "kind:N", *shared.told({"middle": "estimate", "low": "from", "high": "to"})]
    offset = alt.YOffset("kind:N", sort=kinds)
    base = alt.Chart(drawn).encode(y=y, yOffset=offset, color=colour, tooltip=told)
    bars = base.mark_rule(strokeWidth=3).encode(
        x=alt.X("left:Q", title=title, scale=scale), x2="right:Q"
    )
    ends = [
        base.mark_tick(thickness=2, size=9).encode(x=alt.X(f"{side}:Q", scale=scale))
        for side in ("left", "right")
    ]
    at = float(data["high_distance"][data["kind"] == "Wald"].iloc[0])
    normal = pd.DataFrame({"x": [-at, 0.0, at]})
    lines = alt.Chart(normal).mark_rule(color=charts.ink(), strokeDash=charts.DOTTED)
    chart = alt.layer(lines.encode(x=alt.X("x:Q", scale=scale, title=title)), bars, *ends)
    level = f"{100 * float(data['confidence'].iloc[0]):.3g} %"
    caption = (
        f"{level} intervals of {data['family'].iloc[0]}; under the names, profile intervals. Dotted: "
        "the normal limit, on each quantity's scale. Profile intervals lean to where likelihood falls "
        "more slowly; percentiles and BCa come from refits."
    )
    height = alt.Step(13 if len(kinds) > 2 else 18, **{"for": "offset"})
    panel = shared.panel("intervals", "How well is each quantity known?", chart, caption)
    return Panel(panel.key, panel.title, chart.properties(height=height), caption, caption)


def _reach(data: pd.DataFrame) -> float:
    ends = pd.concat([data["low_distance"], data["high_distance"]]).abs()
    return float(ends[ends < FURTHEST].max())


def _label(table: pd.DataFrame, quantity: str) -> str:
    """The quantity, and below its estimate with an interval."""
    mine = table[(table["quantity"] == quantity) & table["kind"].isin(["profile", "Wald"])]
    best = mine.sort_values("kind", ascending=False).iloc[0]
    ends = f"{charts.number(best['low'])} to {charts.number(best['high'])}"
    return f"{quantity}: {charts.number(best['estimate'])}|{ends}"


def profiles(tables: Tables) -> Panel | None:
    """The fall of the likelihood along each parameter, beside that of the normal limit."""
    table = rows(tables, "profile")
    data = table[table["distance"].abs() < FURTHEST] if not table.empty else table
    if data.empty:
        return None
    order = list(dict.fromkeys(data["parameter"]))
    critical = float(data["critical"].iloc[0])
    title, heights = "2 (log L at maximum − log L), nats × 2", alt.Scale(domain=[0, 2.2 * critical])
    whole = alt.Axis(tickMinStep=1, format="d")
    x = alt.X("distance:Q", title="from the estimate, standard errors", axis=whole)
    y = alt.Y("ratio:Q", title=title, scale=heights)
    scale = alt.Scale(domain=order, range=charts.SERIES[4:][: len(order)])
    colour = alt.Color("parameter:N", scale=scale, legend=shared.legend())
    told = shared.told({"value": "value", "ratio": "2 × fall", "normal": "normal limit"})
    lines = alt.Chart(data).mark_line(
        strokeWidth=2, interpolate="monotone", clip=True, point=alt.OverlayMarkDef(size=22)
    )
    lines = lines.encode(x=x, y=y, color=colour, tooltip=["parameter:N", *told])
    # The same for every parameter, in standard errors.
    parabola = alt.Chart(data.sort_values("distance")).mark_line(
        color=charts.ink(), strokeDash=charts.DOTTED, interpolate="monotone", clip=True
    )
    parabola = parabola.encode(x=x, y=alt.Y("normal:Q", title=title, scale=heights))
    at = pd.DataFrame({"ratio": [critical], "distance": [0.0], "said": [f"χ² quantile {critical:.2f}"]})
    rule = alt.Chart(at).mark_rule(color=charts.FLOOR, strokeDash=[1, 2]).encode(y=y)
    text = alt.Chart(at).mark_text(color=charts.FLOOR, dy=-7).encode(x=x, y=y, text="said:N")
    chart = alt.layer(parabola, lines, rule, text)
    caption = (
        f"Parameters of {data['family'].iloc[0]}. Dotted: the parabola of the normal limit. Each curve "
        "meets the line at the ends of its profile interval, the parabola at those of Wald's."
    )
    return shared.panel("profile", "How fast does the likelihood fall?", chart, caption)
