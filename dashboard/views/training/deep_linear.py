"""The page of deep-linear: each mode over time with its theory, and when it is half learned."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
A network $W_N \cdots W_1$ without activations computes a linear map, yet it learns as deep networks
do: long plateaus, then sudden drops. With **whitened** inputs, the loss
$\tfrac12\lVert W_N\cdots W_1 - S\rVert^2$ and layers along the singular vectors of $S$, its modes
do not interact, and each obeys

$$
\tau\,\dot u = N\,u^{2-2/N}(s-u), \qquad \tau = 1/\eta .
$$

The growth is in proportion to $s$, so that strong modes come first. For two layers it is a sigmoid,

$$
u(t) = \frac{s\,e^{2st/\tau}}{e^{2st/\tau}-1+s/u_0}, \qquad
t_{1/2} = \frac{\tau}{2s}\ln\Bigl(\frac{s}{u_0}-1\Bigr).
$$

Deeper networks wait longer on the plateau and pass faster from it.

**From random weights nothing needs to be fitted.** In two layers of small independent weights
$N(0,\sigma^2)$ the difference of what comes to a mode from both sides dies out, and the mean of them,
$c_k$ in the space of the $h$ hidden units, grows as $e^{st/\tau}$: alone $u_0 = \lVert c_k\rVert^2$,
on average $h\sigma^2/2$. Modes learned earlier take from later ones what they share with them, and
only the part of $c_k$ orthogonal to $c_1,\dots,c_{k-1}$ is left: $(h-k+1)\,\sigma^2/2$ on average. For
more layers a random start has no such closed form.

**What it assumes.** Whitened inputs, small steps; for the random start, small weights and singular
values that are apart. Correlated inputs mix the modes, and the network settles elsewhere; large
weights are not on the plateau to begin with.

**What to look for.** Raise the depth: the same modes, longer plateaus, steeper rises. Lower the width
to 6: the later modes fall behind the curve for modes that do not meet.

Sources: [Saxe, McClelland & Ganguli (arXiv:1312.6120)](https://arxiv.org/abs/1312.6120);
[Saxe, McClelland & Ganguli (2019), PNAS 116](https://doi.org/10.1073/pnas.1820226116);
[Arora, Cohen & Hazan (arXiv:1802.06509)](https://arxiv.org/abs/1802.06509). The start from random
weights is our own derivation.
"""

COLORS = [charts.TRAIN, charts.TEST, charts.VALIDATION, charts.THIRD, "#E69F00", "#56B4E9"]
STARTS = {"aligned": "aligned", "random": "random, two layers"}


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """When the strongest and the weakest mode are half learned, and how far theory is off."""
    half = rows(tables, "half_times")
    if half.empty:
        return []
    aligned, random = half[half["start"] == "aligned"], half[half["start"] == "random"]
    first, last = aligned["measured"].iloc[0], aligned["measured"].iloc[-1]
    said = f"time until half learned, aligned start, {config.depth} layers; units of τ = 1/η"
    figures = [
        Figure("Strongest mode", f"{charts.number(first)} τ", said),
        Figure("Weakest mode", f"{charts.number(last)} τ", said),
    ]
    if not random.empty:
        off = 100 * (random["measured"] / random["predicted"] - 1).abs().median()
        said = "median distance of half-times from theory, random starts; no parameter is fitted"
        figures.append(Figure("Off theory", f"{charts.number(off)} %", said))
    return figures


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Modes from the aligned start and from random ones; half-times; risk."""
    modes, made = rows(tables, "modes"), []
    for start in STARTS:
        if not modes.empty and (modes["start"] == start).any():
            made.append(_modes(modes[modes["start"] == start], start, config))
    half = rows(tables, "half_times")
    if not half.empty and (half["start"] == "random").any():
        made.append(_halves(half[half["start"] == "random"]))
    if not rows(tables, "risk").empty:
        made.append(_risk(tables))
    return [panel for panel in made if panel]


def _modes(modes: pd.DataFrame, start: str, config: Config) -> Panel:
    # What diverged has no place in a chart.
    shown = modes[modes["measured"].abs() < 100 * config.strength]
    names = "s = " + shown["strength"].map("{:.3g}".format)
    shown = shown.assign(name=names)
    last = float(modes["time"].max())
    x = alt.X(
        "time:Q",
        title="steps × learning rate, t/τ",
        scale=alt.Scale(domain=[0, 1.12 * last], nice=False),
        axis=alt.Axis(format="~g"),
    )
    y: dict[str, Any] = {"title": "mode u, units of s"}
    colour = _colour(modes)
    base = alt.Chart(shown).encode(x=x, color=colour)
    tooltip = [
        alt.Tooltip("name:N", title="mode"),
        alt.Tooltip("step:Q"),
        alt.Tooltip("measured:Q", format=".4g"),
        alt.Tooltip("predicted:Q", title="theory", format=".4g"),
    ]
    layers: list[Any] = []
    if start == "random":
        band = base.mark_area(opacity=0.18)
        layers.append(band.encode(y=alt.Y("lower:Q", **y), y2="upper:Q"))
    layers.append(
        base.mark_line(strokeWidth=3, opacity=0.75).encode(y=alt.Y("measured:Q", **y), tooltip=tooltip)
    )
    known = shown.dropna(subset=["predicted"])
    layers.append(charts.theory(known, x, alt.Y("predicted:Q", **y), detail="mode:N"))
    ends = shown.groupby("mode", as_index=False).last()
    text = alt.Chart(ends).mark_text(align="left", dx=5, fontSize=12, fontWeight="bold")
    layers.append(text.encode(x=x, y=alt.Y("measured:Q", **y), text="name:N", color=colour))
    if start == "aligned":
        title = f"Modes of {config.depth} layers from an aligned start"
        caption = f"Solid: gradient descent. Dashed: theory for small steps{_where(config)}."
    else:
        title = "From small random weights, two layers: nothing fitted"
        caption = (
            f"Solid: median of {config.replicates} random starts; band: 10th to 90th percentile. "
            f"Dashed: theory, from the median of u₀ among all random weights{_where(config)}."
        )
    words = (
        f"Modes against time from the {STARTS[start]} start: the stronger a mode, the earlier it rises."
    )
    chart = alt.layer(*layers).properties(height=420 if start == "aligned" else 300)
    return Panel(start, title, chart, caption, words)


def _halves(half: pd.DataFrame) -> Panel | None:
    shown = half.dropna(subset=["measured"])
    if shown.empty:
        return None
    values = shown[["measured", "predicted", "apart"]]
    domain = [0.9 * float(values.min().min()), 1.08 * float(values.max().max())]
    scale = alt.Scale(type="log", domain=domain, nice=False)
    axis = alt.Axis(format="~g", tickCount=6)
    x = alt.X("predicted:Q", title="half-time by theory, t/τ (log scale)", scale=scale, axis=axis)
    y = alt.Y("measured:Q", title="half-time measured, t/τ (log scale)", scale=scale, axis=axis)
    line = charts.theory(
        pd.DataFrame({"at": domain}), alt.X("at:Q", scale=scale), alt.Y("at:Q", scale=scale)
    )
    tooltip = [
        alt.Tooltip("mode:O"),
        alt.Tooltip("replicate:O", title="start"),
        alt.Tooltip("measured:Q", format=".4g"),
        alt.Tooltip("predicted:Q", title="theory", format=".4g"),
        alt.Tooltip("apart:Q", title="if modes did not meet", format=".4g"),
    ]
    base = alt.Chart(shown).encode(color=_colour(shown))
    points = base.mark_point(filled=True, size=45, opacity=0.8).encode(x=x, y=y, tooltip=tooltip)
    hollow = base.mark_point(size=30, opacity=0.5).encode(x=alt.X("apart:Q", scale=scale), y=y)
    off = 100 * (shown["measured"] / shown["predicted"] - 1).abs().median()
    naive = 100 * (shown["measured"] / shown["apart"] - 1).abs().median()
    return Panel(
        "halves",
        "When is a mode half learned?",
        alt.layer(line, hollow, points).properties(height=320),
        f"A filled point for each mode of each random start, predicted from its own initial weights: "
        f"median error {off:.2g} %. Hollow: the prediction if modes did not meet, {naive:.2g} %. "
        "Dashed: equality.",
        "Measured against predicted half-times of each mode and start.",
    )


def _risk(tables: Tables) -> Panel | None:
    risk, theory = rows(tables, "risk"), rows(tables, "theory")
    shown = risk[risk["risk"].between(1e-12, 1e12) & (risk["replicate"] < 10)]
    if shown.empty:
        return None
    shown = shown.assign(name=shown["start"].map(STARTS))
    x = alt.X("step:Q", title="steps", axis=alt.Axis(format="~s", tickCount=6))
    top = float(shown["risk"].max())
    scale = alt.Scale(zero=True, domain=[0, 1.05 * top])
    y: dict[str, Any] = {"title": "risk, squared units of the target", "scale": scale}
    present = [name for name in STARTS.values() if name in set(shown["name"])]
    colour = alt.Color(
        "name:N",
        scale=alt.Scale(domain=present, range=[charts.TRAIN, charts.SERIES[5]][: len(present)]),
        legend=alt.Legend(orient="bottom", title=None, symbolType="stroke", symbolStrokeWidth=3),
    )
    # Random starts below the aligned one, as thin lines.
    lines = [
        alt.Chart(shown[shown["start"] == start])
        .mark_line(strokeWidth=width, opacity=opacity)
        .encode(x=x, y=alt.Y("risk:Q", **y), color=colour, detail="replicate:N")
        for start, width, opacity in (("random", 1, 0.5), ("aligned", 3, 0.75))
    ]
    dashed = charts.theory(theory.dropna(), x, alt.Y("risk:Q", **y), detail="start:N")
    count = shown.loc[shown["start"] == "random", "replicate"].nunique()
    thin = f"; thin: {count} random starts" if count else ""
    return Panel(
        "risk",
        "Plateaus and drops",
        alt.layer(*lines, dashed).properties(height=320),
        f"Risk ½ E‖Wx − y‖² by step, one drop for each mode. Thick: the aligned start{thin}. "
        "Dashed: theory.",
        "Risk by step: a staircase with one drop for each mode.",
    )


def _where(config: Config) -> str:
    return "" if config.condition == 1 else ", for whitened inputs, which these are not"


def _colour(modes: pd.DataFrame) -> alt.Color:
    order = sorted(modes["mode"].unique())
    scale = alt.Scale(domain=order, range=COLORS[: len(order)])
    return alt.Color("mode:O", scale=scale, legend=None)
