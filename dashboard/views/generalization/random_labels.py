"""The page of random labels: what four models memorise, with the theory of each."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
A model that fits random labels has learned nothing that could help on new data: it has memorised.
How much it can memorise measures its capacity, and a fit of the training data within that capacity
proves nothing.

**Network.** $2n+d$ weights give any labels of $n$ distinct inputs: project on a random direction, put a
ReLU between each two neighbours, solve a triangular system. Training finds such fits too, a few times
more slowly than for true labels. On random labels alone, mean test error is exactly $1-1/K$, whatever
the network. The nearest neighbour memorises by definition; with a share $\rho$ of random labels, and
$e_0$ its error without them, its mean error is exactly $(1-\rho)\,e_0+\rho\,(1-1/K)$.

**Hyperplane.** Of $2^n$ labellings of $n$ points in general position in $d$ dimensions, one through the
origin realises (Cover)

$$
C(n,d) = 2\sum_{k<d}\binom{n-1}{k},
$$

half of them at $n=2d$. One by one, as many points fit as coins are tossed up to the $d$-th head: $2d$ on
average. A bias counts as a dimension.

**Logistic regression.** On separable data its coefficients grow without end: the estimate does not
exist. With log odds $\gamma x_1$ and $n,p\to\infty$ that happens at $p/n$ above

$$
\kappa^\star(\gamma) = \min_t \mathbb{E}\bigl[(Z-tV)_+^2\bigr],\qquad V=y\,x_1,
$$

$\kappa^\star(0)=\tfrac12$ being Cover's.

**Hopfield network.** A stored bit is unstable with the probability that $(N-1)(P-1)$ random signs sum to
less than $-(N-1)$. The network settles at the overlap $m=\operatorname{erf}(y)$,
$y\,(\sqrt{2\alpha}+\tfrac{2}{\sqrt\pi}e^{-y^2})=\operatorname{erf}(y)$, $\alpha=P/N$, up to
$\alpha_c=0.138$; beyond, memory is lost, at finite $N$ not all at once.

**What it assumes.** No point twice with two labels (general position, for the hyperplane); unbiased
patterns.

**What to look for.** Twins: training error stays above zero. Large $d$: the fall at $n=2d$ steepens.

Sources: [Zhang et al. (arXiv:1611.03530)](https://arxiv.org/abs/1611.03530);
[Cover (1965)](https://doi.org/10.1109/PGEC.1965.264137);
[Candès & Sur (arXiv:1804.09753)](https://arxiv.org/abs/1804.09753);
[Amit, Gutfreund & Sompolinsky (1985)](https://doi.org/10.1103/PhysRevLett.55.1530).
"""

# Of each curve: title, horizontal axis, vertical axis, caption.
CURVES: dict[str, tuple[str, str, str, str]] = {
    "error": (
        "From true to random labels",
        "share ρ of random labels",
        "error, share of rows",
        "Training error on the labels given, test error on true ones. Dashed: theory for the nearest "
        "neighbour, in its colour, and chance.",
    ),
    "training risk": (
        "How fast labels are fitted",
        "steps",
        "training risk, nats (log scale)",
        "Means.",
    ),
    "separable": (
        "Which random labels can a hyperplane give?",
        "points per dimension, n/d",
        "share that is separable",
        "Dashed: Cover's count.",
    ),
    "capacity": (
        "How many points fit?",
        "dimensions d",
        "points per dimension, n/d",
        "Points added one by one as long as a hyperplane separates them. Bars: from the 10th to the "
        "90th percentile.",
    ),
    "threshold": (
        "Where does the logistic estimate cease to exist?",
        "signal γ",
        "features per sample, p/n",
        "Below the dotted limit it exists, above not. Bars: from the 10th to the 90th percentile of the "
        "number of features at which a data set becomes separable.",
    ),
    "exists": (
        "How often it exists",
        "features per sample, p/n",
        "share of data sets",
        "Dashed: Cover's count, for γ = 0.",
    ),
    "overlap": (
        "What is left of a memory",
        "patterns per unit, P/N",
        "overlap with the pattern",
        "Where the network settles, started at a stored pattern. Dotted: the limit of many units.",
    ),
    "bit error": (
        "How many bits of a pattern are unstable?",
        "patterns per unit, P/N",
        "share of bits (log scale)",
        "Dashed: exact.",
    ),
}
COLORS = {"train": charts.TRAIN, "test": charts.TEST, "nearest neighbour": charts.THIRD}


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """Two or three numbers of the model that is shown."""
    measured = rows(tables, "measured")
    if measured.empty:
        return []
    if config.model == "network":
        return _network_verdict(measured)
    if config.model == "hyperplane":
        held = measured[measured["curve"] == "capacity"].iloc[-1]
        said = "random labels that fit, one by one; theory: 2"
        label = f"Points per dimension, d = {held['position']:.0f}"
        return [Figure(label, _number(held), said)]
    if config.model == "logistic":
        at = measured[measured["curve"] == "threshold"]
        words = "features per sample at which data become separable, mean over data sets"
        return [
            Figure(f"p/n at γ = {row['position']:g}", _number(row), words)
            for _, row in at.iloc[[0, -1]].iterrows()
        ]
    kept = measured[(measured["curve"] == "overlap") & (measured["position"] > 0)].sort_values(
        "position"
    )
    return [
        Figure(
            f"Overlap at P/N = {row['position']:.2g}",
            _number(row),
            "with the stored pattern, from −1 to 1",
        )
        for _, row in kept.iloc[[len(kept) // 2 - 1, -1]].iterrows()
    ]


def _number(row: pd.Series) -> str:
    return charts.number(row["value"], row["standard_error"])


def _network_verdict(measured: pd.DataFrame) -> list[Figure]:
    error = measured[(measured["curve"] == "error") & (measured["position"] == 1)].set_index("series")
    made = []
    for split, words in (("train", "of the random labels given"), ("test", "on true labels")):
        if split in error.index:
            label = f"{split.capitalize()} error, random labels"
            made.append(Figure(label, _number(error.loc[split]), f"share of rows {words}"))
    steps = measured[measured["curve"] == "steps"].set_index("position")["value"]
    if not steps.empty and steps.loc[[0.0, 1.0]].notna().all():
        times = charts.number(steps.loc[1.0] / steps.loc[0.0])
        made.append(
            Figure("Random labels take", f"{times} × the steps", "to a training risk of 0.1 nats")
        )
    return made


def panels(tables: Tables, config: Config) -> list[Panel]:
    """A panel for each curve of the model that is shown."""
    drawers = {"error": _error, "training risk": _speed}
    measured, theory = rows(tables, "measured"), rows(tables, "theory")
    if measured.empty and theory.empty:
        return []
    made = []
    for curve in CURVES:
        parts = [t[t["curve"] == curve] if not t.empty else t for t in (measured, theory)]
        if not parts[0].empty:
            made.append(drawers.get(curve, _curve)(curve, *parts, config))
    return made


def _axes(curve: str, x: Any = None, y: Any = None) -> tuple[alt.X, dict[str, Any]]:
    _, across, up, _ = CURVES[curve]
    x = x if x is not None else alt.Scale(zero=False, nice=False)
    return alt.X("position:Q", title=across, scale=x), {"title": up, "scale": y or alt.Scale()}


def _panel(curve: str, layers: list[Any], said: str, height: int = 400, more: str = "") -> Panel:
    title, _, _, caption = CURVES[curve]
    chart = alt.layer(*layers).properties(height=height)
    return Panel(curve.replace(" ", "-"), title, chart, f"{caption} {more}".strip(), said)


def _tips(series: str = "series") -> list[alt.Tooltip]:
    return [
        alt.Tooltip(f"{series}:N", title="which"),
        alt.Tooltip("position:Q", format=".3g"),
        alt.Tooltip("value:Q", title="measured", format=".4g"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".2g"),
    ]


def _error(curve: str, measured: pd.DataFrame, theory: pd.DataFrame, config: Config) -> Panel:
    x, y = _axes(curve, alt.Scale(domain=[0, 1.22], nice=False), alt.Scale(domain=[0, 1]))
    x = x.axis(values=[0, 0.25, 0.5, 0.75, 1], format="~g")
    names = list(COLORS)
    colour = alt.Color(
        "series:N", scale=alt.Scale(domain=names, range=list(COLORS.values())), legend=None
    )
    shape = alt.Shape("series:N", scale=alt.Scale(domain=names), legend=None)
    base = alt.Chart(measured).encode(x=x, color=colour)
    band = measured[measured["series"] != "nearest neighbour"]
    copied = theory[theory["series"] == "nearest neighbour"]
    chance = float(theory.loc[theory["formula"] == "chance", "value"].iloc[0])
    layers = [
        charts.rule(chance, "chance, 1 − 1/K", axis="y", scale=y["scale"]),
        alt.Chart(band)
        .mark_area(opacity=0.16)
        .encode(x=x, y=alt.Y("lower:Q", **y), y2="upper:Q", color=colour),
        charts.theory(copied, x, alt.Y("value:Q", **y), color=colour),
        base.transform_filter("datum.series != 'nearest neighbour'")
        .mark_line(strokeWidth=1.5, opacity=0.7)
        .encode(y=alt.Y("value:Q", **y)),
        base.mark_point(filled=True, size=60, opacity=1).encode(
            y=alt.Y("value:Q", **y), shape=shape, tooltip=_tips()
        ),
        _ends(measured, x, y, colour),
    ]
    count = (
        f"Means of {config.networks} networks, each on rows and labels of its own; bands: 10th to 90th "
    )
    count += "percentile."
    last = measured[measured["position"] == 1].set_index("series")["value"]
    said = "Error against the share of random labels: "
    said += ", ".join(f"{name} {value:.2g}" for name, value in last.items()) + " where all are random."
    return _panel(curve, layers, said, 440, count)


def _ends(measured: pd.DataFrame, x: alt.X, y: dict[str, Any], colour: Any) -> alt.Chart:
    """Names of curves at their right ends; two that end together stand apart."""
    ends = measured.loc[measured.groupby("series")["position"].idxmax()].sort_values("value")
    place, levels = [], [-1.0]
    for value in ends["value"]:
        levels.append(max(float(value), levels[-1] + 0.06))
        place.append(levels[-1])
    text = alt.Chart(ends.assign(place=place)).mark_text(
        align="left", dx=8, fontSize=12, fontWeight="bold"
    )
    return text.encode(x=x, y=alt.Y("place:Q", **y), color=colour, text="series:N")


def _speed(curve: str, measured: pd.DataFrame, theory: pd.DataFrame, config: Config) -> Panel:
    top = float(measured["value"].max())
    top = top if top > 0.01 else 1.0
    shown = measured[measured["value"] > 0.001]
    x, y = _axes(curve, alt.Scale(), alt.Scale(type="log", domain=[0.001, 2 * top], clamp=True))
    order = list(dict.fromkeys(measured["series"]))
    colour = alt.Color(
        "series:N",
        sort=order,
        scale=alt.Scale(domain=order, scheme="viridis"),
        legend=alt.Legend(title=None, orient="bottom", symbolType="stroke", symbolStrokeWidth=3),
    )
    lines = alt.Chart(shown).mark_line(strokeWidth=2.5, clip=True)
    layers = [
        charts.rule(0.1, "fitted", axis="y", scale=y["scale"]),
        lines.encode(x=x, y=alt.Y("value:Q", **y), color=colour, tooltip=_tips()),
    ]
    more = f"Of {config.networks} networks at each share ρ."
    return _panel(
        curve, layers, "Training risk by step: the more labels are random, the slower.", 320, more
    )


def _curve(curve: str, measured: pd.DataFrame, theory: pd.DataFrame, config: Config) -> Panel:
    """A curve that needs nothing special: series in colours, theory dashed or dotted."""
    log = curve == "bit error"
    if log:
        measured = measured[measured["value"] > 0]
        theory = theory[theory["value"] > 1e-8]
    scale = alt.Scale(type="log") if log else alt.Scale(zero=curve != "capacity", nice=True)
    x, y = _axes(curve, None, scale)
    order = list(dict.fromkeys(measured["series"]))
    many = len(order) > 1
    colour: Any = alt.value(charts.TEST)
    if many:
        colour = alt.Color(
            "series:N",
            sort=order,
            scale=alt.Scale(domain=order, scheme="viridis"),
            legend=alt.Legend(title=None, orient="bottom"),
        )
    base = alt.Chart(measured).encode(x=x, color=colour)
    limit = bool(len(theory)) and theory["formula"].iloc[0] == "asymptotic"
    more: dict[str, Any] = {"color": colour} if many else {}
    layers = [
        charts.theory(theory, x, alt.Y("value:Q", **y), asymptotic=limit, detail="series:N", **more)
    ]
    if curve in ("capacity", "threshold"):
        layers.append(base.mark_rule(strokeWidth=1.5).encode(y=alt.Y("lower:Q", **y), y2="upper:Q"))
    if curve == "overlap":
        layers.append(charts.rule(0.138, "α_c = 0.138"))
    if curve == "separable":
        layers.append(charts.rule(2.0, "n = 2d"))
    if curve == "exists":
        layers.append(base.mark_line(strokeWidth=1.5, opacity=0.6).encode(y=alt.Y("value:Q", **y)))
    mark = base.mark_point(filled=True, size=45, opacity=1)
    layers.append(mark.encode(y=alt.Y("value:Q", **y), tooltip=_tips()))
    count = config.networks if config.model == "hopfield" else config.replicates
    said = f"{CURVES[curve][0]} From {measured['value'].min():.3g} to {measured['value'].max():.3g}."
    first = curve in ("separable", "threshold", "overlap")
    return _panel(curve, layers, said, 420 if first else 320, f"Points: means of {count} draws.")
