"""The penalty's part of the page of double descent, and how both parts name what they show."""

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Panel, Tables, rows

LOG = alt.Axis(tickCount=5, format="~g")


def size(row: pd.Series, config: Config) -> str:
    """What grows, and how large it is."""
    return f"n = {row['samples']:.0f}" if config.case == "samples" else f"p = {row['parameters']:.0f}"


def counted(tables: Tables) -> str:
    """Of how many replicates the measured means are, so far."""
    risk = rows(tables, "risk")
    count = 0 if risk.empty else risk["replicate"].nunique()
    return "one replicate" if count == 1 else f"mean of {count} replicates"


def panel(tables: Tables, config: Config) -> Panel:
    """Mean test risk against the penalty at up to three sizes."""
    table = rows(tables, "ridge")
    shown = table.assign(
        size=[size(row, config) for _, row in table.iterrows()],
        low=table["risk"] - table["standard_error"],
        high=table["risk"] + table["standard_error"],
    )
    order = list(dict.fromkeys(shown["size"]))
    colour = alt.Color(
        "size:N",
        sort=order,
        scale=alt.Scale(domain=order, range=charts.SERIES[4:7]),
        legend=alt.Legend(title=None, orient="bottom"),
    )
    x = alt.X("multiple:Q", title="penalty, multiples of λ* (log scale)", scale=alt.Scale(type="log"))
    y = {
        "title": "test risk, squared units (log scale)",
        "axis": LOG,
        "scale": alt.Scale(type="log", zero=False, nice=False),
    }
    base = alt.Chart(shown).encode(x=x, color=colour)
    tooltip = [
        alt.Tooltip("size:N"),
        alt.Tooltip("multiple:Q", title="λ / λ*", format=".3g"),
        alt.Tooltip("risk:Q", title="mean risk", format=".4g"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".2g"),
        alt.Tooltip("predicted:Q", title="limit", format=".4g"),
    ]
    point = base.mark_point(filled=True, size=30, opacity=1)
    layers = [
        charts.rule(1.0, "λ*", scale=alt.Scale(type="log")),
        charts.theory(shown, x, alt.Y("predicted:Q", **y), asymptotic=True, color=colour),
        base.mark_rule(strokeWidth=1.5).encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        point.encode(
            y=alt.Y("risk:Q", **y), shape=alt.Shape("size:N", sort=order, legend=None), tooltip=tooltip
        ),
    ]
    chart = alt.layer(*layers).properties(height=360)
    of = "random features" if config.case == "random_features" else "independent features"
    caption = (
        f"{counted(tables).capitalize()} ± standard error; dotted in the same colour, the limit "
        f"for {of}. The penalty that is best for those is λ*."
    )
    least = shown.loc[shown["risk"].idxmin()]
    text = f"Test risk against the ridge penalty. The least is {least['risk']:.3g} at {least['size']}, "
    alt_text = text + f"at {least['multiple']:.2g} times λ*."
    return Panel("penalty", "How much penalty removes the peak?", chart, caption, alt_text)
