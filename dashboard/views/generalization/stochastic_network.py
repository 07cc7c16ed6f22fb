"""The panels of stochastic networks: what PAC-Bayes promises beside the truth, and how it came about."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

# Of each bound: name, colour (ink where empty) and dash.
LIMITS = {
    "network": ("limit, network", "", charts.DASHED),
    "network_root": ("McAllester", charts.SERIES[4], charts.DASHED),
    "pac_bayes": ("limit, linear", charts.THIRD, charts.DASHED),
}
MEASURED = {
    "network": ("on the sample", "true, network"),
    "pac_bayes": ("", "true, linear"),
}


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """The true Gibbs risk of the network, and the limits on it and on the linear classifier's."""
    shown = _at(tables, config)
    if shown.empty:
        return []
    last = shown[shown["samples"] == shown["samples"].max()].set_index("bound")
    own, linear = last.loc["network"], last.loc["pac_bayes"]
    at = f"at n = {own['samples']:,}, mean of {config.networks} networks"
    limit = own["error"] + own["promised"]
    said = f"with probability {1 - config.delta:g}; {at}"
    other = f"its true risk is {charts.number(linear['risk'])}; Gibbs classifier around ridge regression"
    return [
        Figure("True Gibbs risk", charts.number(own["risk"]), f"share of errors, {at}"),
        Figure("Guaranteed", charts.number(limit), f"upper limit on it, {said}"),
        Figure("Guaranteed, linear", charts.number(linear["error"] + linear["promised"]), other),
    ]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Limits and truth by sample size; and while a network trains."""
    made = [] if _at(tables, config).empty else [_sizes(tables, config)]
    return made + ([] if rows(tables, "networks").empty else [_training(tables, config)])


def _at(tables: Tables, config: Config) -> pd.DataFrame:
    every = rows(tables, "guarantees")
    return every if every.empty else every[every["delta"] == config.delta]


def _sizes(tables: Tables, config: Config) -> Panel:
    shown = _at(tables, config)
    shown = shown.assign(limit=shown["error"] + shown["promised"])
    low = max(0.5 / config.draws, 0.7 * float(shown[["error", "risk"]].min().min()))
    y = {
        "title": "share of errors (log scale)",
        "scale": alt.Scale(type="log", domain=[low, 1.2], nice=False),
        "axis": alt.Axis(values=[0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1], format="~g"),
    }
    sizes = sorted(shown["samples"].unique().tolist())
    # Room at the right for the names.
    scale = alt.Scale(type="log", domain=[sizes[0] / 1.1, sizes[-1] * 3.2], nice=False)
    x = alt.X("samples:Q", title="samples n (log scale)", scale=scale)
    x = x.axis(values=sizes, format="~s")
    layers: list[Any] = [_coin(y["scale"])]
    ends = []
    for bound, (name, colour, dash) in LIMITS.items():
        own = shown[shown["bound"] == bound]
        line = alt.Chart(own).mark_line(
            color=colour or charts.ink(), strokeDash=dash, strokeWidth=2, clip=True
        )
        layers.append(line.encode(x=x, y=alt.Y("limit:Q", **y), tooltip=_tips()))
        ends.append((own, "limit", name, colour or charts.ink()))
    for bound, (sample, truth) in MEASURED.items():
        own = shown[shown["bound"] == bound]
        colour = charts.TEST if bound == "network" else charts.THIRD
        layers += _points(own, "risk", colour, x, y)
        ends.append((own, "risk", truth, colour))
        if sample:
            layers += _points(own, "error", charts.TRAIN, x, y)
            ends.append((own, "error", sample, charts.TRAIN))
    layers += _names(ends, low, x, y)
    caption = (
        "Dashed: PAC-Bayes limits on the Gibbs risk. Points: Gibbs risk of the network, whose weights "
        f"are drawn anew at each prediction, and of a linear classifier; means of {config.networks}."
    )
    last = shown[shown["samples"] == sizes[-1]].set_index("bound").loc["network"]
    finding = (
        f"At n = {sizes[-1]:,} the network's Gibbs risk is {last['risk']:.3g}, and at most "
        f"{last['limit']:.3g} is guaranteed."
    )
    title = "What does PAC-Bayes promise for a network?"
    return Panel("sizes", title, alt.layer(*layers).properties(height=420), caption, finding)


def _coin(scale: alt.Scale) -> alt.LayerChart:
    """The risk of tossing a coin, named at the right."""
    at = pd.DataFrame({"at": [0.5], "name": ["tossing a coin"]})
    base = alt.Chart(at).encode(y=alt.Y("at:Q", scale=scale))
    text = base.mark_text(color=charts.FLOOR, fontSize=11, align="right", dx=-4, dy=-6)
    line = base.mark_rule(color=charts.FLOOR, strokeDash=[1, 2])
    return line + text.encode(x=alt.value("width"), text="name:N")


def _points(data: pd.DataFrame, name: str, colour: str, x: alt.X, y: dict[str, Any]) -> list[alt.Chart]:
    base = alt.Chart(data).encode(x=x, y=alt.Y(f"{name}:Q", **y))
    return [
        base.mark_line(color=colour, strokeWidth=1.5, clip=True),
        base.mark_point(color=colour, filled=True, size=45, opacity=1, clip=True).encode(
            tooltip=_tips()
        ),
    ]


def _names(ends: list[Any], low: float, x: alt.X, y: dict[str, Any]) -> list[alt.Chart]:
    """Names at the right ends of the curves, those that end together apart."""
    places = []
    for own, name, text, colour in ends:
        last = own.loc[own["samples"].idxmax()]
        places.append([max(float(last[name]), low), float(last["samples"]), text, colour])
    made, least = [], 0.0
    for height, at, text, colour in sorted(places):
        least = max(height, 1.16 * least)
        data = pd.DataFrame({"samples": [at], "place": [least], "name": [text]})
        mark = alt.Chart(data).mark_text(
            align="left", dx=9, fontSize=11, fontWeight="bold", color=colour
        )
        made.append(mark.encode(x=x, y=alt.Y("place:Q", **y), text="name:N"))
    return made


def _tips() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("bound:N"),
        alt.Tooltip("samples:Q", title="n", format=","),
        alt.Tooltip("error:Q", title="on the sample", format=".3g"),
        alt.Tooltip("risk:Q", title="true", format=".3g"),
        alt.Tooltip("limit:Q", format=".3g"),
    ]


def _training(tables: Tables, config: Config) -> Panel:
    every = rows(tables, "networks")
    n = int(every["samples"].max())
    own = every[every["samples"] == n]
    names = {"error": "on the sample", "divergence": "KL / n, nats", "limit": "limit"}
    colours = [charts.TRAIN, charts.VALIDATION, charts.ink()]
    long = own.melt(["network", "step"], list(names), var_name="kind", value_name="value")
    long["kind"] = long["kind"].map(names)
    mean = long.groupby(["kind", "step"], sort=False)["value"].mean().reset_index()
    colour = alt.Color(
        "kind:N", scale=alt.Scale(domain=list(names.values()), range=colours), legend=None
    )
    x = alt.X("step:Q", title="updates", scale=alt.Scale(domain=[0, config.steps], nice=False))
    y = alt.Y("value:Q", title="share of errors, or nats", scale=alt.Scale(zero=True))
    tooltip = ["kind:N", "step:Q", alt.Tooltip("value:Q", format=".3g")]
    last = mean[mean["step"] == mean["step"].max()]
    text = alt.Chart(last).mark_text(align="right", dy=-9, dx=-4, fontSize=12, fontWeight="bold")
    layers = [
        alt.Chart(long)
        .mark_line(strokeWidth=1, opacity=0.35)
        .encode(x=x, y=y, color=colour, detail="network:N"),
        alt.Chart(mean).mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour, tooltip=tooltip),
        text.encode(x=x, y=y, color=colour, text="kind:N"),
    ]
    draws = int(own["draws"].min())
    caption = (
        f"At n = {n:,}. Thin: each network; thick: their mean. Before the end, by {draws} draws of each."
    )
    finding = ", ".join(
        f"{kind} {value:.3g}" for kind, value in zip(last["kind"], last["value"], strict=True)
    )
    title = "Fitting the sample at a price: while it trains"
    chart = alt.layer(*layers).properties(height=320)
    return Panel("training", title, chart, caption, f"In the end: {finding}.")
