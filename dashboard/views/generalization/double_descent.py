"""The page of double descent: risk against size with its theory, and what a penalty does."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows
from dashboard.views.generalization import double_descent_networks as networks
from dashboard.views.generalization import double_descent_ridge as ridge

WHY = r"""
With fewer parameters than data points, least squares has one solution, and its variance grows as
$p$ nears $n$. At $p = n$ it passes through every point, noise included, and the risk explodes.
Beyond, many solutions interpolate; the one of least norm spreads the noise over ever more
directions, so the variance falls again. What it pays is bias: it sees only an $n$-dimensional
part of the truth.

For independent Gaussian features, with $s$ the signal variance that the model's features carry
and $v = \sigma^2 +$ the variance of those it lacks, **exactly**, at every finite $n$ and
$p \le n-2$,

$$
R(p) = v\,\frac{n-1}{n-p-1},
$$

and at every finite $n$ and $p \ge n+2$,

$$
R(p) = s\Bigl(1-\frac{n}{p}\Bigr) + v\,\frac{p-1}{p-n-1}.
$$

At $p = n-1$, $n$, $n+1$ the mean does not exist: a mean of replicates there says nothing, so the
chart leaves a gap and the band shows percentiles. As $n, p \to \infty$ at $p/n = \gamma < 1$,

$$
R \to \frac{v}{1-\gamma},
$$

and at $\gamma > 1$

$$
R \to s\Bigl(1-\frac1\gamma\Bigr) + v\,\frac{\gamma}{\gamma-1}.
$$

The peak is a lack of regularisation, not a law of nature: ridge regression with
$\lambda^\star = \gamma v / s$ has none.

**What it assumes.** Noise independent of the features; for the exact curve, independent Gaussian
features. Correlated features change the risk beyond $p = n$; the universal formula, which knows
the eigenvalues $l_i$ of their covariance and the truth's coefficients $b_i$ along its
eigenvectors, still holds there. With $\kappa$ the solution of

$$
n = \sum_i \frac{l_i}{l_i+\kappa} + \frac{n\lambda}{\kappa},
$$

the risk is

$$
R = \frac{\kappa^2 \sum_i l_i b_i^2/(l_i+\kappa)^2 + v}{1-\frac1n\sum_i l_i^2/(l_i+\kappa)^2}.
$$

It needs independent entries, of any distribution with finite variance. A random scale for each
sample breaks it.

**Random features.** A network whose first layer stays as it was drawn: $p$ features
$\mathrm{ReLU}(u_j^\top x)$ of $d$ inputs, fitted to a truth linear in $x$. Each feature acts as a linear
one with noise of its own, so that the limit of large $n$, $p$ and $d$ is again closed; it peaks at
$p = n$ and falls beyond.

**Samples.** At a fixed $p$ the same formulas, read along $n$, have their peak at $n = p$. Where
$p\,(1 - \sqrt{v/s}) < n < p$, every further sample makes the mean risk worse.

**Networks.** With squared loss, $P$ parameters and $K$ outputs, theory only counts: below
$P = nK$ no network of that size can in general fit all $nK$ training values. That descent fits them
from about there on, that the test risk peaks there, and that wrong labels raise the peak, are
empirical laws, with no proof for networks whose layers are all trained. Along training steps a wide
network passes the same stages in time: it learns what is common, then fits each wrong label, then
drifts among the networks that fit, which the noise of the batches makes flatter.

**What to look for.** Let the truth use all features and watch the classical U, then the second
descent. Lower the noise: the peak thins, and the best model moves beyond $p = n$. Take a network's
label noise away: most of its peak goes.

Sources: [Belkin, Hsu & Xu (arXiv:1903.07571)](https://arxiv.org/abs/1903.07571);
[Hastie, Montanari, Rosset & Tibshirani (arXiv:1903.08560)](https://arxiv.org/abs/1903.08560);
[Dobriban & Wager (arXiv:1507.03003)](https://arxiv.org/abs/1507.03003);
[Bordelon, Canatar & Pehlevan (arXiv:2002.02561)](https://arxiv.org/abs/2002.02561);
[Mei & Montanari (arXiv:1908.05355)](https://arxiv.org/abs/1908.05355);
[Belkin, Hsu, Ma & Mandal (arXiv:1812.11118)](https://arxiv.org/abs/1812.11118);
[Nakkiran et al. (arXiv:1912.02292)](https://arxiv.org/abs/1912.02292).
"""

UNIT = "squared units of the target"
LOG = alt.Axis(tickCount=5, format="~g")
# Name and dash of each formula; a limit is dotted, and the best ridge is theory of another model.
FORMULAS = {
    "exact": ("exact", charts.DASHED),
    "asymptotic": ("limit", charts.DOTTED),
    "universal": ("limit, this covariance", [8, 3, 2, 3]),
    "ridge": ("ridge at λ*", [1, 5]),
}
# What a formula assumes that a design lacks. Limits need no Gaussian entries.
IF_INDEPENDENT = dict.fromkeys(("exact", "asymptotic"), ", if independent")
LACKING = {
    "correlated": IF_INDEPENDENT,
    "entries": {"exact": ", if Gaussian"},
    "samples": IF_INDEPENDENT,
}


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """Least mean test risk, on both sides of p = n, and that of the last point; a network's peak."""
    if config.case in networks.AXES:
        return networks.verdict(tables, config)
    summary = rows(tables, "summary")
    if summary.empty:
        return []
    test = summary[(summary["split"] == "test") & summary["risk"].notna()]
    last = test.iloc[-1]
    figures = [_least("Least risk, p < n", test[test["ratio"] < 1], config)]
    figures += [_least("Least risk, p > n", test[test["ratio"] > 1], config)]
    size = Figure(f"Risk at {ridge.size(last, config)}", _risk(last), f"the largest; {UNIT}")
    return [f for f in figures if f] + [size]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Risk against size; then risk against the penalty at three sizes."""
    if config.case in networks.AXES:
        made = [networks.panel(tables, config)]
    else:
        made = [_descent(tables, config)]
    if not rows(tables, "ridge").empty:
        made.append(ridge.panel(tables, config))
    return [panel for panel in made if panel]


def _least(label: str, among: pd.DataFrame, config: Config) -> Figure | None:
    if among.empty:
        return None
    best = among.loc[among["risk"].idxmin()]
    return Figure(label, _risk(best), f"mean test risk at {ridge.size(best, config)}, the least; {UNIT}")


def _risk(row: pd.Series) -> str:
    return charts.number(row["risk"], row["standard_error"])


def _descent(tables: Tables, config: Config) -> Panel | None:
    theory, summary = rows(tables, "theory"), rows(tables, "summary")
    if theory.empty or summary.empty:
        return None
    floor, ceiling = config.noise**2, config.noise**2 + config.signal
    heights = alt.Scale(type="log", domain=[floor / 5, 30 * ceiling], nice=False)
    grows, title, at = "ratio", "features per sample, p / n (log scale)", 1.0
    if config.case == "samples":
        grows, title, at = "samples", "training samples n (log scale)", float(config.size)
    ratios = alt.Scale(type="log", domain=list(theory[grows].agg(["min", "max"])), nice=False)
    ticks = alt.Axis(values=[x * 10**k for k in range(-1, 4) for x in (1, 2, 5)], format="~g")
    x = alt.X(f"{grows}:Q", title=title, scale=ratios, axis=ticks)
    y = {"title": "risk, squared units (log scale)", "scale": heights, "axis": LOG}
    layers = [
        charts.rule(at, "p = n", scale=ratios),
        charts.rule(floor, "", axis="y", scale=heights),
        _at_right(floor, "noise σ²", heights),
    ]
    layers += [charts.rule(ceiling, "always predict the mean", axis="y", scale=heights)]
    names = _names(theory, config)
    layers += [_formulas(theory, names, x, y)]
    if "ridge" in names:
        layers.append(_best(theory, names, x, y))
    layers += _measured(summary, x, y, floor / 5)
    chart = alt.layer(*layers).properties(height=440)
    caption = (
        f"Measured: {ridge.counted(tables)}, with the band of the test risk from the 10th to the 90th "
        "percentile."
    )
    if "ridge" in names:
        caption += (
            " Ridge at λ*: the limit with the penalty that is best for independent features, or inputs, "
            "at each size."
        )
    if config.penalty == "none":
        caption += (
            " Where p and n differ by less than 2 the mean does not exist. Training risk is zero where "
            "p ≥ n, below this scale."
        )
    title = "Risk as the samples grow" if config.case == "samples" else "Risk as the model grows"
    return Panel("descent", title, chart, caption, _finding(summary, config))


def _measured(summary: pd.DataFrame, x: alt.X, y: dict[str, Any], least: float) -> list[alt.Chart]:
    shown = summary[(summary["split"] == "test") | (summary["risk"] > least)]
    colour = alt.Color("split:N", scale=charts.SPLITS, legend=None)
    base = alt.Chart(shown).encode(x=x, color=colour)
    tooltip = [
        alt.Tooltip("split:N"),
        alt.Tooltip("parameters:Q", title="p"),
        alt.Tooltip("samples:Q", title="n"),
        alt.Tooltip("risk:Q", title="mean risk", format=".4g"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".2g"),
        alt.Tooltip("median:Q", format=".4g"),
    ]
    band = base.transform_filter("datum.split == 'test'").mark_area(opacity=0.18, clip=True)
    line = base.mark_line(strokeWidth=1, opacity=0.6, clip=True)
    point = base.mark_point(filled=True, size=40, clip=True, opacity=1)
    shape = alt.Shape("split:N", legend=None)
    return [
        band.encode(y=alt.Y("lower:Q", **y), y2="upper:Q"),
        line.encode(y=alt.Y("risk:Q", **y)),
        point.encode(y=alt.Y("risk:Q", **y), shape=shape, tooltip=tooltip),
        _named(shown[shown["split"] == "test"].tail(1), x, y, colour, "right"),
        _named(shown[shown["split"] == "train"].head(1), x, y, colour, "left"),
    ]


def _named(row: pd.DataFrame, x: alt.X, y: dict[str, Any], colour: alt.Color, align: str) -> alt.Chart:
    """The name of a measured curve, below its end."""
    text = alt.Chart(row).mark_text(align=align, dy=16, fontSize=12, fontWeight="bold")
    return text.encode(x=x, y=alt.Y("risk:Q", **y), color=colour, text="split:N")


def _names(theory: pd.DataFrame, config: Config) -> dict[str, str]:
    """What each formula present is called: it says what it assumes where that does not hold."""
    lacking = LACKING.get(config.design, {})
    present = [name for name in FORMULAS if name in set(theory["formula"])]
    return {name: FORMULAS[name][0] + lacking.get(name, "") for name in present}


def _best(theory: pd.DataFrame, names: dict[str, str], x: alt.X, y: dict[str, Any]) -> alt.Chart:
    """The name of the ridge curve below it, next to p = n, where it is farthest from the others."""
    curve = theory[theory["formula"] == "ridge"]
    at = curve.loc[[(curve["ratio"] - 1).abs().idxmin()]].assign(name=names["ridge"])
    # Left of p = n where there is no room on the right, which is where samples outnumber features.
    grows = curve["samples"].nunique() == 1 and curve["ratio"].max() > 3
    side = {"align": "left", "dx": 4} if grows else {"align": "right", "dx": -4}
    text = alt.Chart(at).mark_text(color=charts.ink(), fontSize=11, dy=18, **side)
    return text.encode(x=x, y=alt.Y("risk:Q", **y), text="name:N")


def _formulas(theory: pd.DataFrame, names: dict[str, str], x: alt.X, y: dict[str, Any]) -> alt.Chart:
    # A risk of zero has no place on a log scale; one that is undefined is a gap.
    drawn = theory[theory["risk"] != 0]
    drawn = drawn.assign(formula=drawn["formula"].map(names))
    scale = alt.Scale(domain=list(names.values()), range=[FORMULAS[name][1] for name in names])
    legend = alt.Legend(
        title="theory, mean risk",
        values=[label for name, label in names.items() if name != "ridge"],
        orient="bottom",
        # On a phone the longer names need a line each.
        columns=2 if len(names) < 4 else 1,
        symbolType="stroke",
        symbolSize=400,
        symbolStrokeColor=charts.ink(),
        symbolStrokeWidth=2,
    )
    line = alt.Chart(drawn).mark_line(color=charts.ink(), strokeWidth=1.8, clip=True)
    return line.encode(
        x=x,
        y=alt.Y("risk:Q", **y),
        detail="split:N",
        strokeDash=alt.StrokeDash("formula:N", scale=scale, legend=legend),
    )


def _at_right(at: float, name: str, scale: alt.Scale) -> alt.Chart:
    """The name of a level at the right, where no curve is in its way."""
    text = alt.Chart(pd.DataFrame({"at": [at], "name": [name]})).mark_text(
        color=charts.FLOOR, fontSize=11, align="right", dy=-6, dx=-4
    )
    return text.encode(x=alt.value("width"), y=alt.Y("at:Q", scale=scale), text="name:N")


def _finding(summary: pd.DataFrame, config: Config) -> str:
    test = summary[(summary["split"] == "test") & summary["risk"].notna()]
    top, last = test.loc[test["risk"].idxmax()], test.iloc[-1]
    equal = config.size if config.case == "samples" else config.samples
    return (
        f"Test risk is highest near {ridge.size(top, config)}, {top['risk']:.3g}, and "
        f"{last['risk']:.3g} at {ridge.size(last, config)}; p = n at {equal}."
    )
