"""The page of fitting a distribution: density over histogram, Q–Q and P–P, the ranking, the refits."""

import math
import re
from typing import Any

import altair as alt
import pandas as pd

from core.datasets.columns import BUNDLED
from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
A **family** is a set of distributions with a few numbers to choose, its parameters $\theta$.
**Maximum likelihood** chooses those under which the $n$ values are most probable: the maximum of
$\log L(\theta) = \sum_i \log f(x_i; \theta)$. More parameters always fit better, so families are
compared by

$$
\mathrm{AICc} = 2k - 2 \log L(\hat\theta) + \frac{2k(k+1)}{n-k-1}, \qquad
\mathrm{BIC} = k \log n - 2 \log L(\hat\theta),
$$

with $k$ free parameters. Within 2 of the least AICc two families are **practically tied**: these
data do not tell them apart. The Akaike weight $e^{-\Delta/2}$, made to sum to 1, says how much
speaks for each, *among those compared*; a best family can still fit badly, and the Q–Q plot shows it.

**How well the parameters are known.** If the family is right, then as $n$ grows

$$
\sqrt n\,(\hat\theta - \theta) \to N(0, H^{-1}), \qquad
2 \bigl(\log L(\hat\theta) - \log L(\theta)\bigr) \to \chi^2_k ,
$$

where $H$ is the mean second derivative of $-\log f$ (the observed information). The standard errors
come from it. Refits to resampled data spread instead by $H^{-1} J H^{-1} / n$, with $J$ the variance
of the first derivative. The two agree when the family is right, because then $J = H$. When it is not,
the standard errors are wrong, and the last chart leaves its dashed line: no truth need be known.

**What it assumes.** Independent values of one distribution, a maximum inside the family, a support
that does not depend on the parameters. Fits that break the last two say so in the table `fits`.

**What to look for.** Replace 5 % of the values by ones ten times as large: the estimates leave the
truth by many standard errors, and a family with a heavier tail takes the lead. Assume the exponential
for gamma values: its standard error is too large by half. Take $n = 50$: several families are tied.

**Does the best one fit at all?** Samples are drawn from the fit and fitted again; the p-value is the
share of them that lie at least as far from their own fit as the data do. Tables that ignore the fitting
would reject almost never.

Sources: Akaike 1974, *IEEE Transactions on Automatic Control* 19, 716; Hurvich & Tsai 1989,
*Biometrika* 76, 297; Burnham & Anderson 2002, *Model Selection and Multimodel Inference*; White 1982,
*Econometrica* 50, 1; Wilks 1938, *Annals of Mathematical Statistics* 9, 60; Lilliefors 1967, *JASA*
62, 399.
"""

DRAWN = 4
LEVEL = 0.05
TOLD = {
    "delta": "AICc above the best",
    "weight": "Akaike weight",
    "bic": "BIC",
    "ks": "KS",
    "p_value": "p-value",
}


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """The best family, its parameters, what it is tied with, and how far it lies from the data."""
    fits = _ranked(tables)
    if fits.empty:
        return []
    best = fits.iloc[0]
    mine = rows(tables, "parameters").query("family == @best.family")
    values = [charts.number(p.estimate, p.standard_error) for p in mine.itertuples()]
    tied = [f for f in fits[fits["tied"].astype(bool)]["family"] if f != best["family"]]
    far = "share of samples drawn from the fit, and fitted again, that lie at least as far from it"
    value = best["p_value"]
    fit = [Figure("Goodness of fit", f"p = {value:.2g}", far)] if pd.notna(value) else []
    return [
        Figure("Best family", best["family"], best["note"] or f"least AICc of {len(fits)} families"),
        Figure(", ".join(mine["parameter"]), ", ".join(values), "maximum likelihood ± standard error"),
        Figure("Tied with", ", ".join(tied) or "none", "families whose AICc is within 2 of the best"),
        *fit,
    ]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Density over histogram, ranking, Q–Q, P–P, and the refits of the assumed family."""
    counts = _counts(tables, config)
    made = [_density(tables, counts, _named(config)), _ranking(tables), _quantiles(tables, counts)]
    made += [_probabilities(tables, counts), _refits(tables)]
    return [panel for panel in made if panel]


def _named(config: Config) -> str:
    """What the values are, with their unit where it is known."""
    if config.data in BUNDLED:
        return re.sub(r" \([\d,]+\)$", "", BUNDLED[config.data])
    return config.column or (
        "simulated value" if config.data == "simulated" else "value, in its own unit"
    )


def _ranked(tables: Tables) -> pd.DataFrame:
    fits = rows(tables, "fits")
    return fits if fits.empty else fits[fits["rank"] > 0].sort_values("rank")


def _shown(tables: Tables, name: str, most: int = DRAWN) -> tuple[pd.DataFrame, list[str]]:
    """The rows of the best families, and their names in order."""
    fits, data = _ranked(tables), rows(tables, name)
    if fits.empty or data.empty:
        return pd.DataFrame(), []
    best = list(fits["family"])[:most]
    return data[data["family"].isin(best)], best


def _legend(columns: Any = alt.Undefined) -> alt.Legend:
    return alt.Legend(title=None, orient="bottom", columns=columns, padding=0, offset=8)


def _colour(families: list[str]) -> alt.Color:
    scale = alt.Scale(domain=families, range=charts.SERIES[: len(families)])
    return alt.Color("family:N", scale=scale, legend=_legend(2))


def _counts(tables: Tables, config: Config) -> bool:
    """Whether the values are counts: the families that were compared say so."""
    return bool(rows(tables, "fits").get("family", pd.Series()).isin(config.count_families).any())


def _told(titles: dict[str, str]) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{name}:Q", title=title, format=",.5~g") for name, title in titles.items()]


def _density(tables: Tables, counts: bool, named: str) -> Panel | None:
    bins, truth = rows(tables, "histogram"), rows(tables, "truth")
    curves, families = _shown(tables, "density")
    if bins.empty:
        return None
    scale = alt.Scale(domain=[0, _top(bins, curves, counts)], nice=False)
    title = "probability of a whole number" if counts else "density, 1 / unit of the value"
    y = alt.Y("density:Q", title=title, scale=scale)
    layers: list[Any] = [_bars(bins, y, counts, named)]
    if families:
        layers.append(_laws(curves, y, counts).encode(color=_colour(families)))
    if not truth.empty:
        layers.append(charts.theory(truth, alt.X("x:Q"), y))
    kind = "probabilities" if counts else "density"
    said = f" Dashed: the {kind} that the values were drawn from." if not truth.empty else ""
    width = float(bins["right"].iloc[0] - bins["left"].iloc[0])
    wide = f" A bar is the mean over {width:.0f} whole numbers." if counts and width > 1 else ""
    drawn = f" Drawn: the best {len(families)}." if len(families) > 1 else ""
    caption = f"{_finding(tables)}{drawn}{said}{wide}"
    name = "Fitted probabilities" if counts else "Fitted densities"
    return _panel("density", name, alt.layer(*layers), caption, 400)


def _panel(key: str, title: str, chart: alt.LayerChart, caption: str, height: int = 340) -> Panel:
    """A panel whose caption states its finding."""
    return Panel(key, title, chart.properties(height=height), caption, caption)


def _top(bins: pd.DataFrame, curves: pd.DataFrame, counts: bool) -> float:
    """The height that shows the bars and the laws, except where a density is infinite (at an end of
    its support, on few of the points drawn) or where a bad fit would flatten the bars."""
    bars = 1.35 * float(bins["density"].max())
    if curves.empty:
        return bars
    finite = curves[curves["density"] < math.inf].groupby("family")["density"]
    high = 1.05 * float(finite.quantile(1.0 if counts else 0.985).max())
    return max(bars, min(high, 2 * bars))


def _bars(bins: pd.DataFrame, y: alt.Y, counts: bool, named: str) -> alt.Chart:
    whole = {"axis": alt.Axis(tickMinStep=1, format=",d")} if counts else {}
    x = alt.X("left:Q", title=named, scale=alt.Scale(zero=False, nice=False), **whole)
    tooltip = _told({"left": "from", "right": "to", "count": "values"})
    marks = alt.Chart(bins).mark_rect(color=charts.FLOOR, opacity=0.35)
    return marks.encode(x=x, x2="right:Q", y=y, y2=alt.datum(0), tooltip=tooltip)


def _laws(curves: pd.DataFrame, y: alt.Y, counts: bool) -> alt.Chart:
    """Densities as lines; probabilities as points at whole numbers, joined only to be followed."""
    dots = alt.OverlayMarkDef(filled=True, size=36, opacity=1) if counts else False
    marks = alt.Chart(curves).mark_line(strokeWidth=0.75 if counts else 2, clip=True, point=dots)
    return marks.encode(x="x:Q", y=y)


def _finding(tables: Tables) -> str:
    """The verdict in words."""
    fits = _ranked(tables)
    if fits.empty:
        return "No family is fitted yet."
    n = int(fits["samples"].iloc[0])
    tied = list(fits[fits["tied"].astype(bool)]["family"])
    others = len(fits) - len(tied)
    if len(tied) > 1:
        rest = f"the other {others} fit less well" if others > 1 else "the other fits less well"
        joined = ", ".join(tied[:-1]) + " and " + tied[-1]
        said = f"By AICc, {joined} cannot be told apart at n = {n:,}{f'; {rest}' if others else ''}."
    elif others == 0:
        said = f"Only {tied[0]} was compared, at n = {n:,}."
    else:
        second = fits.iloc[1]
        said = (
            f"{tied[0].capitalize()} fits best of {len(fits)} at n = {n:,}; next is {second['family']}, "
            f"{charts.number(second['delta'])} higher in AICc."
        )
    return said + _consistency(fits)


def _consistency(fits: pd.DataFrame) -> str:
    """Which of the best families the data speak against, by their p-values."""
    known = fits[fits["p_value"].notna()]
    if known.empty:
        return ""
    fine = known["p_value"] >= LEVEL
    if fine.all():
        every = "They are" if len(known) > 1 else "It is"
        return f" {every} consistent with the data (p ≥ {LEVEL})."
    against = ", ".join(f"{f.family} (p = {f.p_value:.2g})" for f in known[~fine].itertuples())
    if not fine.any():
        return f" The data speak against the best too: {against}."
    return f" Consistent with the data: {', '.join(known[fine]['family'])}; not: {against}."


def _ranking(tables: Tables) -> Panel | None:
    fits = _ranked(tables)
    if fits.empty:
        return None
    # Linear near the band of ties, logarithmic beyond, for differences of 1 and of 1,000 alike.
    scale = alt.Scale(type="symlog", constant=2, domain=[0, max(4.0, 1.2 * float(fits["delta"].max()))])
    ticks = [0, 2, *(10**k for k in range(1, 8))]
    axis = alt.Axis(values=ticks, format=",.0f", labelOverlap="greedy")
    title = ["AICc above the best", "(linear below 2, then logarithmic)"]
    x = alt.X("delta:Q", title=title, scale=scale, axis=axis)
    y = alt.Y("family:N", sort=list(fits["family"]), title=None)
    band = (
        alt.Chart(pd.DataFrame({"low": [0.0], "high": [2.0]}))
        .mark_rect(color=charts.VALIDATION, opacity=0.15)
        .encode(x=alt.X("low:Q", scale=scale), x2="high:Q")
    )
    colour = alt.condition("datum.tied", alt.value(charts.VALIDATION), alt.value(charts.FLOOR))
    points = alt.Chart(fits).mark_point(filled=True, size=70, opacity=1)
    points = points.encode(x=x, y=y, color=colour, tooltip=["family:N", *_told(TOLD), "note:N"])
    failed = rows(tables, "fits").query("rank.isna()")["family"]
    left = f" Not fitted: {', '.join(failed)}; the table fits says why." if len(failed) else ""
    caption = f"Green: practically tied with the best (at most 2 higher).{left}"
    chart = (band + points).properties(height=alt.Step(22))
    return Panel("ranking", "Which families are tied?", chart, caption, f"{_finding(tables)} {caption}")


def _diagonal(low: float, high: float, x: alt.X, y: alt.Y, *columns: str, **line: bool) -> alt.Chart:
    return charts.theory(pd.DataFrame({name: [low, high] for name in columns}), x, y, **line)


def _points(data: pd.DataFrame, families: list[str], x: alt.X, y: alt.Y, counts: bool) -> alt.Chart:
    tooltip = ["family:N", *(alt.Tooltip(f"{c}:Q", format=".4g") for c in data.columns if c != "family")]
    size = 45 if counts else 18
    marks = alt.Chart(data).mark_point(filled=True, size=size, opacity=0.75, clip=True)
    shapes = ["circle", "square", "triangle-up", "diamond"][: len(families)]
    shape = alt.Shape("family:N", scale=alt.Scale(domain=families, range=shapes))
    return marks.encode(x=x, y=y, color=_colour(families), shape=shape, tooltip=tooltip)


def _quantiles(tables: Tables, counts: bool) -> Panel | None:
    data, families = _shown(tables, "quantiles", 3)
    if data.empty:
        return None
    low, high = float(data["observed"].min()), float(data["observed"].max())
    # A heavy tail's last quantile would squeeze all the rest.
    ends = [low - 0.03 * (high - low), high + 0.15 * (high - low)]
    scale = alt.Scale(domain=ends, nice=False)
    axis = alt.Axis(tickMinStep=1, format=",d") if counts else alt.Axis()
    x = alt.X("fitted:Q", title="fitted quantile", scale=scale, axis=axis)
    y = alt.Y("observed:Q", title="observed value", scale=scale, axis=axis)
    chart = _points(data, families, x, y, counts) + _diagonal(low, high, x, y, "fitted", "observed")
    caption = (
        f"{_places(data, counts)}. On the dashed line the family fits; above it on the right, the data "
        "have a heavier upper tail. Fitted quantiles beyond the axis are left out."
    )
    return _panel("quantiles", "Q–Q: do the tails fit?", chart, caption)


def _places(data: pd.DataFrame, counts: bool) -> str:
    """What a point is."""
    if counts:
        return f"A point for each of {data['observed'].nunique()} distinct values, in each family"
    return f"At {data['probability'].nunique()} ranks"


def _probabilities(tables: Tables, counts: bool) -> Panel | None:
    data, families = _shown(tables, "quantiles", 3)
    if data.empty:
        return None
    scale = alt.Scale(domain=[0, 1])
    x = alt.X("fitted_probability:Q", title="fitted probability up to the value", scale=scale)
    y = alt.Y("probability:Q", title="observed share up to the value", scale=scale)
    diagonal = _diagonal(0.0, 1.0, x, y, "fitted_probability", "probability")
    chart = _points(data, families, x, y, counts) + diagonal
    half = " Of the value itself half is counted, in both." if counts else ""
    caption = (
        f"The same values by probability: departures from the dashed line show in the middle.{half}"
    )
    return _panel("probabilities", "P–P: does the middle fit?", chart, caption)


def _refits(tables: Tables) -> Panel | None:
    data = rows(tables, "sampling")
    if data.empty:
        return None
    family, order = data["family"].iloc[0], list(dict.fromkeys(data["parameter"]))
    scale = alt.Scale(domain=order, range=charts.SERIES[4:7][: len(order)])
    legend = _legend()
    x = alt.X("expected:Q", title="normal prediction, standard errors")
    y = alt.Y("deviation:Q", title="refit − estimate, standard errors")
    points = alt.Chart(data).mark_point(filled=True, size=18, opacity=0.75)
    points = points.encode(
        x=x,
        y=y,
        color=alt.Color("parameter:N", scale=scale, legend=legend),
        shape=alt.Shape("parameter:N", scale=alt.Scale(domain=order), legend=legend),
        tooltip=["parameter:N", *_told({"estimate": "estimate"})],
    )
    chart = points + _diagonal(-3.0, 3.0, x, y, "expected", "deviation", asymptotic=True)
    caption = (
        f"Refits of {family} to resampled values, in order, at {len(data) // len(order)} ranks. On the "
        "dotted line they spread as the standard errors say; steeper, the standard errors are too small."
    )
    return _panel("refits", "Are the standard errors right?", chart, caption)
