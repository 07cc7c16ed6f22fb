"""The page of the tangent kernel: training against what kernels predict, and the trend with width."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
A small step of gradient descent on $\tfrac12\sum_i (f(x_i)-y_i)^2$ changes the outputs by
$-\eta\,\hat\Theta\,(f-y)$, with the tangent kernel

$$
\hat\Theta(x,x') = \sum_p \frac{\partial f(x)}{\partial p}\,\frac{\partial f(x')}{\partial p}
$$

over all parameters $p$. With outputs scaled by $1/\sqrt m$ (NTK parametrisation) it goes to a fixed
$\Theta$ as the width $m$ grows, and stays there while the network trains. Training is then linear:

$$
f_t = y + (I-\eta\,\Theta)^t\,(f_0-y).
$$

For ReLU, with $c$ the correlation of two signals and $q = 2$ the variance of the pre-activations of
inputs of norm $\sqrt d$, each hidden layer gives

$$
\Sigma \to \kappa_1(c), \quad \Theta \to \kappa_1(c) + \Theta\,\kappa_0(c)/2, \qquad
\kappa_0 = \frac{\pi-\arccos c}{\pi}, \quad
\kappa_1 = \frac{\sqrt{1-c^2}+c(\pi-\arccos c)}{\pi},
$$

up to factors 2 between layers. For one hidden layer $\hat\Theta$ is a mean over $m$ independent units:
$\mathbb{E}\,\hat\Theta=\Theta$ exactly, and the distance is $C/\sqrt m$ with a known $C$.

**What it assumes.** Width without end, a step below $2/\lambda_{\max}(\Theta)$, and weights that need
not move far. Scale the outputs down by $s$ and weights move $1/s$ as far: features are learnt and the
prediction fails. In the standard parametrisation the first layer hardly trains, which is another
kernel: the network's own still predicts it.

**What to look for.** Two ways to be wrong at width $m$: the kernel at the start is off by
$m^{-1/2}$, and it drifts by less than that, $m^{-1}$ for smooth activations, $m^{-3/4}$ for ReLU. So a
network's own kernel predicts it better than the limit does.

Sources: [Jacot, Gabriel & Hongler (arXiv:1806.07572)](https://arxiv.org/abs/1806.07572);
[Lee et al. (arXiv:1902.06720)](https://arxiv.org/abs/1902.06720);
[Chizat, Oyallon & Bach (arXiv:1812.07956)](https://arxiv.org/abs/1812.07956);
[Dyer & Gur-Ari (arXiv:1909.11304)](https://arxiv.org/abs/1909.11304);
[Lewkowycz et al. (arXiv:2003.02218)](https://arxiv.org/abs/2003.02218).
"""

LOG = alt.Scale(type="log", nice=False)
AXIS = alt.Axis(format="~g", tickCount=5)
# What is drawn against width: its name on the chart, and its colour.
QUANTITIES = {
    "distance": ("kernel, distance at start", charts.TRAIN),
    "drift": ("kernel, drift in training", charts.TEST),
    "infinite": ("outputs, limit's prediction", charts.VALIDATION),
    "own": ("outputs, own kernel's prediction", charts.THIRD),
}


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """How far the widest networks are from the limit."""
    widths = rows(tables, "widths")
    if widths.empty:
        return []
    most = widths["width"].max()
    last = widths[widths["width"] == most].set_index("quantity")
    words = {
        "distance": ("Kernel's distance", "relative, from the kernel of infinite width, at the start"),
        "infinite": ("Limit's error", "of the outputs it predicts, relative to the targets"),
        "own": ("Own kernel's error", "of the outputs that the kernel at the start predicts"),
        "drift": ("Kernel's drift", "relative, over the training"),
    }
    return [
        Figure(
            f"{label}, m = {most}", charts.number(*last.loc[name, ["value", "standard_error"]]), gloss
        )
        for name, (label, gloss) in words.items()
    ][:4]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Training of the widest and the narrowest networks; errors against width."""
    if rows(tables, "risk").empty or rows(tables, "widths").empty:
        return []
    widths = rows(tables, "widths")["width"]
    made = [_training(tables, config, int(widths.max()), "training")]
    if widths.nunique() > 1:
        made.append(_against_width(tables, config))
        made.append(_training(tables, config, int(widths.min()), "narrowest"))
    return made


def _training(tables: Tables, config: Config, width: int, key: str) -> Panel:
    risk, theory = (part[part["width"] == width] for part in (tables["risk"], tables["theory"]))
    mean = risk.groupby(["split", "step"], as_index=False)["risk"].agg(
        risk="mean", lower=_tenth, upper=_ninetieth
    )
    # A prediction of a step that is too long soon leaves the chart.
    room = 3 if config.step < 1 else 30
    top = room * float(mean.loc[mean["step"] == 0, "risk"].max())
    low = max(float(mean["risk"].min()) / 3, 1e-12 * top)
    heights = alt.Scale(type="log", nice=False, domain=[low, top], clamp=True)
    x = alt.X("step:Q", title="steps of gradient descent", scale=alt.Scale(nice=False))
    y: dict[str, Any] = {
        "title": "mean squared error (log scale)",
        "scale": heights,
        "axis": AXIS,
    }
    colour = alt.Color("split:N", scale=charts.SPLITS, legend=None)
    base = alt.Chart(mean).encode(x=x, color=colour)
    names = {"infinite": "kernel of infinite width", "own": "own kernel at the start"}
    drawn = theory[theory["risk"] <= top].assign(name=theory["formula"].map(names))
    scale = alt.Scale(domain=list(names.values()), range=[charts.DOTTED, charts.DASHED])
    legend = alt.Legend(
        title=None,
        orient="bottom",
        columns=2,
        symbolType="stroke",
        symbolSize=400,
        symbolStrokeColor=charts.ink(),
        labelLimit=300,
    )
    line = alt.Chart(drawn).mark_line(color=charts.ink(), strokeWidth=1.8, clip=True)
    tooltip = [
        alt.Tooltip("split:N"),
        alt.Tooltip("step:Q"),
        alt.Tooltip("risk:Q", title="mean risk", format=".4g"),
    ]
    chart = alt.layer(
        base.mark_area(opacity=0.15, clip=True).encode(y=alt.Y("lower:Q", **y), y2="upper:Q"),
        line.encode(
            x=x,
            y=alt.Y("risk:Q", **y),
            detail="split:N",
            strokeDash=alt.StrokeDash("name:N", scale=scale, legend=legend),
        ),
        base.mark_point(filled=True, size=40, opacity=1, clip=True).encode(
            y=alt.Y("risk:Q", **y), shape=alt.Shape("split:N", legend=None), tooltip=tooltip
        ),
        _split_names(mean, x, y, colour),
    ).properties(height=420 if key == "training" else 330)
    networks = tables["networks"]
    lost = networks.loc[networks["width"] == width, "diverged_step"]
    caption = (
        f"Width {width}: mean of {config.replicates} networks, band from the 10th to the 90th "
        "percentile; predictions, in ink, start from each network's own outputs. Error in squared units "
        "of the target."
    )
    if lost.notna().any():
        caption += f" {int(lost.notna().sum())} diverged, the first at step {int(lost.min())}: left out."
    train = mean[mean["split"] == "train"]
    finding = (
        f"Training risk falls from {train['risk'].iloc[0]:.3g} to {train['risk'].iloc[-1]:.3g} in "
        f"{config.steps} steps."
    )
    title = f"Training at width {width}, and what kernels predict"
    return Panel(key, title, chart, caption, finding)


def _against_width(tables: Tables, config: Config) -> Panel:
    found = rows(tables, "widths")
    found = found.assign(
        name=found["quantity"].map(lambda q: QUANTITIES[q][0]),
        lower=np.maximum(found["value"] - found["standard_error"], found["value"] / 10),
        upper=found["value"] + found["standard_error"],
    )
    colours = [colour for _, colour in QUANTITIES.values()]
    names = [name for name, _ in QUANTITIES.values()]
    legend = alt.Legend(title=None, orient="bottom", columns=2, labelLimit=300)
    colour = alt.Color("name:N", scale=alt.Scale(domain=names, range=colours), legend=legend)
    x = alt.X("width:Q", title="width m (log scale)", scale=LOG, axis=AXIS)
    y: dict[str, Any] = {"title": "relative size (log scale)", "scale": LOG, "axis": AXIS}
    tooltip = [
        alt.Tooltip("name:N"),
        alt.Tooltip("width:Q"),
        alt.Tooltip("value:Q", format=".3g"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".1g"),
        alt.Tooltip("predicted:Q", title="exact", format=".3g"),
    ]
    base = alt.Chart(found).encode(x=x, color=colour)
    layers = [
        base.mark_line(strokeWidth=1, opacity=0.6).encode(y=alt.Y("value:Q", **y)),
        base.mark_rule().encode(y=alt.Y("lower:Q", **y), y2="upper:Q"),
        base.mark_point(filled=True, size=50, opacity=1).encode(
            y=alt.Y("value:Q", **y), shape=alt.Shape("name:N", legend=None), tooltip=tooltip
        ),
    ]
    known = found[found["predicted"].notna()]
    if not known.empty:
        layers.insert(0, charts.theory(known, x, alt.Y("predicted:Q", **y)))
    caption = (
        f"Root mean square over {config.replicates} networks, ± standard error. "
        + ("Dashed: exact, C/√m. " if not known.empty else "")
        + "Outputs: over the whole training, relative to the targets."
    )
    first, last = (found[found["width"] == w].set_index("quantity")["value"] for w in _ends(found))
    finding = (
        f"From the narrowest to the widest the kernel's distance falls from {first['distance']:.2g} to "
        f"{last['distance']:.2g}, its drift from {first['drift']:.2g} to {last['drift']:.2g}."
    )
    chart = alt.layer(*layers).properties(height=400)
    return Panel("widths", "What falls with width, and how fast", chart, caption, finding)


def _split_names(mean: pd.DataFrame, x: alt.X, y: dict[str, Any], colour: alt.Color) -> alt.Chart:
    """The names of the two curves at their right ends."""
    ends = mean[mean["risk"].notna()].groupby("split").tail(1)
    text = alt.Chart(ends).mark_text(align="right", dx=-6, dy=-14, fontSize=12, fontWeight="bold")
    return text.encode(x=x, y=alt.Y("risk:Q", **y), color=colour, text="split:N")


def _ends(found: pd.DataFrame) -> tuple[int, int]:
    return int(found["width"].min()), int(found["width"].max())


def _tenth(values: pd.Series) -> float:
    return float(values.quantile(0.1))


def _ninetieth(values: pd.Series) -> float:
    return float(values.quantile(0.9))
