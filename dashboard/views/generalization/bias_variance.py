"""The page of bias and variance: error and its parts against flexibility, and the fitted curves."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
A fitted curve misses the truth $f(x)$ for two reasons. It is wrong **on average**, because the model
cannot bend enough: its bias. And it would be another curve had the noise been another: its variance.
At every input, and for every learner,

$$
\mathrm{E}\,(y - \hat f(x))^2 = \underbrace{(\mathrm{E}\hat f(x) - f(x))^2}_{\text{bias}^2} +
\underbrace{\mathrm{var}\,\hat f(x)}_{\text{variance}} + \underbrace{\sigma^2}_{\text{noise}} .
$$

A more flexible model has less bias and more variance; the least error is where the sum is least. The
training error falls all the way and says nothing of it.

**Exactly.** Polynomials, splines, nearest neighbours, ridge and kernel ridge are linear in the
targets: $\hat f(x) = S(x)^\top y$. Then, at every $n$,

$$
\text{bias}^2 = \bigl(f(x) - S(x)^\top f\bigr)^2, \qquad \text{variance} = \sigma^2 \lVert S(x)\rVert^2 .
$$

Trees, what is built from them, and networks choose their weights by the targets; theirs is measured
only. A network has one layer of tanh units and trains for a fixed number of steps.
Measured bias² over $R$ replicates is too large by variance $/R$, which is taken off: what is left can
fall below zero by chance.

**Bagging.** A forest is a mean of $B$ trees alike in law, with variance $s^2$ and correlation $\rho$:

$$
\text{variance} = \rho s^2 + \frac{1-\rho}{B}\, s^2 .
$$

More trees remove the second part, never the first, and leave the bias as it is.

**What it assumes.** Noise of one variance, uncorrelated, and inputs that stay the same; the law of the
noise does not matter. Correlated noise looks like signal, so the variance grows; noise that is
strongest at the ends meets the fit where it is least held.

**What to look for.** More noise or fewer samples move the best setting towards the simple end. A
straight line as truth has nothing to gain from flexibility; a step wants a tree, not a polynomial.

Sources: Geman, Bienenstock & Doursat (1992),
[doi:10.1162/neco.1992.4.1.1](https://doi.org/10.1162/neco.1992.4.1.1);
Hastie, Tibshirani & Friedman (2009),
[The Elements of Statistical Learning](https://hastie.su.domains/ElemStatLearn/), sections 7.3, 15.2;
Breiman (2001), [doi:10.1023/A:1010933404324](https://doi.org/10.1023/A:1010933404324).
"""

UNIT = "squared units of the target"
# The setting in words, the title of its axis, and its scale; a smaller k or λ is more flexible.
LINEAR, LOG = {"nice": False, "padding": 14}, {"type": "log", "nice": False, "padding": 14}
FALLING = {**LOG, "reverse": True}
SETTINGS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "polynomial": ("degree {:g}", "degree of the polynomial", LINEAR),
    "spline": ("{:g} knots", "interior knots of the cubic spline", LINEAR),
    "neighbours": ("k = {:g}", "neighbours k (log scale, falling)", FALLING),
    "ridge": ("λ = {:.2g}", "ridge penalty λ (log scale, falling)", FALLING),
    "kernel": ("λ = {:.2g}", "penalty λ (log scale, falling)", FALLING),
    "tree": ("{:g} leaves", "largest number of leaves (log scale)", LOG),
    "forest": ("{:g} trees", "trees in the forest B (log scale)", LOG),
    "boosting": ("{:g} trees", "trees in the sum (log scale)", LOG),
    "network": ("{:g} units", "width of the hidden layer (log scale)", LOG),
    "support_vector": ("C = {:.2g}", "cost C (log scale)", LOG),
}
NAMES = {"test": "test error", "train": "training error", "bias2": "bias²", "variance": "variance"}
COLORS = alt.Scale(domain=list(NAMES), range=[charts.TEST, charts.TRAIN, charts.THIRD, charts.SERIES[5]])
SHAPES = alt.Scale(domain=list(NAMES), range=["circle", "square", "triangle-up", "diamond"])
PLACES = {
    "best": ("The fitted curves where the error is least", "Best"),
    "simple": ("Too simple: alike, and wrong alike", "Simple"),
    "flexible": ("Too flexible: each fits its own noise", "Flexible"),
}


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """The least error, where it is, and what it is made of."""
    found, best = rows(tables, "decomposition"), _best(tables)
    if found.empty or best is None:
        return []
    at = found[found["setting"] == best].set_index("quantity")
    test = charts.number(at.loc["test", "value"], at.loc["test", "standard_error"])
    least = _predicted_best(tables)
    said = "least measured bias² + variance"
    said += f"; theory: {_words(config, least)}" if least is not None else ""
    parts = {q: charts.number(at.loc[q, "value"], at.loc[q, "standard_error"]) for q in NAMES}
    figures = [
        Figure("Least error at", _words(config, best), said),
        Figure(
            "Error there", test, f"on new targets, noise σ² = {config.noise**2:.3g} included; {UNIT}"
        ),
        Figure("Bias² there", parts["bias2"], f"unbiased; {UNIT}"),
        Figure("Variance there", parts["variance"], UNIT),
    ]
    bagging = rows(tables, "bagging")
    if not bagging.empty:
        said = "ρ, of the predictions of two trees of one forest"
        figures[2] = Figure("Correlation of trees", f"{bagging['correlation'].iloc[0]:.2f}", said)
    return figures


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Error and its parts against the setting; then the fitted curves at three settings."""
    if rows(tables, "decomposition").empty or rows(tables, "means").empty:
        return []
    means = rows(tables, "means")
    fans = [_fan(tables, place, config) for place in PLACES if (means["place"] == place).any()]
    return [_parts(tables, config), *fans]


def _words(config: Config, setting: float) -> str:
    return SETTINGS[config.learner][0].format(setting)


def _best(tables: Tables) -> float | None:
    means = rows(tables, "means")
    return None if means.empty else float(means.loc[means["place"] == "best", "setting"].iloc[0])


def _predicted_best(tables: Tables) -> float | None:
    theory = rows(tables, "theory")
    test = theory[theory["quantity"] == "test"] if not theory.empty else theory
    return None if test.empty else float(test.loc[test["value"].idxmin(), "setting"])


def _parts(tables: Tables, config: Config) -> Panel:
    found, theory = rows(tables, "decomposition"), rows(tables, "theory")
    found = found.assign(
        low=found["value"] - found["standard_error"],
        high=found["value"] + found["standard_error"],
        name=found["quantity"].map(NAMES),
    )
    best, test = _best(tables), found[found["quantity"] == "test"]
    top = 1.08 * min(test["value"].max(), max(1.2 * test["value"].iloc[0], 3 * test["value"].min()))
    _, title, scale = SETTINGS[config.learner]
    x = alt.X(
        "setting:Q",
        title=f"{title} → more flexible",
        scale=alt.Scale(**scale),
        axis=alt.Axis(format="~g", tickCount=8, grid=False),
    )
    y = {
        "title": f"mean squared error, {UNIT}",
        "scale": alt.Scale(domain=[-0.02 * top, top], nice=False),
    }
    base = alt.Chart(found).encode(x=x, color=alt.Color("quantity:N", scale=COLORS, legend=None))
    tooltip = [
        alt.Tooltip("name:N", title="quantity"),
        alt.Tooltip("setting:Q", format=".3g"),
        alt.Tooltip("freedom:Q", title="degrees of freedom", format=".3g"),
        alt.Tooltip("value:Q", title="measured", format=".4g"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".2g"),
    ]
    shape = alt.Shape("quantity:N", scale=SHAPES, legend=None)
    layers: list[Any] = [
        _level(config.noise**2, "noise σ²", y),
        charts.rule(best or 0.0, "least error", scale=alt.Scale(**scale)),
    ]
    if not theory.empty:
        layers.append(charts.theory(theory, x, alt.Y("value:Q", **y), detail="quantity:N"))
    layers += [
        base.mark_line(strokeWidth=1, opacity=0.6, clip=True).encode(y=alt.Y("value:Q", **y)),
        base.mark_rule(strokeWidth=1.5, clip=True).encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_point(filled=True, size=45, opacity=1, clip=True).encode(
            y=alt.Y("value:Q", **y), shape=shape, tooltip=tooltip
        ),
    ]
    layers += _labels(found, x, y, top)
    caption = (
        f"Points: measured over {_count(tables)} replicates, ± standard error where it can be seen. "
    )
    if theory.empty:
        caption += "This learner is not linear in the targets: there is no exact curve."
    elif config.learner == "forest":
        caption += "Dashed: ρs² + (1 − ρ)s²/B, with ρ and s² from the first half of the replicates."
    else:
        caption += f"Dashed: exact, least at {_words(config, _predicted_best(tables) or 0.0)}."
    chart = alt.layer(*layers).properties(height=420)
    return Panel(
        "parts",
        "Error and its parts as the model bends more",
        chart,
        caption,
        _finding(found, config, best),
    )


def _level(at: float, name: str, y: dict[str, Any]) -> alt.LayerChart:
    """A level across the chart, named at the right, above the line."""
    data = pd.DataFrame({"value": [at], "name": [name]})
    height = alt.Y("value:Q", **y)
    line = alt.Chart(data).mark_rule(color=charts.FLOOR, strokeDash=[1, 2], clip=True).encode(y=height)
    text = alt.Chart(data).mark_text(
        color=charts.FLOOR, fontSize=11, align="right", dy=-6, dx=-2, clip=True
    )
    return line + text.encode(x=alt.value("width"), y=height, text="name:N")


def _labels(found: pd.DataFrame, x: alt.X, y: dict[str, Any], top: float) -> list[alt.Chart]:
    """The name of each curve on it: bias² at its start, training error in the middle, the others near
    the end."""
    made = []
    for quantity, share, align, dy in (
        ("test", 0.7, "center", -16),
        ("train", 0.5, "center", 16),
        ("bias2", 0.0, "left", 0),
        ("variance", 0.7, "center", -16),
    ):
        curve = found[(found["quantity"] == quantity) & (found["value"] < 0.95 * top)]
        row = curve.iloc[[int(share * (len(curve) - 1))]] if len(curve) else curve
        text = alt.Chart(row).mark_text(
            align=align, dy=dy, dx=12 * (align == "left"), fontSize=12, fontWeight="bold"
        )
        colour = alt.Color("quantity:N", scale=COLORS, legend=None)
        made.append(text.encode(x=x, y=alt.Y("value:Q", **y), color=colour, text="name:N"))
    return made


def _count(tables: Tables) -> int:
    return int(rows(tables, "risk")["replicate"].nunique())


def _finding(found: pd.DataFrame, config: Config, best: float | None) -> str:
    wide = found.pivot(index="setting", columns="quantity", values="value")
    at = wide.loc[best]
    return (
        f"Bias² falls and variance grows with flexibility. The error is least, {at['test']:.3g}, at "
        f"{_words(config, best or 0.0)}: bias² {at['bias2']:.2g}, variance {at['variance']:.2g}, noise "
        f"{config.noise**2:.3g}."
    )


def _fan(tables: Tables, place: str, config: Config) -> Panel:
    fans, means = rows(tables, "fans"), rows(tables, "means")
    fans, means = fans[fans["place"] == place], means[means["place"] == place]
    room = max(0.7, min(1.5 * config.noise, 3.0))
    x = alt.X("x:Q", title="x", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(grid=False))
    scale = alt.Scale(domain=[-1 - room, 1 + room], nice=False)
    y = {"title": "target", "scale": scale}
    lines = alt.Chart(fans).mark_line(color=charts.SERIES[4], strokeWidth=1, opacity=0.4, clip=True)
    truth = alt.Chart(means).mark_line(color=charts.FLOOR, strokeWidth=3.5, clip=True)
    mean = alt.Chart(means).mark_line(color=charts.TRAIN, strokeWidth=2.5, clip=True)
    layers = [
        lines.encode(x=x, y=alt.Y("prediction:Q", **y), detail="replicate:N"),
        truth.encode(x=x, y=alt.Y("truth:Q", **y)),
        mean.encode(x=x, y=alt.Y("mean:Q", **y)),
    ]
    known = means["predicted"].notna().any()
    if known:
        layers.append(charts.theory(means, x, alt.Y("predicted:Q", **y)))
    title, name = PLACES[place]
    setting = _words(config, float(means["setting"].iloc[0]))
    caption = (
        f"{name}: {setting}. Grey: the truth. Pale: fits of {fans['replicate'].nunique()} replicates. "
        f"Bold: the mean of all{'; dashed: what theory expects of it' if known else ''}."
    )
    off = (means["mean"] - means["truth"]).abs().max()
    said = (
        f"Fitted curves at {setting}: their mean is at most {off:.2g} from the truth, their standard "
        f"deviation is {means['deviation'].mean():.2g} on average."
    )
    height = 300 if place == "best" else 260
    return Panel(f"fan-{place}", title, alt.layer(*layers).properties(height=height), caption, said)
