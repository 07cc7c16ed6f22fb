"""The page of regularization: risk of four methods on one axis, and what each does to a direction."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
Along a principal direction in which the samples have variance $s$, least squares has an error of
variance $\sigma^2/(ns)$: weak directions are learnt worst. Regularisation multiplies the
coefficient along each direction by a factor between 0 and 1,

$$
\text{ridge: } \frac{s}{s+\lambda},\qquad
\text{stopped at } t=\tfrac1\lambda:\ 1-e^{-s/\lambda},\qquad
\text{components: } 1 \text{ if } s>\lambda .
$$

All leave the strong directions and shrink the weak; they differ in how sharply. With coefficients
of mean square $\tau^2$ along every direction, the mean excess risk of factors $f$, given the
samples, is exactly

$$
\sum_i w_i\Bigl(\tau^2(1-f_i)^2 + \frac{\sigma^2 f_i^2}{n s_i}\Bigr),
$$

$w_i$ the variance of new samples along the direction. Term by term, early stopping has at most
$1.6862$ times the risk of ridge at $t = 1/\lambda$; with each at its best, at most $1.22$ times.

**Noise in training is a penalty on average.** Noise of variance $\lambda$ on the inputs, and copies
of the samples with such noise (augmentation), add $\lambda\lVert b\rVert^2$ to the mean loss. Dropout
of a share $q$ of the inputs adds $\frac{q}{1-q}\sum_j m_j b_j^2$, $m_j$ the mean square of column
$j$: ridge on standardised columns, and only there. Weight decay in gradient descent ends at ridge.

**What is different.** The lasso shrinks by columns, not by directions, and sets coefficients to
zero. Label smoothing penalises confidence, whatever the size of the coefficients.

**What it assumes.** Linear least squares; for the risk, coefficients alike along all directions.
Put them along the weakest: the formula fails, and the less shrinkage the better. Give columns units
of their own: dropout is no longer ridge, input noise still is.

**What to look for.** Ridge and early stopping have nearly the same least risk, at the same effective
number of coefficients. Components cut off instead of shrinking, and the lasso looks for few columns
where all count: here both do worse. Raise the correlation: directions differ more.

Sources: [Ali, Kolter & Tibshirani (arXiv:1810.10082)](https://arxiv.org/abs/1810.10082);
[Bishop (1995)](https://doi.org/10.1162/neco.1995.7.1.108);
[Wager, Wang & Liang (arXiv:1307.1493)](https://arxiv.org/abs/1307.1493);
[Tibshirani (1996)](https://doi.org/10.1111/j.2517-6161.1996.tb02080.x);
[Szegedy et al. (arXiv:1512.00567)](https://arxiv.org/abs/1512.00567).
"""

NAMES = {
    "ridge": "ridge",
    "flow": "early stopping",
    "components": "components",
    "lasso": "lasso",
    "dropout": "dropout",
    "noise": "input noise",
}
COLOURS = dict(zip(NAMES, [*charts.SERIES[:4], charts.SERIES[5], charts.SERIES[4]], strict=True))
SHAPES = dict(
    zip(NAMES, ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"], strict=True)
)
UNIT = "squared units of the target"


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """The least risk of each method."""
    summary = rows(tables, "summary")
    if summary.empty:
        return []
    figures = []
    for name in ("ridge", "flow", "lasso"):
        curve = summary[summary["method"] == name]
        if curve.empty:
            continue
        best = curve.loc[curve["risk"].idxmin()]
        value = charts.number(best["risk"], best["standard_error"])
        at = f"with {best['freedom']:.3g} effective coefficients; mean test risk, {UNIT}"
        figures.append(Figure(f"Least risk, {NAMES[name]}", value, at))
    return figures


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Risk of the methods; factors by direction; the ratio and its bound; paths; smoothing."""
    made = []
    if not rows(tables, "summary").empty:
        made.append(_risk(tables, config))
    if not rows(tables, "factors").empty:
        made.append(_factors(tables, config))
    if not rows(tables, "ratio").empty:
        made.append(_ratio(tables, config))
    if not rows(tables, "paths").empty:
        made.append(_paths(tables))
    if not rows(tables, "smoothing").empty:
        made.append(_smoothing(tables))
    return made


def _encoded(names: list[str]) -> dict[str, Any]:
    shown = [name for name in NAMES if name in names]
    domain = [NAMES[n] for n in shown]
    legend = alt.Legend(title=None, orient="bottom", columns=2)
    colours = alt.Scale(domain=domain, range=[COLOURS[n] for n in shown])
    shapes = alt.Scale(domain=domain, range=[SHAPES[n] for n in shown])
    return {
        "color": alt.Color("name:N", scale=colours, legend=legend),
        "shape": alt.Shape("name:N", scale=shapes, legend=legend),
    }


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(name=frame["method"].map(NAMES))


def _risk(tables: Tables, config: Config) -> Panel:
    summary, theory = _named(rows(tables, "summary")), rows(tables, "theory")
    shown = summary.assign(
        low=summary["risk"] - summary["standard_error"].fillna(0),
        high=summary["risk"] + summary["standard_error"].fillna(0),
    )
    least, most = shown["risk"].min(), shown["risk"].quantile(0.95)
    low, floor = least - 0.05 * (most - least), config.noise**2
    near = config.data == "simulated" and least - floor < 0.5 * least
    low = min(low, 0.98 * floor) if near else low
    heights = alt.Scale(domain=[low, most * 1.05], nice=False)
    x = alt.X("freedom:Q", title="effective number of coefficients", scale=alt.Scale(nice=False))
    y: dict[str, Any] = {"title": f"test risk, {UNIT}", "scale": heights}
    coded = _encoded(list(shown["method"]))
    tooltip = [
        alt.Tooltip("name:N", title="method"),
        alt.Tooltip("penalty:Q", title="penalty", format=".3g"),
        alt.Tooltip("freedom:Q", title="effective coefficients", format=".3g"),
        alt.Tooltip("risk:Q", title="mean risk", format=".4g"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".2g"),
    ]
    base = alt.Chart(shown).encode(x=x)
    layers: list[Any] = [
        base.mark_line(strokeWidth=1, opacity=0.5, clip=True).encode(
            y=alt.Y("risk:Q", **y), color=coded["color"], order="penalty:Q"
        ),
        base.mark_rule(opacity=0.6, clip=True).encode(
            y=alt.Y("low:Q", **y), y2="high:Q", color=coded["color"]
        ),
        base.mark_point(filled=True, size=40, opacity=1, clip=True).encode(
            y=alt.Y("risk:Q", **y), tooltip=tooltip, **coded
        ),
    ]
    if not theory.empty:
        curve = charts.theory(theory, x, alt.Y("risk:Q", **y), detail="method:N", order="penalty:Q")
        layers.insert(0, curve)
    if near:
        layers.append(charts.rule(floor, "noise σ²", axis="y", scale=heights))
    best = shown.loc[shown["risk"].idxmin()]
    band = "± standard error"
    caption = f"Points: mean of replicates {band}, at each penalty; the lasso's of 20."
    caption += " Ink, dashed: exact theory given the samples." if not theory.empty else ""
    return Panel(
        "risk",
        "How much shrinkage, and which?",
        alt.layer(*layers).properties(height=420),
        caption,
        f"Test risk against the effective number of coefficients; least {best['risk']:.3g} with "
        f"{best['name']} at {best['freedom']:.3g}.",
    )


def _factors(tables: Tables, config: Config) -> Panel:
    every = rows(tables, "factors")
    curves = _named(every[every["method"].isin(["ridge", "flow", "components"])])
    points = _named(every[every["method"].isin(["dropout", "noise"])])
    x = alt.X(
        "variance:Q",
        title="variance along the direction (log scale)",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(tickCount=5, format="~g"),
    )
    y = alt.Y("factor:Q", title="factor on least squares", scale=alt.Scale(domain=[0, 1.05]))
    coded = _encoded(["ridge", "flow", "components", "dropout", "noise"])
    tooltip = ["name:N", alt.Tooltip("variance:Q", format=".3g"), alt.Tooltip("factor:Q", format=".3f")]
    line = alt.Chart(curves).mark_line(strokeWidth=2, clip=True)
    line = line.encode(x=x, y=y, color=coded["color"], order="rank:O")
    marks: list[Any] = [line, charts.rule(config.penalty, "λ", scale=alt.Scale(type="log", nice=False))]
    if not points.empty:
        point = alt.Chart(points).mark_point(filled=True, size=45, opacity=0.9, clip=True)
        marks.append(point.encode(x=x, y=y, tooltip=tooltip, **coded))
    return Panel(
        "factors",
        "What does each do to a principal direction?",
        alt.layer(*marks).properties(height=380),
        f"Lines: closed forms at λ = {config.penalty:g}, early stopping at t = 1/λ. Points: least "
        f"squares on {config.copies} copies of the samples with dropout, or with noise on the inputs.",
        "Factors by variance of the direction; dropout and input noise lie on the curve of ridge.",
    )


def _ratio(tables: Tables, config: Config) -> Panel:
    shown = rows(tables, "ratio").dropna(subset="measured")
    x = alt.X(
        "penalty:Q",
        title="λ = 1/t (log scale)",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(tickCount=5, format="~g"),
    )
    top = max(1.8, 1.05 * float(shown["measured"].max()))
    heights = alt.Scale(domain=[min(0.7, 0.95 * float(shown["measured"].min())), top], nice=False)
    y: dict[str, Any] = {"title": "risk, early stopping / ridge", "scale": heights}
    tooltip = [
        alt.Tooltip("penalty:Q", title="λ", format=".3g"),
        alt.Tooltip("measured:Q", format=".3f"),
        alt.Tooltip("predicted:Q", format=".3f"),
    ]
    point = alt.Chart(shown).mark_point(filled=True, size=40, color=charts.TEST, opacity=1, clip=True)
    marks: list[Any] = [point.encode(x=x, y=alt.Y("measured:Q", **y), tooltip=tooltip)]
    known = shown.dropna(subset="predicted")
    what = "test risks on held-out rows, for which the bound is not proved"
    if not known.empty:
        marks.insert(0, charts.theory(known, x, alt.Y("predicted:Q", **y)))
        what = "mean excess risks; ink, dashed: exact theory given the samples"
    marks.append(charts.rule(1.6862, "bound 1.6862", axis="y", scale=heights))
    return Panel(
        "ratio",
        "Is stopping early as good as ridge?",
        alt.layer(*marks).properties(height=280),
        f"Points: ratio of {what}.",
        f"The ratio is at most {shown['measured'].max():.3g}; the bound is 1.6862.",
    )


def _paths(tables: Tables) -> Panel:
    shown = rows(tables, "paths")
    # Eight columns have eight colours; the two methods stand above each other.
    order = list(dict.fromkeys(shown["column"]))
    colour = alt.Color(
        "column:N",
        sort=order,
        scale=alt.Scale(domain=order, range=charts.SERIES[: len(order)]),
        legend=alt.Legend(title=None, orient="bottom", columns=2),
    )
    dash = alt.Scale(domain=["lasso", "ridge"], range=[[1, 0], charts.DASHED])
    line = alt.Chart(shown).mark_line(strokeWidth=1.8)
    chart = line.encode(
        x=alt.X("size:Q", title="Σ |coefficient|, share of its largest", scale=alt.Scale(nice=False)),
        y=alt.Y("coefficient:Q", title="coefficient, standardised column"),
        color=colour,
        strokeDash=alt.StrokeDash(
            "method:N", scale=dash, legend=alt.Legend(title=None, orient="bottom", symbolType="stroke")
        ),
        tooltip=["method:N", "column:N", alt.Tooltip("coefficient:Q", format=".3g")],
    )
    zeros = shown[(shown["method"] == "lasso") & (shown["coefficient"] == 0)]["column"].nunique()
    return Panel(
        "paths",
        "Which columns go first?",
        chart.properties(height=440),
        f"The {len(order)} columns that weigh most: the lasso (solid) sets coefficients to zero one by "
        "one, ridge (dashed) none.",
        f"Paths of coefficients; {zeros} of the {len(order)} are zero somewhere on the lasso's path.",
    )


def _smoothing(tables: Tables) -> Panel:
    shown = rows(tables, "smoothing")
    x = alt.X("smoothing:Q", title="label smoothing ε", scale=alt.Scale(domain=[0, 0.8]))
    y: dict[str, Any] = {"title": "probability", "axis": alt.Axis(format=".0%")}
    tooltip = [
        alt.Tooltip("smoothing:Q", title="ε"),
        alt.Tooltip("confidence:Q", format=".1%"),
        alt.Tooltip("mean:Q", title="mean probability", format=".2%"),
        alt.Tooltip("predicted:Q", title="(1 − ε) share + ε/2", format=".2%"),
        alt.Tooltip("norm:Q", title="length of the coefficients", format=".3g"),
    ]
    base = alt.Chart(shown).encode(x=x)
    third = alt.Chart(shown.iloc[2:3]).encode(x=x)
    label = {"align": "left", "dy": 18, "fontSize": 12, "fontWeight": "bold"}
    layers = [
        charts.theory(shown, x, alt.Y("predicted:Q", **y)),
        base.mark_line(color=charts.FLOOR, strokeWidth=1).encode(y=alt.Y("cap:Q", **y)),
        base.mark_point(filled=True, size=50, color=charts.TRAIN, opacity=1).encode(
            y=alt.Y("mean:Q", **y), tooltip=tooltip
        ),
        base.mark_point(filled=True, size=50, color=charts.TEST, opacity=1, shape="square").encode(
            y=alt.Y("confidence:Q", **y), tooltip=tooltip
        ),
        third.mark_text(color=charts.TRAIN, **label).encode(
            y=alt.Y("mean:Q", **y), text=alt.value("mean probability")
        ),
        third.mark_text(color=charts.TEST, **label).encode(
            y=alt.Y("confidence:Q", **y), text=alt.value("confidence")
        ),
    ]
    return Panel(
        "smoothing",
        "What does label smoothing do?",
        alt.layer(*layers).properties(height=280),
        "Logistic regression of the target above its upper quartile, on the samples. Grey: 1 − ε/2, the "
        "most that a class can be given. Ink, dashed: (1 − ε) share + ε/2.",
        f"Confidence falls to {shown['confidence'].iloc[-1]:.0%} at the strongest smoothing.",
    )
