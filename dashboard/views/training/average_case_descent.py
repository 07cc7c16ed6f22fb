"""The page of average-case-descent: single runs on the limit that was drawn beforehand."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
A worst-case bound of a method's loss knows the largest and smallest curvature, and is pessimistic: a
typical problem is not the worst one. If the features are many and independent, all their
curvatures are known before any data are seen: as $n, d \to \infty$ at $d/n = r$ the eigenvalues of
$X^\top X/n$ follow the **Marchenko–Pastur law** $\mu$, between
$\lambda_\pm = (1 \pm \sqrt r)^2$, with density

$$
\frac{\sqrt{(\lambda_+-\lambda)(\lambda-\lambda_-)}}{2\pi r\lambda}.
$$

Along an eigenvector a method leaves the share $p_t(\lambda)$ of the start; gradient descent
$(1-\eta\lambda)^t$. With a target of variance 1 and noise of variance $\sigma^2$ the loss of
**every single run** tends to

$$
f_t = \tfrac12 \int \lambda\, p_t^2\, d\mu
+ \tfrac{\sigma^2}{2} \Bigl( r \int p_t^2\, d\mu + 1 - r \Bigr).
$$

The curve follows from $n$, $d$ and $\sigma$ alone. The method that makes $f_t$ least at every step
has $p_t$ that are orthogonal polynomials of the law: heavy ball with a momentum that varies.

**What it assumes.** Independent entries with a finite fourth moment, of any distribution; random
coefficients without a preferred direction. *Break it*: correlated features have eigenvalues beyond
$\lambda_+$, so that a step size that was safe diverges; so have samples of random scale. Heavy-tailed
entries (5 degrees of freedom) change nothing: the law is universal.

**What to look for.** Single runs lie on the limit although nothing was fitted, and nearer the larger
they are: the error falls as $1/\sqrt n$. Set $d = n$: $\lambda_- = 0$, and the exponential decay
becomes a power of $t$. Heavy ball is tuned to edges moved outwards by two scales of the extreme
eigenvalues' fluctuation: tuned to $\lambda_\pm$ exactly, momentum amplifies an eigenvalue that lies
beyond, and the mean loss is that of rare runs; *Best on average*, not so guarded, shows it late when
there is no noise.

Sources:
[Paquette, van Merriënboer, Paquette & Pedregosa (arXiv:2006.04299)](https://arxiv.org/abs/2006.04299);
[Pedregosa & Scieur (arXiv:2002.04756)](https://arxiv.org/abs/2002.04756);
Marchenko & Pastur (1967), *Mathematics of the USSR-Sbornik* 1(4), 457–483;
Nesterov (2004), *Introductory Lectures on Convex Optimization*, section 1.2.3.
"""

NAMES = {
    "gd": "Gradient descent",
    "heavy_ball": "Heavy ball",
    "nesterov": "Nesterov",
    "optimal": "Best on average",
}
# Blue and vermilion stay train and test.
COLOURS = dict(zip(NAMES, ["#56B4E9", "#E69F00", "#009E73", "#CC79A7"], strict=True))
SHAPES = dict(zip(NAMES, ["circle", "square", "triangle-up", "diamond"], strict=True))
# Single runs drawn, of each method.
RUNS = 10
LOG = alt.Axis(tickCount=6, format="~g")


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """Steps that each method needed, with what was predicted."""
    found = []
    for row in rows(tables, "halting").to_dict("records"):
        if pd.isna(row["measured"]):
            continue
        said = "steps until 99 % of the fall is done, mean ± standard error; the limit says "
        value = charts.number(row["measured"], row["standard_error"])
        name = NAMES[row["method"]]
        found.append(Figure(f"{name}: steps", value, f"{said}{row['predicted']:.0f}"))
    return found[:4]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Loss curves on their limits; the eigenvalues and their law; the error by size."""
    if rows(tables, "risk").empty or rows(tables, "theory").empty:
        return []
    made = [_curves(tables, config), _spectrum(tables, config)]
    if not rows(tables, "sizes").empty:
        made.append(_sizes(tables))
    return made


def _colour(names: list[str], legend: Any = None) -> alt.Color:
    shown = [name for name in NAMES if name in names]
    scale = alt.Scale(domain=[NAMES[n] for n in shown], range=[COLOURS[n] for n in shown])
    return alt.Color("name:N", scale=scale, legend=legend)


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(name=frame["method"].map(NAMES))


def _curves(tables: Tables, config: Config) -> Panel:
    theory, summary = _named(rows(tables, "theory")), _named(rows(tables, "summary"))
    limit = theory[theory["formula"] == "limit"]
    low, high = _range(limit, config)
    heights = alt.Scale(type="log", domain=[low, high], nice=False)
    y: dict[str, Any] = {"title": "loss, half squared units (log scale)", "scale": heights, "axis": LOG}
    x = alt.X("step:Q", title="step", scale=alt.Scale(nice=False))
    colour = _colour(list(summary["method"]))
    risk = _named(rows(tables, "risk"))
    # A loss of zero has no place on a log scale, nor has one that has left all bounds.
    runs = risk[(risk["replicate"] < RUNS) & risk["risk"].between(low / 10, 1e3 * high)]
    drawn = alt.Chart(runs).mark_line(strokeWidth=0.8, opacity=0.35, clip=True)
    worst = theory[(theory["formula"] == "worst_case") & (theory["risk"] > low / 10)]
    bounds = alt.Chart(worst).mark_line(strokeWidth=1, strokeDash=[1, 3], clip=True)
    tooltip = [
        alt.Tooltip("name:N", title="method"),
        alt.Tooltip("step:Q"),
        alt.Tooltip("median:Q", title="median run", format=".3g"),
        alt.Tooltip("risk:Q", title="mean", format=".3g"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".2g"),
    ]
    hover = alt.Chart(summary[summary["median"].between(low, high)]).mark_point(
        opacity=0, size=80, clip=True
    )
    layers = [
        drawn.encode(x=x, y=alt.Y("risk:Q", **y), color=colour, detail="replicate:N"),
        bounds.encode(x=x, y=alt.Y("risk:Q", **y), color=colour),
        charts.theory(limit, x, alt.Y("risk:Q", **y), asymptotic=True, detail="name:N"),
        hover.encode(x=x, y=alt.Y("median:Q", **y), tooltip=tooltip),
        *_labels(limit, x, y, colour, low),
    ]
    left = config.noise**2 * (1 - config.features / config.samples) / 2
    if left > 0:
        layers += [charts.rule(left, "", axis="y", scale=heights), _floor(left, heights)]
    count = min(RUNS, risk["replicate"].nunique())
    caption = (
        f"Pale: {count} single run{'s' * (count != 1)} of each method. Ink, dotted: the "
        "limit, from n, d and σ alone. Fine dots in the method's colour: the worst case of the "
        "extreme eigenvalues."
    )
    return Panel(
        "curves", "Loss step by step", alt.layer(*layers).properties(height=440), caption, _said(tables)
    )


def _floor(at: float, scale: alt.Scale) -> alt.Chart:
    """The name of what noise leaves, below the line at the right, where no curve is."""
    text = alt.Chart(pd.DataFrame({"at": [at], "name": ["what noise leaves, σ²(1 − d/n)/2"]}))
    mark = text.mark_text(color=charts.FLOOR, fontSize=11, align="right", dy=12, dx=-4)
    return mark.encode(x=alt.value("width"), y=alt.Y("at:Q", scale=scale), text="name:N")


def _range(limit: pd.DataFrame, config: Config) -> tuple[float, float]:
    """The heights drawn: what the limits take, at most twelve decades, and room for the worst case."""
    high = float(limit["risk"].max())
    positive = limit.loc[limit["risk"] > 0, "risk"]
    return max(float(positive.min()) / 3, 1e-12 * high), 10 * high


def _labels(
    limit: pd.DataFrame, x: alt.X, y: dict[str, Any], colour: alt.Color, low: float
) -> list[alt.Chart]:
    """Each method's name on its limit, at a height of its own while the curve still falls."""
    last = limit["step"].max()
    order = sorted(set(limit["name"]), key=lambda n: -limit.loc[limit["name"] == n, "risk"].sum())
    parts = []
    for place, name in enumerate(order):
        curve = limit[limit["name"] == name]
        start, end = curve["risk"].iloc[0], max(curve["risk"].min(), low)
        target = start * (end / start) ** (0.4 + 0.15 * place)
        parts.append(curve.loc[[(curve["risk"] - target).abs().idxmin()]])
    frame = pd.concat(parts).assign(at=lambda f: f["step"] + 0.01 * last)
    text = alt.Chart(frame).mark_text(align="left", dx=4, dy=-6, fontSize=12, fontWeight="bold")
    return [text.encode(x=x, y=alt.Y("risk:Q", **y), color=colour, text="name:N")]


def _said(tables: Tables) -> str:
    text = (
        "Loss of single runs by step, on the limit predicted from the numbers of samples and features."
    )
    halting = rows(tables, "halting")
    parts = [
        f" {NAMES[r['method']]} needs {r['measured']:.3g} steps for 99 % of the fall, by the limit "
        f"{r['predicted']:.0f}."
        for r in halting.to_dict("records")
        if pd.notna(r["measured"])
    ]
    return text + "".join(parts)


def _spectrum(tables: Tables, config: Config) -> Panel:
    cells = rows(tables, "spectrum").assign(middle=lambda f: (f["low"] + f["high"]) / 2)
    x = alt.X("low:Q", title="eigenvalue of X'X/n", scale=alt.Scale(nice=False))
    y = alt.Y("density:Q", title="density, per unit of eigenvalue")
    tooltip = [
        alt.Tooltip("middle:Q", title="eigenvalue", format=".3g"),
        alt.Tooltip("density:Q", format=".3g"),
        alt.Tooltip("predicted:Q", title="Marchenko–Pastur", format=".3g"),
    ]
    bars = alt.Chart(cells).mark_rect(color=charts.TRAIN, opacity=0.45)
    low, high = ((1 + sign * (config.features / config.samples) ** 0.5) ** 2 for sign in (-1, 1))
    line = charts.theory(cells, alt.X("middle:Q"), alt.Y("predicted:Q"), asymptotic=True)
    layers = [
        bars.encode(x=x, x2="high:Q", y=y, y2=alt.datum(0), tooltip=tooltip),
        line,
        charts.rule(low, "λ₋"),
        charts.rule(high, "λ₊"),
    ]
    return Panel(
        "spectrum",
        "The curvatures behind the curves",
        alt.layer(*layers).properties(height=240),
        f"All replicates: the {min(config.features, config.samples)} eigenvalues of each; ink, dotted: "
        "the Marchenko–Pastur law. Eigenvalues beyond λ₊ decide which step sizes diverge.",
        "Histogram of the eigenvalues with the Marchenko–Pastur density.",
    )


def _sizes(tables: Tables) -> Panel:
    shown = _named(rows(tables, "sizes")).dropna(subset="error")
    shown = shown[shown["error"] < 1e3]
    scale = alt.Scale(type="log", nice=False, padding=20)
    values = sorted(set(shown["samples"]))
    x = alt.X("samples:Q", title="samples n (log scale)", scale=scale, axis=alt.Axis(values=values))
    heights = [shown["error"].min() / 1.5, shown["error"].max() * 1.5]
    y: dict[str, Any] = {
        "title": "relative error (log scale)",
        "scale": alt.Scale(type="log", domain=heights, nice=False),
        "axis": alt.Axis(format=".0%", values=[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]),
    }
    colour = _colour(list(shown["method"]), alt.Legend(title=None, orient="bottom", columns=2))
    base = alt.Chart(shown).encode(x=x, color=colour)
    shapes = [n for n in NAMES if n in set(shown["method"])]
    shape = alt.Shape(
        "name:N",
        scale=alt.Scale(domain=[NAMES[n] for n in shapes], range=[SHAPES[n] for n in shapes]),
        legend=alt.Legend(title=None, orient="bottom", columns=2),
    )
    point = base.mark_point(filled=True, size=60, opacity=1).encode(
        y=alt.Y("error:Q", **y),
        shape=shape,
        tooltip=["name:N", "samples:Q", "features:Q", alt.Tooltip("error:Q", format=".3g")],
    )
    line = base.mark_line(strokeWidth=1.5).encode(y=alt.Y("error:Q", **y))
    first = shown.groupby("samples")["error"].median()
    slope = pd.DataFrame({"samples": values})
    slope["error"] = [float(first.iloc[0]) * (values[0] / n) ** 0.5 for n in values] if values else []
    guide = charts.theory(slope, x, alt.Y("error:Q", **y), asymptotic=True)
    return Panel(
        "sizes",
        "Larger problems are more predictable",
        alt.layer(guide, line, point).properties(height=340),
        "Relative error of a single run, the median over replicates and the steps at which the limit "
        "falls; ink, dotted: slope −1/2.",
        "Relative error of single runs by number of samples, on the slope of one over its square root.",
    )
