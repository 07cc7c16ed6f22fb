"""The page of batch-normalization: the turn of a step, the norm on its way, and the risk's floor."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
After normalisation the output is the same for weights $w$ and $c\,w$. The gradient is then orthogonal
to $w$ and falls as $1/\lVert w\rVert$: only the direction learns, and the norm sets how fast, with the
**effective learning rate** $\eta/\lVert w\rVert^2$. Each step of gradient descent makes the norm
longer, weight decay makes it shorter:

$$
\lVert w^+\rVert^2 = (1-\eta\lambda)^2\,\lVert w\rVert^2 + \eta^2\,\lVert g\rVert^2 .
$$

Where the two balance, a step turns $w$ by an angle with $\cos\theta = 1-\eta\lambda$,

$$
\theta = \arccos(1-\eta\lambda) \approx \sqrt{2\eta\lambda},
$$

whatever the data, the network, the noise and the initial norm. The norm finds what it takes, with
$q = \mathrm{E}\,\lVert w\rVert^2\lVert g\rVert^2$:

$$
\lVert w\rVert^4 = \frac{\eta\, q}{2\lambda-\eta\lambda^2},
$$

approached as $e^{-4\eta\lambda t}$. So weight decay does not make normalised weights simpler: it sets
how fast they turn. Without it $\lVert w\rVert^4$ grows by $2\eta^2 q$ a step, for ever, and learning
slows down.

**Label noise.** If a label is another of $K$ classes with probability $p$, drawn anew each time, no
risk is below the entropy of a label,

$$
H = -(1-p)\ln(1-p) - p\ln\frac{p}{K-1} .
$$

What lies between is the network's distance from the true probabilities: noise of the steps, and what
few units cannot represent. Noise drawn once can be learned by heart, and risk goes below.

**What it assumes.** Units normalised one by one, and norms that change slowly against the noise. The
balance of lengths holds at every step; the angle only once the norm has settled, after several times
$1/(4\eta\lambda)$ steps.

Sources: [van Laarhoven (arXiv:1706.05350)](https://arxiv.org/abs/1706.05350);
[Wan et al. (arXiv:2006.08419)](https://arxiv.org/abs/2006.08419);
[Li, Lyu & Arora (arXiv:2010.02916)](https://arxiv.org/abs/2010.02916);
[Arora, Li & Lyu (arXiv:1812.03981)](https://arxiv.org/abs/1812.03981);
Cover & Thomas (2006), *Elements of Information Theory*, section 2.6.
"""

COLORS = ["#56B4E9", charts.TRAIN, "#8C6D31", charts.TEST]
LOG = {"type": "log", "nice": False}
PLAIN = alt.Axis(format="~g", tickCount=6)


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """The angle of a step, the effective learning rate, and the risk over its floor."""
    at, path = rows(tables, "equilibrium"), rows(tables, "path")
    if at.empty:
        return []
    mine = at[(at["decay"] == config.weight_decay) & (at["initial_norm"] == 1)]
    degrees = 57.29578 * mine["angle"]
    error = float(degrees.std(ddof=1)) / len(degrees) ** 0.5
    angle = charts.number(float(degrees.mean()), error)
    said = f"by which a step turns a unit at λ = {config.weight_decay:g}; theory: "
    said += f"{57.29578 * mine['predicted_angle'].iloc[0]:.3g}°"
    last = path[(path["decay"] == config.weight_decay) & (path["initial_norm"] == 1)].iloc[-1]
    figures = [
        Figure("Angle of a step", f"{angle}°", said),
        Figure("Effective learning rate", charts.number(last["rate"]), "η/‖w‖² at the end"),
    ]
    risk, floor = rows(tables, "risk"), rows(tables, "theory")
    if not risk.empty and config.label_noise:
        ends = risk[risk["step"] == risk["step"].max()]["risk"]
        share = float(ends.mean() / floor["risk"].iloc[0])
        said = "mean risk at the end over the entropy of a label, the least possible"
        figures.append(Figure("Risk over its floor", f"{share:.3g} ×", said))
    return figures


def panels(tables: Tables, config: Config) -> list[Panel]:
    """The angle of a step; the norm from several starts; the risk and its floor."""
    path, risk = rows(tables, "path"), rows(tables, "risk")
    if path.empty:
        return []
    made = [_angles(path, config), _norms(path, config)]
    if not risk.empty:
        made.append(_risk(tables, config))
    return [panel for panel in made if panel]


def _angles(path: pd.DataFrame, config: Config) -> Panel | None:
    shown = path[(path["initial_norm"] == 1) & (path["angle"] > 0)]
    if shown.empty:
        return None
    shown = shown.assign(series=shown["decay"].map("λ = {:g}".format))
    degrees = shown.assign(
        angle=57.29578 * shown["angle"], predicted=57.29578 * shown["predicted_angle"]
    )
    x, y = _steps(path), {"title": "angle of a step, degrees (log scale)", "axis": PLAIN}
    y["scale"] = alt.Scale(**LOG, padding=14)
    known = degrees[degrees["predicted"] > 0]
    layers = [
        *_lines(degrees, x, y, "angle", 1.8),
        charts.theory(known, x, alt.Y("predicted:Q", **y), detail="series:N"),
        _ends(degrees, x, y, "angle"),
    ]
    return Panel(
        "angles",
        "By what angle does a step turn the weights?",
        alt.layer(*layers).properties(height=420),
        f"Root mean square over {config.units} units and {config.replicates} networks, all begun at "
        "norm 1. Dashed: theory for the equilibrium, arccos(1 − ηλ); nothing is fitted."
        + (
            ""
            if config.weight_decay
            else " Without weight decay there is none: the angle falls for ever."
        ),
        "Angle of a step against steps, for four weight decays: each settles at arccos(1 − ηλ).",
    )


def _norms(path: pd.DataFrame, config: Config) -> Panel | None:
    shown = path[(path["decay"] == config.weight_decay) & (path["norm"] > 1e-30)]
    # Without weight decay all settings have the same: one of each initial norm.
    shown = shown.drop_duplicates(["initial_norm", "step"]).sort_values(["initial_norm", "step"])
    if shown.empty:
        return None
    shown = shown.assign(series=shown["initial_norm"].map("from {:g}".format))
    x, y = (
        _steps(path, left=0.16, right=0.02),
        {"title": "norm of the weights (log scale)", "axis": PLAIN},
    )
    y["scale"] = alt.Scale(**LOG, padding=14)
    first = shown.groupby("series", as_index=False).first()
    names = alt.Chart(first).mark_text(align="right", dx=-5, fontSize=12, fontWeight="bold")
    layers = [
        *_lines(shown, x, y, "norm", 2.5),
        charts.theory(shown, x, alt.Y("predicted_norm:Q", **y), detail="series:N"),
        names.encode(x=x, y=alt.Y("norm:Q", **y), text="series:N", color=_colour(shown)),
    ]
    return Panel(
        "norms",
        "Where does the norm go?",
        alt.layer(*layers).properties(height=300),
        f"Fourth root of the mean of ‖w‖⁴ at λ = {config.weight_decay:g}, from three initial norms. "
        "Dashed: theory, with the gradient's size q as measured at the end; it differs early, "
        "where q does.",
        "Norm of the weights against steps from three initial norms: all meet.",
    )


def _risk(tables: Tables, config: Config) -> Panel | None:
    risk = rows(tables, "risk")
    shown = risk[(risk["initial_norm"] == 1) & (risk["risk"] < 1e3)]
    mean = shown.groupby(["decay", "step"], as_index=False)["risk"].mean()
    if mean.empty:
        return None
    mean = mean.assign(series=mean["decay"].map("λ = {:g}".format))
    floor = float(rows(tables, "theory")["risk"].iloc[0])
    low, high = min(floor, float(mean["risk"].min())), float(mean["risk"].quantile(0.97))
    scale = alt.Scale(domain=[low - 0.12 * (high - low), high + 0.05 * (high - low)], nice=False)
    x, y = _steps(risk), {"title": "risk, nats", "scale": scale}
    line = _lines(mean, x, y, "risk", 1.8)
    layers = [charts.rule(floor, "entropy of a label", axis="y", scale=scale), *line]
    layers.append(_ends(mean, x, y, "risk"))
    fresh = "drawn anew with each row" if config.labels == "fresh" else "drawn once for all"
    return Panel(
        "risk",
        "What does label noise leave of the risk?",
        alt.layer(*layers).properties(height=300),
        f"Mean of {config.replicates} networks, in nats against the noisy labels, {fresh}. Larger "
        "angles leave more risk above the floor.",
        "Risk by step for four weight decays, above the entropy of a label.",
    )


def _steps(table: pd.DataFrame, left: float = 0.0, right: float = 0.17) -> alt.X:
    """Steps, with room for names on one side, as a share of the steps."""
    last = float(table["step"].max())
    scale = alt.Scale(domain=[-left * last, (1 + right) * last], nice=False)
    axis = alt.Axis(format="~s", tickCount=6, labelExpr="datum.value < 0 ? '' : datum.label")
    return alt.X("step:Q", title="steps", scale=scale, axis=axis)


def _colour(shown: pd.DataFrame) -> alt.Color:
    order = list(dict.fromkeys(shown["series"]))
    return alt.Color("series:N", scale=alt.Scale(domain=order, range=COLORS[: len(order)]), legend=None)


def _lines(
    shown: pd.DataFrame, x: alt.X, y: dict[str, Any], value: str, width: float
) -> list[alt.Chart]:
    tooltip = [
        alt.Tooltip("series:N"),
        alt.Tooltip("step:Q"),
        alt.Tooltip(f"{value}:Q", title="measured", format=".4g"),
    ]
    line = alt.Chart(shown).mark_line(strokeWidth=width, opacity=0.85, clip=True)
    return [line.encode(x=x, y=alt.Y(f"{value}:Q", **y), color=_colour(shown), tooltip=tooltip)]


def _ends(shown: pd.DataFrame, x: alt.X, y: dict[str, Any], value: str) -> alt.Chart:
    """The name of each series at the right, at the height of its last third."""
    last = shown[shown["step"] >= 0.67 * shown["step"].max()]
    ends = last.groupby("series", as_index=False).agg({"step": "max", value: "mean"})
    text = alt.Chart(ends).mark_text(align="left", dx=6, fontSize=12, fontWeight="bold")
    return text.encode(x=x, y=alt.Y(f"{value}:Q", **y), text="series:N", color=_colour(shown))
