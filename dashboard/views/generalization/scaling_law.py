"""The page of scaling laws: risk against the amount of data and features, and its exponent."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
A kernel is a list of functions $\varphi_j$ with a weight $\lambda_j$ each, and $n$ samples are enough
to learn about as many of them as come first. Where the weights fall as $j^{-\alpha}$ and the target's
squared coefficients as $w_j^2 \propto j^{-(1+2\alpha r)}$, what is left to learn falls as a power of
$n$. More than the exponent is known in advance: with $\kappa$ the solution of

$$
n = \sum_j \frac{\lambda_j}{\lambda_j+\kappa} + \frac{n\lambda}{\kappa},
$$

the mean risk, noise of the new samples left out, is near

$$
R(n) = \frac{\kappa^2\sum_j \dfrac{w_j^2}{(\lambda_j+\kappa)^2} + \sigma^2}
{1-\frac1n\sum_j \dfrac{\lambda_j^2}{(\lambda_j+\kappa)^2}} - \sigma^2 .
$$

As $n\to\infty$ it falls as $n^{-b}$,

| | $b$ |
| --- | --- |
| no noise, no penalty | $2\alpha\min(r,1)$ |
| noise, the best penalty | $\dfrac{2\alpha\min(r,1)}{1+2\alpha\min(r,1)}$ |
| noise, no penalty | $0$: risk ends at $\sigma^2(\alpha-1)$ |

A machine with only $N$ random features, random mixtures of the $\varphi_j$, has two limits: with
$N < n$ it cannot use the data, with $N > n$ the data do not suffice, and at $N = n$ without a penalty
the risk has a peak.

**What it assumes.** That the values $\varphi_j(x)$ of one sample may be taken for independent numbers.
In many dimensions they nearly may: products of signs, the eigenfunctions of every kernel on the
hypercube that depends on distance alone, stay within some percent. In **one dimension** they may not:
cosines and sines of one angle are all functions of one number, and the machine interpolates between
neighbours. Without noise the exponent is still nearly right and the level is not; with noise and
without a penalty, two neighbours that disagree make the risk explode. The best penalty brings the
formula close again.

**Networks.** A student network learns what a teacher network, 2 tanh units, says of Gaussian inputs.
Where the student has as many units, it is a regular model with $P$ parameters, and as $n\to\infty$

$$
R(n) \to \frac{\sigma^2 P}{n}, \qquad \text{training risk} \to \sigma^2\Bigl(1-\frac Pn\Bigr):
$$

the exponent is 1 whatever the teacher. *Break it*: give the student one unit, and its risk ends at what
it cannot represent; give it more, and parameters that are not needed make the theory fail. A student
learns its features; random features stay as they were drawn, and need many more.

**What to look for.** Add noise, and the fall stops. Then choose the best penalty at each $n$: it falls
again, more slowly. An exponent read off at sizes like these still drifts: the middle chart shows
by how much, and that the curve knew.

Sources: [Bordelon, Canatar & Pehlevan (arXiv:2002.02561)](https://arxiv.org/abs/2002.02561);
[Canatar, Bordelon & Pehlevan (arXiv:2006.13198)](https://arxiv.org/abs/2006.13198);
[Cui, Loureiro, Krzakala & Zdeborová (arXiv:2105.15004)](https://arxiv.org/abs/2105.15004);
[Simon, Karkada, Ghosh & Belkin (arXiv:2311.14646)](https://arxiv.org/abs/2311.14646);
[Murata, Yoshizawa & Amari (1994)](https://doi.org/10.1109/72.329683), *IEEE Trans. Neural Networks* 5,
865–872.
"""

UNIT = "variances of the target"
LOG = alt.Axis(tickCount=5, format="~g")


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """The measured exponent, what theory says of it, and what twice the data would buy."""
    exponents, summary = rows(tables, "exponents"), rows(tables, "summary")
    if exponents.empty or summary.empty:
        return []
    fit = exponents[exponents["fit"] == "all"].iloc[0]
    said = charts.pair(fit["predicted"], fit["exponent"], _error(fit))
    last = summary[summary["split"] == "test"].iloc[-1]
    sizes = f"fitted to the larger sizes, up to n = {last['samples']:.0f}"
    return [
        Figure("Exponent b", said[1], f"risk falls as n^−b; ± standard error, {sizes}"),
        Figure(
            "Exponent of theory", said[0], f"of the predicted curve at the same sizes; {_limit(fit)}"
        ),
        Figure(
            f"Risk at n = {last['samples']:.0f}", _risk(last), f"mean test risk without noise; {UNIT}"
        ),
    ]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Risk against n; the exponent from size to size; risk against the number of random features."""
    made = [_curve(tables, config)]
    if not rows(tables, "exponents").empty:
        width = _students if config.machine == "network" else _width
        made += [_exponents(tables, config), width(tables, config)]
    return [panel for panel in made if panel]


def _error(row: pd.Series) -> float:
    return float(row["upper"] - row["lower"]) / (2 * 1.96)


def _limit(row: pd.Series) -> str:
    return f"its limit as n → ∞ is {row['limit']:.3g}"


def _risk(row: pd.Series) -> str:
    return charts.number(row["risk"], row["standard_error"])


def _curve(tables: Tables, config: Config) -> Panel | None:
    theory, summary = rows(tables, "theory"), rows(tables, "summary")
    if theory.empty or summary.empty:
        return None
    sizes = alt.Scale(type="log", nice=False, padding=12)
    x = alt.X("samples:Q", title="training samples n (log scale)", scale=sizes, axis=_ticks(config))
    test = summary[summary["split"] == "test"]
    # Training risk without a penalty is rounding.
    shown = summary if config.penalty != "none" or config.machine == "network" else test
    low = min(shown["risk"].min(), theory["risk"].min())
    high = max(shown["risk"].max(), theory["risk"].max())
    heights = alt.Scale(type="log", domain=[low / 1.5, 1.5 * high], nice=False)
    y = {"title": "risk, variances of the target (log scale)", "scale": heights, "axis": LOG}
    layers: list[Any] = _levels(config, heights, low, high)
    layers += [_slope(tables, x, y)]
    layers += [charts.theory(theory, x, alt.Y("risk:Q", **y), asymptotic=True, detail="split:N")]
    layers += _measured(shown, x, y)
    chart = alt.layer(*layers).properties(height=420)
    caption = (
        f"Measured: {_counted(tables)}, with the band of the test risk from the 10th to the 90th "
        "percentile. Dotted: what theory predicts for the mean, with nothing fitted. Grey: the slope "
        "of its limit as n → ∞, drawn through its last point."
    )
    first, last = test.iloc[0], test.iloc[-1]
    finding = (
        f"Test risk falls from {first['risk']:.3g} at n = {first['samples']:.0f} to {last['risk']:.3g} "
        f"at n = {last['samples']:.0f}; theory predicts {last['predicted']:.3g} there."
    )
    return Panel("curve", "Risk as the data grow", chart, caption, finding)


def _ticks(config: Config) -> alt.Axis:
    return alt.Axis(values=[2, 5, 10, 20, 50, 100, 200, 400, 1000, 2000], format="~g")


def _levels(config: Config, scale: alt.Scale, low: float, high: float) -> list[alt.LayerChart]:
    """Where the risk ends without a penalty, if that is in sight."""
    end = config.noise**2 * (config.decay - 1)
    if config.machine == "network" or config.penalty != "none" or not low / 1.5 < end < 1.5 * high:
        return []
    return [charts.rule(end, "limit σ²(α − 1)", axis="y", scale=scale)]


def _slope(tables: Tables, x: alt.X, y: dict[str, Any]) -> alt.LayerChart:
    """The limit's slope through the last point of the predicted curve, with its name."""
    theory = rows(tables, "theory")
    curve = theory[theory["split"] == "test"]
    exponents, last = rows(tables, "exponents"), curve.iloc[-1]
    limit = float(exponents["limit"].iloc[0])
    line = curve.assign(risk=last["risk"] * (curve["samples"] / last["samples"]) ** -limit)
    drawn = alt.Chart(line).mark_line(color=charts.FLOOR, strokeWidth=1, clip=True)
    at = line.iloc[[2 * len(line) // 5]].assign(name=f"slope −{limit:.3g}" if limit else "slope 0")
    text = alt.Chart(at).mark_text(
        color=charts.FLOOR, fontSize=11, align="right", dx=-6, dy=12, clip=True
    )
    height = alt.Y("risk:Q", **y)
    return drawn.encode(x=x, y=height) + text.encode(x=x, y=height, text="name:N")


def _measured(shown: pd.DataFrame, x: alt.X, y: dict[str, Any]) -> list[alt.Chart]:
    colour = alt.Color("split:N", scale=charts.SPLITS, legend=None)
    base = alt.Chart(shown).encode(x=x, color=colour)
    band = base.transform_filter("datum.split == 'test'").mark_area(opacity=0.18, clip=True)
    point = base.mark_point(filled=True, size=50, clip=True, opacity=1)
    # The curves fall: above and to the right of a point nothing is in the way.
    named = shown[shown["samples"] == shown["samples"].unique()[-3:][0]]
    text = alt.Chart(named).mark_text(align="left", dx=8, dy=-10, fontSize=12, fontWeight="bold")
    height = alt.Y("risk:Q", **y)
    return [
        band.encode(y=alt.Y("lower:Q", **y), y2="upper:Q"),
        point.encode(
            y=height, shape=alt.Shape("split:N", legend=None), tooltip=_tooltip("samples", "n")
        ),
        text.encode(x=x, y=height, color=colour, text="split:N"),
    ]


def _tooltip(column: str, name: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip(f"{column}:Q", title=name),
        alt.Tooltip("risk:Q", title="mean risk", format=".4g"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".2g"),
        alt.Tooltip("predicted:Q", title="theory", format=".4g"),
    ]


def _exponents(tables: Tables, config: Config) -> Panel:
    exponents = rows(tables, "exponents")
    local, fit = exponents[exponents["fit"] == "local"], exponents[exponents["fit"] == "all"].iloc[0]
    scale = alt.Scale(type="log", nice=False, padding=12)
    x = alt.X("samples:Q", title="training samples n (log scale)", scale=scale, axis=_ticks(config))
    ends = pd.concat(
        [local[["lower", "upper", "exponent", "predicted"]].stack(), pd.Series(fit["limit"])]
    )
    room = 0.05 * (ends.max() - ends.min()) + 0.02
    heights = alt.Scale(domain=[ends.min() - room, ends.max() + room], nice=False)
    y = {"title": "exponent b of n^−b", "scale": heights}
    base = alt.Chart(local).encode(x=x)
    point = base.mark_point(filled=True, size=45, color=charts.TEST, opacity=1, clip=True)
    tooltip = [
        alt.Tooltip("samples:Q", title="n", format=".0f"),
        *(alt.Tooltip(f"{name}:Q", format=".3f") for name in ("exponent", "lower", "upper")),
        alt.Tooltip("predicted:Q", title="theory", format=".3f"),
    ]
    layers = [
        charts.rule(float(fit["limit"]), f"limit {fit['limit']:.3g}", axis="y", scale=heights),
        charts.theory(local, x, alt.Y("predicted:Q", **y), asymptotic=True),
        base.mark_rule(color=charts.TEST, clip=True).encode(y=alt.Y("lower:Q", **y), y2="upper:Q"),
        point.encode(y=alt.Y("exponent:Q", **y), tooltip=tooltip),
    ]
    caption = (
        "The exponent between two neighbouring sizes, with 95 % intervals. Dotted: of the predicted "
        "curve"
    )
    caption += (
        ", that of every regular model."
        if config.machine == "network"
        else f"; near the kernel's {config.dimension:,} eigenfunctions it leaves the limit."
    )
    finding = (
        f"Fitted to the larger sizes the exponent is {fit['exponent']:.3g}, 95 % interval "
        f"{fit['lower']:.3g} to {fit['upper']:.3g}; theory has {fit['predicted']:.3g}, {_limit(fit)}."
    )
    chart = alt.layer(*layers).properties(height=300)
    return Panel("exponents", "Is the exponent a constant?", chart, caption, finding)


def _width(tables: Tables, config: Config) -> Panel | None:
    width = rows(tables, "width")
    if width.empty:
        return None
    n, kernel = int(width["samples"].iloc[0]), float(width["kernel"].iloc[0])
    scale = alt.Scale(type="log", nice=False, padding=12)
    axis = alt.Axis(values=[5, 10, 20, 50, 100, 200, 500, 1000], format="~g")
    x = alt.X("features:Q", title="random features N (log scale)", scale=scale, axis=axis)
    seen = pd.concat([width["risk"], width["predicted"]])
    heights = alt.Scale(type="log", domain=[kernel / 2, 1.5 * seen.max()], nice=False)
    y = {"title": "test risk (log scale)", "scale": heights, "axis": LOG}
    shown = width.assign(
        low=width["risk"] - width["standard_error"], high=width["risk"] + width["standard_error"]
    )
    # Without a penalty the curve has no value at N = n: it is drawn on both sides.
    shown["side"] = (shown["features"] > n).astype(str) if config.penalty == "none" else ""
    base = alt.Chart(shown).encode(x=x)
    point = base.mark_point(filled=True, size=45, color=charts.TEST, opacity=1)
    layers = [
        charts.rule(float(n), "N = n", scale=scale),
        charts.rule(kernel, "endless features: the kernel", axis="y", scale=heights),
        charts.theory(shown, x, alt.Y("predicted:Q", **y), asymptotic=True, detail="side:N"),
        base.mark_rule(color=charts.TEST, clip=True).encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        point.encode(y=alt.Y("risk:Q", **y), tooltip=_tooltip("features", "N")),
    ]
    last = width.iloc[-1]
    caption = (
        f"At n = {n}: {_counted(tables)} ± standard error, and theory dotted. Below n, features are "
        "what lacks; beyond, data."
    )
    finding = (
        f"With {last['features']:.0f} random features the risk is {last['risk']:.3g}; "
        f"theory has {kernel:.3g} for endless ones."
    )
    chart = alt.layer(*layers).properties(height=300)
    return Panel("width", "Risk as random features grow", chart, caption, finding)


def _students(tables: Tables, config: Config) -> Panel | None:
    width = rows(tables, "width")
    if width.empty:
        return None
    scale = alt.Scale(type="log", nice=False, padding=14)
    axis = alt.Axis(values=sorted(width["features"].unique()), format="~g", grid=False)
    x = alt.X("features:Q", title="units, or random features, N (log scale)", scale=scale, axis=axis)
    heights = alt.Scale(type="log", nice=False, padding=10)
    y = alt.Y("risk:Q", title="test risk (log scale)", scale=heights, axis=LOG)
    names = alt.Scale(domain=["network", "random features"], range=[charts.TEST, charts.THIRD])
    colour = alt.Color("machine:N", scale=names, legend=None)
    base = alt.Chart(width).encode(x=x, color=colour)
    known = alt.Chart(width[width["predicted"].notna()]).mark_point(
        shape="diamond", size=130, color=charts.ink()
    )
    # Each name where the other's line is far away.
    at = {"network": 4, "random features": 2}
    named = width[width["features"] == width["machine"].map(at)]
    text = alt.Chart(named).mark_text(align="left", dx=8, dy=-8, fontSize=12, fontWeight="bold")
    layers = [
        base.mark_line(strokeWidth=1, opacity=0.6).encode(y=y),
        base.mark_point(filled=True, size=45, opacity=1).encode(y=y, tooltip=_tooltip("features", "N")),
        known.encode(x=x, y=alt.Y("predicted:Q", scale=heights)),
        text.encode(x=x, y=y, color=colour, text="machine:N"),
    ]
    n, best = int(width["samples"].iloc[0]), width.loc[width["risk"].idxmin()]
    caption = (
        f"At n = {n}: {_counted(tables)}. Diamond: σ²P/n for a student with the teacher's 2 units. "
        "Wider students fit more of the noise; random features lack those of the teacher."
    )
    finding = (
        f"Risk is least, {best['risk']:.3g}, for {best['machine']} of width {best['features']:.0f}."
    )
    chart = alt.layer(*layers).properties(height=300)
    return Panel("width", "Risk by width", chart, caption, finding)


def _counted(tables: Tables) -> str:
    """Of how many replicates the measured means are, so far."""
    risk = rows(tables, "risk")
    count = 0 if risk.empty else risk["replicate"].nunique()
    return "one replicate" if count == 1 else f"mean of {count} replicates"
