"""The panels of networks that learn modular addition: accuracy, loss, and what their weights become."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

TICKS = alt.Axis(format="~s", values=[1, 3, 10, 30, 100, 300, 1000, 3000, 10000])
# Frequencies that are shown, strongest first.
RANKS = 8
NETWORKS = {"start": "at the start", "end": "trained", "built": "built by hand"}


def verdict(tables: Tables) -> list[Figure]:
    """When training pairs and when new pairs are known, and the factor between."""
    found = rows(tables, "networks")
    if found.empty:
        return []
    return [
        Figure("Training pairs known", _median(found["train"]), "steps to 99 %, median of networks"),
        Figure("New pairs known", _median(found["test"]), "steps to 95 %, median of networks"),
        Figure("Delay", _median(found["delay"], "×"), "ratio of the two, median of networks"),
    ]


def _median(values: pd.Series, unit: str = "") -> str:
    # A network that never knows has none: with half of them there is no median.
    if values.isna().mean() >= 0.5:
        return "endless" if unit else "never"
    return f"{charts.number(values.fillna(float('inf')).median())}{unit}"


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Accuracy and loss by step; frequencies, phases and norm by step; power by frequency."""
    summary = rows(tables, "summary")
    if summary.empty:
        return []
    made = [_spectrum(tables, config)]
    if summary["time"].max() > 0:
        more = [_accuracy(tables, config), _loss(tables, config)]
        made = [*more, _frequencies(tables, config), *made, _norm(tables, config)]
    return made


def _x(config: Config) -> alt.X:
    scale = alt.Scale(type="log", domain=[1, config.steps], nice=False)
    return alt.X("time:Q", title="steps (log scale)", scale=scale, axis=TICKS)


def _drawn(tables: Tables, name: str) -> pd.DataFrame:
    """A table without its start, which has no place on a log scale."""
    table = rows(tables, name)
    return table[table["time"] > 0]


def _accuracy(tables: Tables, config: Config) -> Panel:
    y = {"title": "share of right answers", "scale": alt.Scale(domain=[0, 1.02], nice=False)}
    chance = float(rows(tables, "theory")["accuracy"].iloc[0])
    layers = [_level(chance, "chance, 1/p", y["scale"])]
    layers += _splits(tables, "accuracy", _x(config), y)
    ends = rows(tables, "summary").groupby("split")["accuracy"].last()
    finding = (
        f"In the end {ends['train']:.3f} of training pairs and {ends['test']:.3f} of new are right."
    )
    caption = (
        f"Thin: each of {_many(tables)} networks; thick: their mean. {_pairs(config)} are trained on."
        f"{_diverged(tables)}"
    )
    chart = alt.layer(*layers).properties(height=400)
    return Panel("accuracy", "Right answers while it trains", chart, caption, finding)


def _loss(tables: Tables, config: Config) -> Panel:
    summary = rows(tables, "summary")
    start = float(rows(tables, "theory")["risk"].iloc[0])
    top, low = 2 * summary["risk"].max(), max(summary["risk"].min() / 2, 1e-5)
    scale = alt.Scale(type="log", domain=[low, top], nice=False)
    axis = alt.Axis(values=[10.0**k for k in range(-6, 30)], format="~g")
    y = {"title": "squared error (log scale)", "scale": scale, "axis": axis}
    layers = [_level(start, "untrained, 1 + 3/p", scale, align="left", dx=4, dy=15)]
    layers += _splits(tables, "risk", _x(config), y)
    ends = summary.groupby("split")["risk"].last()
    finding = (
        f"Squared error ends at {ends['train']:.2g} in training and {ends['test']:.2g} on new pairs."
    )
    caption = "Mean over pairs of the squared error, summed over the p outputs."
    chart = alt.layer(*layers).properties(height=300)
    return Panel("loss", "Loss while it trains", chart, caption, finding)


def _splits(tables: Tables, name: str, x: alt.X, y: dict[str, Any]) -> list[Any]:
    """Training and new pairs: a thin line a network, a thick one for the mean, and its name."""
    low = y["scale"].domain[0]
    each, mean = (_drawn(tables, which) for which in ("risk", "summary"))
    each, mean = each[each[name] >= low], mean[mean[name] >= low]
    colour = alt.Color("split:N", scale=charts.SPLITS, legend=None)
    tooltip = ["split:N", alt.Tooltip("time:Q", title="step"), alt.Tooltip(f"{name}:Q", format=".3g")]
    height = alt.Y(f"{name}:Q", **y)
    thin = alt.Chart(each).mark_line(strokeWidth=1, opacity=0.35, clip=True)
    thick = alt.Chart(mean).mark_line(strokeWidth=2.5, clip=True)
    layers = [
        thin.encode(x=x, y=height, color=colour, detail="replicate:N"),
        thick.encode(x=x, y=height, color=colour, tooltip=tooltip),
    ]
    for split in ("train", "test"):
        curve = mean[mean["split"] == split]
        if len(curve):
            layers.append(_name(curve, name, split).encode(x=x, y=height, color=colour, text="split:N"))
    return layers


def _name(curve: pd.DataFrame, name: str, split: str) -> alt.Chart:
    """The name of a curve left of its middle height for training, right of it for new pairs."""
    middle = (curve[name].max() + curve[name].min()) / 2 if name == "accuracy" else 0.5
    at = curve.loc[[(curve[name] - middle).abs().idxmin()]]
    side: dict[str, Any] = (
        {"align": "right", "dx": -8} if split == "train" else {"align": "left", "dx": 8}
    )
    return alt.Chart(at).mark_text(fontSize=12, fontWeight="bold", clip=True, **side)


def _frequencies(tables: Tables, config: Config) -> Panel:
    weights = _drawn(tables, "weights")
    spectrum = rows(tables, "spectrum")
    names = {"concentration": "power at one frequency", "phases": "phases add up"}
    long = weights.melt(["replicate", "time"], list(names), var_name="kind")
    long["kind"] = long["kind"].map(names)
    mean = long.groupby(["kind", "time"], sort=False)["value"].mean().reset_index()
    y = {"title": "share, or cosine", "scale": alt.Scale(domain=[0, 1.05], nice=False, clamp=True)}
    scale = alt.Scale(domain=list(names.values()), range=[charts.THIRD, charts.VALIDATION])
    x, colour = _x(config), alt.Color("kind:N", scale=scale, legend=None)
    height = alt.Y("value:Q", **y)
    random = float(spectrum.query("network == 'start' and rank == 1")["predicted"].iloc[0])
    tooltip = ["kind:N", alt.Tooltip("time:Q", title="step"), alt.Tooltip("value:Q", format=".3f")]
    last = mean[mean["time"] == mean["time"].max()]
    near = (np.log(mean["time"]) - 0.75 * np.log(config.steps)).abs()
    middle = mean.loc[near.groupby(mean["kind"]).idxmin()]
    text: dict[str, Any] = {"fontSize": 12, "fontWeight": "bold", "align": "right", "clip": True}
    below = alt.Chart(last[last["kind"] == names["phases"]]).mark_text(dx=-4, dy=15, **text)
    above = alt.Chart(middle[middle["kind"] == names["concentration"]]).mark_text(dx=-6, dy=-10, **text)
    layers = [
        _level(random, "power, random weights", y["scale"]),
        _level(1.0, "both, built by hand", y["scale"], align="left", dx=4),
        alt.Chart(long)
        .mark_line(strokeWidth=1, opacity=0.35)
        .encode(x=x, y=height, color=colour, detail="replicate:N"),
        alt.Chart(mean).mark_line(strokeWidth=2.5).encode(x=x, y=height, color=colour, tooltip=tooltip),
        *(one.encode(x=x, y=height, color=colour, text="kind:N") for one in (above, below)),
    ]
    caption = (
        "Share of a unit's first-layer power at its strongest frequency, mean over units; and the "
        "cosine of its two input phases less its output phase."
    )
    ends = last.set_index("kind")["value"]
    finding = (
        f"In the end units have {ends[names['concentration']]:.2f} of their power at one frequency, "
        f"and the mean cosine of their phases is {ends[names['phases']]:.3f}."
    )
    chart = alt.layer(*layers).properties(height=320)
    return Panel("frequencies", "What do the weights become?", chart, caption, finding)


def _spectrum(tables: Tables, config: Config) -> Panel:
    spectrum = rows(tables, "spectrum")
    shown = spectrum[spectrum["rank"] <= RANKS].assign(name=lambda f: f["network"].map(NETWORKS))
    x = alt.X("rank:Q", title="frequency, strongest of a unit first", axis=alt.Axis(format="d"))
    x = x.scale(domain=[0.7, min(RANKS, shown["rank"].max()) + 0.5], nice=False)
    y = {"title": "share of power", "scale": alt.Scale(domain=[0, 1.05], nice=False)}
    measured = shown[shown["network"] != "built"]
    scale = alt.Scale(domain=list(NETWORKS.values())[:2], range=[charts.FLOOR, charts.THIRD])
    colour = alt.Color("name:N", scale=scale, legend=None)
    predicted = shown[shown["predicted"].notna()]
    tooltip = ["name:N", "rank:Q", alt.Tooltip("share:Q", format=".3f")]
    base = alt.Chart(measured).encode(x=x, y=alt.Y("share:Q", **y), color=colour)
    # Each name where its own curve is alone.
    text: dict[str, Any] = {"fontSize": 12, "fontWeight": "bold"}
    first = shown[shown["rank"] == 1].set_index("network", drop=False)
    end, start = first[first.index == "end"], shown[(shown["network"] == "start") & (shown["rank"] == 4)]
    named = {"x": x, "y": alt.Y("share:Q", **y), "text": "name:N"}
    names = [
        alt.Chart(first.loc[["built"]]).mark_text(color=charts.ink(), align="left", dx=10, **text),
        alt.Chart(end).mark_text(color=charts.THIRD, align="left", dx=34, **text),
        alt.Chart(start).mark_text(color=charts.FLOOR, align="left", dy=-14, **text),
    ]
    layers = [
        charts.theory(predicted, x, alt.Y("predicted:Q", **y), detail="network:N"),
        base.mark_line(strokeWidth=1.5, opacity=0.6),
        base.mark_point(filled=True, size=60, opacity=1).encode(
            shape=alt.Shape("name:N", scale=alt.Scale(domain=scale.domain), legend=None), tooltip=tooltip
        ),
        *(one.encode(**named) for one in names),
    ]
    units = 3 * (config.modulus - 1)
    caption = (
        f"Points: mean over units of {_many(tables)} networks. Dashed: exact, for random weights and "
        f"for the network of {units} units that gives every sum."
    )
    ends = first["share"]
    finding = ", ".join(f"{NETWORKS[name]} {share:.2f}" for name, share in ends.items())
    chart = alt.layer(*layers).properties(height=320)
    return Panel(
        "spectrum",
        "How is a unit's power spread over frequencies?",
        chart,
        caption,
        f"Share of a unit's power at its strongest frequency: {finding}.",
    )


def _norm(tables: Tables, config: Config) -> Panel:
    weights = _drawn(tables, "weights")
    mean = weights.groupby("time")["norm"].mean().reset_index()
    y = alt.Y("norm:Q", title="norm of the weights", scale=alt.Scale(zero=False))
    x = _x(config)
    tooltip = [alt.Tooltip("time:Q", title="step"), alt.Tooltip("norm:Q", format=".3g")]
    layers = [
        alt.Chart(weights)
        .mark_line(strokeWidth=1, opacity=0.35, color=charts.SERIES[4])
        .encode(x=x, y=y, detail="replicate:N"),
        alt.Chart(mean)
        .mark_line(strokeWidth=2.5, color=charts.SERIES[4])
        .encode(x=x, y=y, tooltip=tooltip),
    ]
    finding = f"From {mean['norm'].iloc[0]:.3g} to at most {mean['norm'].max():.3g}, then "
    finding += f"{mean['norm'].iloc[-1]:.3g} in the end."
    caption = "Root of the sum of squares of all weights: thin, each network; thick, their mean."
    chart = alt.layer(*layers).properties(height=240)
    return Panel("norm", "How large are the weights?", chart, caption, finding)


def _level(
    at: float, name: str, scale: alt.Scale, align: str = "right", dx: int = -4, dy: int = -6
) -> alt.LayerChart:
    """A level with its name at its right end, or where it says."""
    base = alt.Chart(pd.DataFrame({"at": [at], "name": [name]})).encode(y=alt.Y("at:Q", scale=scale))
    text = base.mark_text(color=charts.FLOOR, fontSize=11, align=align, dx=dx, dy=dy)
    line = base.mark_rule(color=charts.FLOOR, strokeDash=[1, 2])
    return line + text.encode(x=alt.value("width" if align == "right" else 0), text="name:N")


def _many(tables: Tables) -> int:
    return int(rows(tables, "weights")["replicate"].nunique())


def _pairs(config: Config) -> str:
    total = config.modulus**2
    return f"{round(config.share * total):,} of {total:,} pairs"


def _diverged(tables: Tables) -> str:
    steps = rows(tables, "networks")["diverged"].dropna()
    return f" {len(steps)} diverged, the first by step {steps.min():,.0f}." if len(steps) else ""
