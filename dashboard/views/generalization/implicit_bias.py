"""The page of implicit bias: what descent comes to, and how fast, in three problems."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
With more parameters than data, training risk does not choose between solutions. Descent does: its
**implicit bias** is a regulariser that nobody wrote down.

**Least squares.** Gradients are combinations of the rows of $X$, so descent from $w_0$ ends at
$w_0 + X^+(y - Xw_0)$, the solution nearest to where it began: from $0$ that of least norm.

**Logistic regression, separable data.** No finite $w$ is best. With $z = yx$ and $\hat w$ of least norm
among $\hat w\cdot z \ge 1$,

$$
w(t) = \hat w\,\log t + \rho + o(1),
$$

the direction of maximum margin, approached only as $1/\log t$. For each support vector
$t\,e^{-z\cdot w}$ tends to its weight in $\hat w = \sum_i \alpha_i z_i$, so that
$\rho\cdot z_i = -\log\alpha_i$: with two support vectors in the plane $\rho$ is known, and nothing
is fitted. In $u = \log t$ the flow is $dw/du = \sum z\,e^{u-\log(1+e^{z\cdot w})}$, and $t = e^{1000}$
costs little more than $e^{10}$. A point next to the margin, $\hat w\cdot z = 1+g$, is forgotten only as
$t^{-g}$: where $g$ is below 0.01, one data set in forty, the checks find that.

**Diagonal network** $w = a^2 - b^2$ from $a = b = \alpha$. The flow multiplies $a$ and $b$, so
$w = 2\alpha^2\sinh(X^\top\nu)$ throughout, and it ends at the solution with the least

$$
\sum_i q(w_i/\alpha^2), \qquad q(z) = 2-\sqrt{4+z^2}+z\,\operatorname{arcsinh}(z/2):
$$

for small $\alpha$ the $\ell_1$ norm, which finds sparse truths, for large $\alpha$ the $\ell_2$ norm.
The same model and loss: the start decides.

**What it assumes.** A start at $0$ (or small, for $\ell_1$); gradient descent, not Adam; small steps for
the diagonal network; classes that a hyperplane separates, and time.

**What to look for.** Plain descent ends where the flow has just begun. Raise the smallest $\alpha$.

Sources: [Zhang et al. (arXiv:1611.03530)](https://arxiv.org/abs/1611.03530);
[Soudry et al. (arXiv:1710.10345)](https://arxiv.org/abs/1710.10345);
[Woodworth et al. (arXiv:2002.09277)](https://arxiv.org/abs/2002.09277).
"""

NAMES = {"flow": "gradient flow", "descent": "plain descent"}
PATHS = alt.Scale(domain=list(NAMES.values()), range=[charts.TEST, charts.TRAIN])
SOLUTIONS = {
    "truth": charts.FLOOR,
    "least l1": charts.VALIDATION,
    "least l2": charts.THIRD,
    "smallest start": charts.TEST,
    "largest start": charts.TRAIN,
}


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """How near descent has come to what theory says it chooses."""
    measured = rows(tables, "measured")
    if measured.empty:
        return []
    if config.problem == "logistic":
        apart = measured[measured["curve"] == "direction"]
        return [
            Figure(
                f"Off, {NAMES[series]}",
                charts.number(part["value"].iloc[-1]),
                f"distance of the direction from that of maximum margin, at log t = "
                f"{part['position'].iloc[-1]:.3g}; at most 2",
            )
            for series, part in apart.groupby("series", sort=False)
        ]
    if config.problem == "least_squares":
        last = measured.groupby("series")["value"].last()
        said = (
            "distance from the least-norm solution at the end, in units of its norm; w₀ of this length"
        )
        return [
            Figure(f"Off, start of length {series}", charts.number(last[series]), said)
            for series in sorted({"0", f"{config.start:g}", "1"})
        ]
    l1 = measured[measured["curve"] == "l1"].set_index("position")["value"]
    return [
        Figure(
            f"ℓ1 norm, α = {alpha:.2g}",
            f"{charts.number(100 * l1[alpha])} % over",
            "above the least ℓ1 norm of all solutions",
        )
        for alpha in (l1.index.min(), l1.index.max())
    ]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """The panels of the problem that is shown."""
    measured, theory = rows(tables, "measured"), rows(tables, "theory")
    if measured.empty:
        return []
    if config.problem == "least_squares":
        return [_distance(measured, theory, config)]
    if config.problem == "diagonal":
        return [_norms(measured, theory), _weights(rows(tables, "weights"))]
    made = [_path("direction", measured, theory), _separators(tables, config)]
    return [*made, _path("growth", measured, theory)]


def _distance(measured: pd.DataFrame, theory: pd.DataFrame, config: Config) -> Panel:
    shown, dashed = (t[t["value"] > 1e-12] for t in (measured, theory))
    x = alt.X("position:Q", title="steps + 1 (log scale)", scale=alt.Scale(type="log", nice=False))
    y: dict[str, Any] = {
        "title": "distance from the least-norm solution, units of its norm (log scale)",
        "scale": alt.Scale(type="log"),
        "axis": alt.Axis(format="~e", tickCount=7),
    }
    order = list(dict.fromkeys(measured["series"]))
    colour = alt.Color(
        "series:N",
        scale=alt.Scale(domain=order, scheme="viridis"),
        legend=alt.Legend(title="length of w₀, units of the least norm", orient="bottom"),
    )
    tooltip = [
        alt.Tooltip("series:N", title="length of w₀"),
        alt.Tooltip("position:Q", title="steps + 1"),
        alt.Tooltip("value:Q", title="distance", format=".4g"),
    ]
    points = alt.Chart(shown).mark_point(filled=True, size=35, opacity=1)
    layers = [
        charts.theory(dashed, x, alt.Y("value:Q", **y), detail="series:N"),
        points.encode(x=x, y=alt.Y("value:Q", **y), color=colour, tooltip=tooltip),
    ]
    caption = (
        "Points: descent. Dashed: gradient descent in closed form. Distances below 1e−12 are rounding."
    )
    if config.method == "adam":
        caption += " Adam takes other steps, and does not keep to the row space."
    said = "Distance from the least-norm solution by step: only from a start at 0 it goes to 0."
    chart = alt.layer(*layers).properties(height=420)
    return Panel("distance", "Where descent ends depends on its start", chart, caption, said)


def _path(curve: str, measured: pd.DataFrame, theory: pd.DataFrame) -> Panel:
    direction = curve == "direction"
    shown = measured[(measured["curve"] == curve) & (measured["value"] > 0)]
    shown = shown.assign(name=shown["series"].map(NAMES))
    dotted = theory[theory["curve"] == curve].dropna()
    across = {"scale": alt.Scale(type="log", nice=False), "axis": alt.Axis(format="~g", tickCount=6)}
    x = alt.X("position:Q", title="log t (itself on a log scale)", **across)
    if direction:
        title = "distance of directions (log scale)"
        y: dict[str, Any] = {
            "title": title,
            "scale": alt.Scale(type="log"),
            "axis": alt.Axis(format="~g"),
        }
    else:
        y = {"title": "norm of w (log scale)", **across}
    colour = alt.Color("name:N", scale=PATHS, legend=alt.Legend(title=None, orient="bottom"))
    tooltip = [
        alt.Tooltip("name:N", title="path"),
        alt.Tooltip("position:Q", title="log t", format=".3g"),
        alt.Tooltip("value:Q", title="measured", format=".4g"),
    ]
    points = alt.Chart(shown).mark_point(filled=True, size=28, opacity=0.9)
    layers = [
        points.encode(
            x=x,
            y=alt.Y("value:Q", **y),
            color=colour,
            shape=alt.Shape("name:N", scale=alt.Scale(domain=list(NAMES.values())), legend=None),
            tooltip=tooltip,
        ),
        charts.theory(dotted, x, alt.Y("value:Q", **y), asymptotic=True),
    ]
    chart = alt.layer(*layers).properties(height=420 if direction else 300)
    caption = (
        "Dotted: that of ŵ log t + ρ, with nothing fitted. Plain descent is drawn at t = steps × step."
    )
    if dotted.empty:
        caption = "No hyperplane separates these classes: there is no direction of maximum margin."
    if direction:
        title = "How far is the direction from that of maximum margin?"
        return Panel(curve, title, chart, caption, "The distance of directions falls as 1/log t.")
    return Panel(
        curve, "Weights grow for ever", chart, caption, "The norm of w grows in line with log t."
    )


def _separators(tables: Tables, config: Config) -> Panel:
    points, lines = rows(tables, "points"), rows(tables, "boundaries")
    reach = 1.05 * float(points[["x1", "x2"]].abs().max().max())
    scale = alt.Scale(domain=[-reach, reach], nice=False)
    x, y = alt.X("x1:Q", scale=scale, title="x₁"), alt.Y("x2:Q", scale=scale, title="x₂")
    moving, limit = lines[~lines["theory"].astype(bool)], lines[lines["theory"].astype(bool)]
    order = list(dict.fromkeys(moving["name"]))
    colour = alt.Color(
        "name:N",
        sort=order,
        scale=alt.Scale(domain=order, scheme="viridis"),
        legend=alt.Legend(title=None, orient="bottom", symbolType="stroke", columns=2),
    )
    shape = alt.Shape("label:N", legend=None)
    classes = alt.Color(
        "label:N", scale=alt.Scale(domain=[-1, 1], range=[charts.TRAIN, charts.TEST]), legend=None
    )
    marks = alt.Chart(points).mark_point(filled=True, size=50, opacity=0.9)
    layers = [
        alt.Chart(moving).mark_line(strokeWidth=2.5, clip=True).encode(x=x, y=y, color=colour),
        charts.theory(limit, x, y),
        marks.encode(x=x, y=y, color=classes, shape=shape),
    ]
    chart = alt.layer(*layers).resolve_scale(color="independent").properties(height=400)
    caption = "Boundaries of the flow at several times; dashed: maximum margin. Marks: the two classes."
    said = "The boundary between the two classes turns towards that of maximum margin."
    return Panel("boundaries", "The boundary turns, slowly", chart, caption, said)


def _norms(measured: pd.DataFrame, theory: pd.DataFrame) -> Panel:
    names = {"l1": "ℓ1 norm", "l2": "ℓ2 norm"}
    shown, dashed = (t[t["value"] > 1e-7].assign(name=t["curve"].map(names)) for t in (measured, theory))
    x = alt.X("position:Q", title="start α (log scale)", scale=alt.Scale(type="log", nice=False))
    y: dict[str, Any] = {
        "title": "excess over the least norm, as a share (log scale)",
        "scale": alt.Scale(type="log"),
        "axis": alt.Axis(format="~e", tickCount=6),
    }
    scale = alt.Scale(domain=list(names.values()), range=[charts.TEST, charts.TRAIN])
    colour = alt.Color("name:N", scale=scale, legend=alt.Legend(title=None, orient="bottom"))
    tooltip = [
        alt.Tooltip("name:N", title="norm"),
        alt.Tooltip("position:Q", title="α", format=".3g"),
        alt.Tooltip("value:Q", title="excess", format=".4g"),
    ]
    points = alt.Chart(shown).mark_point(filled=True, size=60, opacity=1)
    layers = [
        charts.theory(dashed, x, alt.Y("value:Q", **y), detail="name:N"),
        points.encode(
            x=x,
            y=alt.Y("value:Q", **y),
            color=colour,
            shape=alt.Shape("name:N", scale=alt.Scale(domain=list(names.values())), legend=None),
            tooltip=tooltip,
        ),
    ]
    chart = alt.layer(*layers).properties(height=420)
    caption = "Points: descent. Dashed: the least Σ q(w/α²). Excesses below 1e−7 are not shown."
    said = "From small starts the ℓ1 norm is nearly the least, from large starts the ℓ2 norm is."
    return Panel("norms", "From which start comes which solution?", chart, caption, said)


def _weights(weights: pd.DataFrame) -> Panel:
    order = list(SOLUTIONS)
    shown = weights[weights["solution"].isin(order)]
    scale = alt.Scale(domain=order, range=list(SOLUTIONS.values()))
    chart = (
        alt.Chart(shown)
        .mark_tick(thickness=2, size=14)
        .encode(
            x=alt.X("weight:Q", title="weight"),
            y=alt.Y("solution:N", sort=order, title=None),
            color=alt.Color("solution:N", scale=scale, legend=None),
            tooltip=[
                alt.Tooltip("solution:N"),
                alt.Tooltip("feature:Q"),
                alt.Tooltip("weight:Q", format=".3g"),
            ],
        )
        .properties(height=220)
    )
    caption = (
        "A tick for each feature. Least norms: of all solutions, by linear program and pseudo-inverse."
    )
    return Panel("weights", "The solutions", chart, caption, "Small starts find the sparse truth.")
