"""The page of signal propagation: gradients by depth, the phase diagram, and what changes them."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
A gradient on its way back through a layer is multiplied by that layer's Jacobian. With weights of
variance $\sigma_w^2/n$ and biases of variance $\sigma_b^2$, wide layers settle at a variance
$q^\star$ of the pre-activations,

$$
q^\star = \sigma_w^2\,\mathbb{E}\,\varphi(\sqrt{q^\star} z)^2 + \sigma_b^2 ,
\qquad z \sim N(0,1),
$$

and then each multiplies the squared norm of the gradient by

$$
\chi = \sigma_w^2\,\mathbb{E}\,\varphi'(\sqrt{q^\star} z)^2 .
$$

Over $L$ layers that is $\chi^L$: gradients vanish where $\chi<1$ (two signals become ever more
alike: *ordered*) and explode where $\chi>1$ (they part: *chaotic*). Only on the line $\chi = 1$ do
they last. For ReLU the line is He's $\sigma_w^2 = 2$.

**Layer normalisation** sets $q = 1$ whatever the weights, and leaves

$$
\chi = \frac{\sigma_w^2\,\mathbb{E}\varphi'(z)^2}{\sigma_w^2\,\mathbb{E}\varphi(z)^2+\sigma_b^2}.
$$

A **residual branch** of size $\alpha$ keeps the identity: $\chi = 1 + \alpha^2\sigma_w^2\,
\mathbb{E}\varphi'^2$, never below one, close to one where $\alpha^2 L$ is of order one.

**What it assumes.** Independent weights of finite variance, and width without end. At $n$ units a ReLU
network with He's variance keeps the *mean* signal exactly, while

$$
\mathbb{E}\,q_L^2 = \Bigl(1+\frac5n\Bigr)^{L}
$$

and the typical signal dies out: a few networks carry the mean. Depth counts in units of width.

**What to look for.** Move $\sigma_b^2$: the critical $\sigma_w^2$ moves with it, and measured gradients
follow. Give the weights infinite variance, or 10 units a layer, and they do not.

Sources: [Poole et al. (arXiv:1606.05340)](https://arxiv.org/abs/1606.05340);
[Schoenholz et al. (arXiv:1611.01232)](https://arxiv.org/abs/1611.01232);
[Yang & Schoenholz (arXiv:1712.08969)](https://arxiv.org/abs/1712.08969);
[Yang et al. (arXiv:1902.08129)](https://arxiv.org/abs/1902.08129);
[He et al. (arXiv:1502.01852)](https://arxiv.org/abs/1502.01852);
[Hanin & Rolnick (arXiv:1803.01719)](https://arxiv.org/abs/1803.01719).
"""

# Ordered, critical and chaotic settings, and any further ones.
COLOURS = {"ordered": charts.TRAIN, "critical": charts.VALIDATION, "chaotic": charts.TEST}
KINDS = {
    "plain": charts.TRAIN,
    "layer normalisation": charts.TEST,
    "residual": charts.VALIDATION,
}
SCHEMES = {"He": charts.TEST, "Glorot": charts.TRAIN, "LeCun": charts.THIRD}
STATISTICS = {"mean of q²": charts.TEST, "mean of q": charts.VALIDATION, "typical": charts.TRAIN}
LOG = alt.Scale(type="log", nice=False)
POWERS = alt.Axis(format="~e", tickCount=6)


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """The critical variance, and what is left of a gradient at the first layer."""
    edge, layers = rows(tables, "edge"), rows(tables, "layers")
    if layers.empty:
        return []
    at = np.interp(config.bias_variance, edge["bias_variance"], edge["weight_variance"])
    first = layers[layers["layer"] == 0]
    made = [Figure("Critical σ_w²", charts.number(at), "theory: where χ(q*) = 1")]
    for _, row in first.iterrows():
        made.append(
            Figure(
                f"Gradient at σ_w² = {row['weight_variance']:.3g}",
                f"× {charts.number(row['gradient'])}",
                f"squared norm at the first layer over that at the last, geometric mean; theory "
                f"{charts.number(row['predicted'])}; {row['regime']}",
            )
        )
    return made[:4]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Gradients by layer; phases; architectures; the correlation map; schemes; narrow networks."""
    makers = {
        "layers": _gradients,
        "phases": _phases,
        "architectures": _architectures,
        "correlations": _map,
        "schemes": _schemes,
        "narrow": _narrow,
    }
    return [make(tables, config) for name, make in makers.items() if not rows(tables, name).empty]


def _gradients(tables: Tables, config: Config) -> Panel:
    layers = _labelled(rows(tables, "layers"))
    colour, shape = _by(layers)
    x = alt.X("layer:Q", title="layer, inputs at the left", scale=alt.Scale(nice=False))
    y: dict[str, Any] = {
        "title": "squared gradient, over the last layer's (log scale)",
        "scale": LOG,
        "axis": POWERS,
    }
    base, ends = alt.Chart(layers).encode(x=x, color=colour), layers[layers["layer"] == 0]
    tooltip = [
        alt.Tooltip("name:N", title="σ_w²"),
        alt.Tooltip("layer:Q"),
        alt.Tooltip("gradient:Q", title="measured", format=".3g"),
        alt.Tooltip("predicted:Q", title="theory", format=".3g"),
        alt.Tooltip("variance:Q", format=".3g"),
        alt.Tooltip("predicted_variance:Q", title="its theory", format=".3g"),
    ]
    shown = [
        base.mark_area(opacity=0.18).encode(y=alt.Y("lower:Q", **y), y2="upper:Q"),
        charts.theory(layers, x, alt.Y("predicted:Q", **y), asymptotic=True, detail="name:N"),
        base.mark_point(filled=True, size=45, opacity=1).encode(
            y=alt.Y("gradient:Q", **y), shape=shape, tooltip=tooltip
        ),
        _names(ends[ends["gradient"] >= 0.5], x, alt.Y("gradient:Q", **y), colour, dy=-14),
        _names(ends[ends["gradient"] < 0.5], x, alt.Y("gradient:Q", **y), colour, dy=18),
    ]
    chart = alt.layer(*shown).properties(height=420)
    caption = (
        f"{config.width} units a layer. Points: geometric mean of {config.replicates} networks, band "
        "from the 10th to the 90th percentile; dotted: infinite width."
    )
    found = "; ".join(f"{r['gradient']:.2g} at {r['name']}" for _, r in ends.iterrows())
    return Panel(
        "gradients", "What is left of a gradient", chart, caption, f"At the first layer: {found}."
    )


def _phases(tables: Tables, config: Config) -> Panel:
    cells, edge = rows(tables, "phases"), rows(tables, "edge")
    wide, high = (_step(cells[name]) for name in ("weight_variance", "bias_variance"))
    cells = cells.assign(
        left=cells["weight_variance"] - wide / 2,
        right=cells["weight_variance"] + wide / 2,
        low=cells["bias_variance"] - high / 2,
        high=cells["bias_variance"] + high / 2,
        log=np.log10(cells["factor"]),
    )
    # Explosions are milder than vanishing: colours end where they would not be seen otherwise.
    most = float(np.clip(2 * cells["log"].max(), 0.02, 1))
    # Pale at no change, on a light page and on a dark one.
    scale = alt.Scale(domain=[-most, 0, most], range=[charts.TRAIN, "#f4f1ea", charts.TEST], clamp=True)
    legend = alt.Legend(title="log₁₀ factor per layer", orient="bottom", gradientLength=220)
    ends = {
        "x": alt.Scale(domain=[cells["left"].min(), cells["right"].max()], nice=False),
        "y": alt.Scale(domain=[max(0, cells["low"].min()), cells["high"].max()], nice=False),
    }
    x = {"title": "weight variance σ_w²", "scale": ends["x"]}
    y = {"title": "bias variance σ_b²", "scale": ends["y"]}
    tooltip = [
        alt.Tooltip("weight_variance:Q", title="σ_w²", format=".3g"),
        alt.Tooltip("bias_variance:Q", title="σ_b²", format=".3g"),
        alt.Tooltip("factor:Q", title="measured factor", format=".4g"),
        alt.Tooltip("predicted:Q", title="theory", format=".4g"),
    ]
    heat = alt.Chart(cells).mark_rect(clip=True)
    heat = heat.encode(
        x=alt.X("left:Q", **x),
        x2="right:Q",
        y=alt.Y("low:Q", **y),
        y2="high:Q",
        color=alt.Color("log:Q", scale=scale, legend=legend),
        tooltip=tooltip,
    )
    line = alt.Chart(edge).mark_line(color="#1c1c1c", strokeDash=charts.DASHED, strokeWidth=2, clip=True)
    line = line.encode(
        x=alt.X("weight_variance:Q", **x), y=alt.Y("bias_variance:Q", **y), order="bias_variance:Q"
    )
    named = edge[edge["bias_variance"] <= cells["high"].max()].iloc[[-8]].assign(name="χ = 1")
    text = alt.Chart(named).mark_text(color="#1c1c1c", dx=8, align="left", fontSize=12)
    text = text.encode(x=alt.X("weight_variance:Q", **x), y=alt.Y("bias_variance:Q", **y), text="name:N")
    chart = alt.layer(heat, line, text).properties(height=330)
    caption = (
        f"Measured factor of the squared gradient, geometric mean over {config.depth} layers and "
        f"{config.replicates} networks; dashed: the critical line of theory. Colours end at "
        f"± {most:.2g}."
    )
    above = float((cells["factor"] > 1).mean())
    finding = f"Gradients explode in {above:.0%} of the cells, to the right of the critical line."
    return Panel("phases", "Where gradients vanish and explode", chart, caption, finding)


def _architectures(tables: Tables, config: Config) -> Panel:
    found = rows(tables, "architectures")
    found = found.assign(
        lower=found["factor"] - found["standard_error"], upper=found["factor"] + found["standard_error"]
    )
    colour = alt.Color(
        "architecture:N", scale=alt.Scale(domain=list(KINDS), range=list(KINDS.values())), legend=None
    )
    x = alt.X(
        "weight_variance:Q",
        title="weight variance σ_w² (log scale)",
        scale=LOG,
        axis=alt.Axis(values=[0.5, 1, 2, 4], format="~g"),
    )
    y = {
        "title": "factor per layer (log scale)",
        "scale": LOG,
        "axis": alt.Axis(format="~g", tickCount=5),
    }
    base = alt.Chart(found).encode(x=x, color=colour)
    tooltip = [
        alt.Tooltip("architecture:N"),
        alt.Tooltip("weight_variance:Q", title="σ_w²", format=".3g"),
        alt.Tooltip("factor:Q", title="measured", format=".4g"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".1g"),
        alt.Tooltip("predicted:Q", title="theory", format=".4g"),
    ]
    ends = found[found["weight_variance"] == found["weight_variance"].min()]
    ends = ends.assign(name=ends["architecture"])
    one = pd.DataFrame({"at": [1.0], "name": ["gradients last"]})
    level = alt.Chart(one).mark_rule(color=charts.FLOOR, strokeDash=[1, 2])
    said = alt.Chart(one).mark_text(color=charts.FLOOR, fontSize=11, align="right", dx=-4, dy=10)
    factor = alt.Y("factor:Q", **y)
    chart = alt.layer(
        level.encode(y=alt.Y("at:Q", **y)),
        said.encode(x=alt.value("width"), y=alt.Y("at:Q", **y), text="name:N"),
        charts.theory(found, x, alt.Y("predicted:Q", **y), asymptotic=True, detail="architecture:N"),
        base.mark_rule().encode(y=alt.Y("lower:Q", **y), y2="upper:Q"),
        base.mark_point(filled=True, size=40, opacity=1).encode(
            y=factor, shape=alt.Shape("architecture:N", legend=None), tooltip=tooltip
        ),
        _names(ends[ends["name"] == "residual"], x, factor, colour, dy=-14),
        _names(ends[ends["name"] == "layer normalisation"], x, factor, colour, dy=16),
        _names(ends[ends["name"] == "plain"], x, factor, colour, dx=16, dy=-2),
    ).properties(height=330)
    caption = (
        f"Factor of the squared gradient, geometric mean over {config.depth} layers, ± standard "
        f"error; dotted: infinite width. α = {config.branch:g}, σ_b² = {config.bias_variance:g}."
    )
    spread = found.groupby("architecture")["factor"].agg(["min", "max"])
    told = "; ".join(f"{name} {row['min']:.2f} to {row['max']:.2f}" for name, row in spread.iterrows())
    return Panel("architectures", "What normalisation and residuals change", chart, caption, f"{told}.")


def _map(tables: Tables, config: Config) -> Panel:
    found = rows(tables, "correlations")
    first = _labelled(found[found["layer"] == 1])
    order = list(dict.fromkeys(first["name"]))
    hues = [COLOURS[regime] for regime in first.drop_duplicates("name")["regime"]]
    legend = alt.Legend(title=None, orient="bottom", columns=2)
    colour = alt.Color("name:N", scale=alt.Scale(domain=order, range=hues), legend=legend)
    shape = alt.Shape("name:N", scale=alt.Scale(domain=order), legend=legend)
    x = alt.X("start:Q", title="correlation of two signals", scale=alt.Scale(domain=[0, 1]))
    y = {"title": "correlation a layer later", "scale": alt.Scale(domain=[0, 1])}
    same = pd.DataFrame({"start": [0.0, 1.0], "after": [0.0, 1.0]})
    line = alt.Chart(same).mark_line(color=charts.FLOOR, strokeWidth=1)
    tooltip = [
        alt.Tooltip("name:N", title="σ_w²"),
        alt.Tooltip("start:Q", title="before"),
        alt.Tooltip("correlation:Q", title="measured", format=".4f"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".1g"),
        alt.Tooltip("predicted:Q", title="theory", format=".4f"),
    ]
    point = alt.Chart(first).mark_point(filled=True, size=45, opacity=1)
    chart = alt.layer(
        line.encode(x=x, y=alt.Y("after:Q", **y)),
        charts.theory(first, x, alt.Y("predicted:Q", **y), asymptotic=True, detail="name:N"),
        point.encode(x=x, y=alt.Y("correlation:Q", **y), color=colour, shape=shape, tooltip=tooltip),
    ).properties(height=330)
    caption = (
        f"Mean of {config.replicates} networks; dotted: infinite width. Where the map crosses the grey "
        "diagonal, correlations stay; above it signals become alike."
    )
    return Panel("map", "How two signals become alike, or part", chart, caption, "The correlation map.")


def _schemes(tables: Tables, config: Config) -> Panel:
    found = rows(tables, "schemes").assign(name=lambda d: d["scheme"])
    colour = alt.Color(
        "scheme:N", scale=alt.Scale(domain=list(SCHEMES), range=list(SCHEMES.values())), legend=None
    )
    x = alt.X("layer:Q", title="layer", scale=alt.Scale(nice=False))
    y = {"title": "variance of pre-activations (log scale)", "scale": LOG, "axis": POWERS}
    tooltip = [
        alt.Tooltip("scheme:N"),
        alt.Tooltip("layer:Q"),
        alt.Tooltip("width:Q", title="units"),
        alt.Tooltip("variance:Q", title="measured", format=".3g"),
        alt.Tooltip("predicted_variance:Q", title="theory", format=".3g"),
        alt.Tooltip("gradient:Q", title="squared gradient", format=".3g"),
        alt.Tooltip("predicted_gradient:Q", title="its theory", format=".3g"),
    ]
    point = alt.Chart(found).mark_point(filled=True, size=36, opacity=1)
    chart = alt.layer(
        charts.theory(found, x, alt.Y("predicted_variance:Q", **y), asymptotic=True, detail="scheme:N"),
        point.encode(
            x=x,
            y=alt.Y("variance:Q", **y),
            color=colour,
            shape=alt.Shape("scheme:N", legend=None),
            tooltip=tooltip,
        ),
        _names(
            found[found["layer"] == found["layer"].max()], x, alt.Y("variance:Q", **y), colour, "right"
        ),
    ).properties(height=330)
    caption = (
        f"Layers of {config.width} and {config.width // 2} units by turns, no biases; mean of "
        f"{config.replicates} networks, dotted: infinite width."
    )
    last = found[found["layer"] == found["layer"].max()]
    told = ", ".join(f"{r['scheme']} {r['variance']:.2g}" for _, r in last.iterrows())
    return Panel("schemes", "He, Glorot and LeCun", chart, caption, f"At the last layer: {told}.")


def _narrow(tables: Tables, config: Config) -> Panel:
    found = rows(tables, "narrow").assign(
        name=lambda d: d["statistic"],
        lower=lambda d: np.maximum(d["value"] - d["standard_error"], d["value"] / 10),
        upper=lambda d: d["value"] + d["standard_error"],
    )
    colour = alt.Color(
        "statistic:N",
        scale=alt.Scale(domain=list(STATISTICS), range=list(STATISTICS.values())),
        legend=None,
    )
    x = alt.X("layer:Q", title="layer", scale=alt.Scale(nice=False))
    y = {"title": "q over networks (log scale)", "scale": LOG, "axis": POWERS}
    tooltip = [
        alt.Tooltip("statistic:N"),
        alt.Tooltip("layer:Q"),
        alt.Tooltip("value:Q", title="measured", format=".4g"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".2g"),
        alt.Tooltip("predicted:Q", title="exact", format=".4g"),
    ]
    base = alt.Chart(found).encode(x=x, color=colour)
    chart = alt.layer(
        charts.theory(found, x, alt.Y("predicted:Q", **y), detail="statistic:N"),
        base.mark_rule().encode(y=alt.Y("lower:Q", **y), y2="upper:Q"),
        base.mark_point(filled=True, size=36, opacity=1).encode(
            y=alt.Y("value:Q", **y), shape=alt.Shape("statistic:N", legend=None), tooltip=tooltip
        ),
        _names(
            found[found["layer"] == found["layer"].max()], x, alt.Y("predicted:Q", **y), colour, "right"
        ),
    ).properties(height=330)
    caption = (
        f"{config.networks:,} ReLU networks of {config.narrow} units a layer with He's variance, "
        "± standard error; dashed: exact. Deep down the mean square rests on so few networks that even "
        "its standard error is too small."
    )
    last = found[found["layer"] == found["layer"].max()].set_index("statistic")["value"]
    told = f"The mean stays near {last['mean of q']:.2g} while the typical q is {last['typical']:.2g}."
    return Panel("narrow", "What a finite width does (ReLU)", chart, caption, told)


def _labelled(frame: pd.DataFrame) -> pd.DataFrame:
    said = frame["weight_variance"].map("{:.3g}".format)
    return frame.assign(name=frame["regime"] + ", σ_w² = " + said)


def _by(frame: pd.DataFrame) -> tuple[alt.Color, alt.Shape]:
    """Colour by regime, shape by setting: several settings may share a regime."""
    scale = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    return alt.Color("regime:N", scale=scale, legend=None), alt.Shape("name:N", legend=None)


def _names(
    row: pd.DataFrame,
    x: alt.X,
    y: alt.Y,
    colour: alt.Color,
    side: str = "left",
    dx: int = 6,
    dy: int = -12,
) -> alt.Chart:
    """The names of the curves, at their ends."""
    away = dx if side == "left" else -dx
    text = alt.Chart(row).mark_text(align=side, dx=away, dy=dy, fontSize=12, fontWeight="bold")
    return text.encode(x=x, y=y, color=colour, text="name:N")


def _step(values: pd.Series) -> float:
    return float(np.diff(np.unique(values)).min())
