"""The page of goodness-of-fit tests: size with each table, power, and the statistics' laws."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
A goodness-of-fit test compares the share $F_n(x)$ of values up to $x$ with a law $F$, by the largest
gap (Kolmogorov–Smirnov) or by the mean square of it (Cramér–von Mises; Anderson–Darling with weight
on the tails):

$$
D = \sup_x |F_n - F|, \qquad W^2 = n\!\int (F_n - F)^2\,dF,
$$

$$
A^2 = n\!\int \frac{(F_n - F)^2}{F(1-F)}\,dF.
$$

The usual tables are for an $F$ that was known beforehand. If its parameters were estimated from the
same values, the fitted $F$ has moved towards them, all three statistics are smaller, and a test by
those tables hardly ever rejects: not the right family, and not a wrong one either.

**What holds instead.** With a location and a scale, and after a logarithm with a shape and a scale,
the laws of the statistics do not depend on the parameters. They can be simulated once for each $n$
(Lilliefors), and Stephens' tables hold their points. In the limit $\sqrt n\,(F_n - F)$ has covariance

$$
\min(s,t) - st - g(s)^\top I^{-1} g(t),
$$

$g$ the derivative of $F$ in the parameters and $I$ the information of a value; the last term is what
estimation takes away. $W^2$ and $A^2$ are then $\sum_j \lambda_j \chi^2_1$ over its eigenvalues, the
dotted curves here. For other families there is no table, and `core.families.significance` draws
from the fitted law and fits again.

**What to look for.** The corrected tests lie on the diagonal. The naive ones lie far below it, and have
less power than their level against samples that are not from the family at all.
Then take a wrong table, or round the values: a rounded sample is not from any continuous law.

Sources: Lilliefors (1967), [JASA 62, 399](https://doi.org/10.1080/01621459.1967.10482916);
Durbin (1973), [Annals of Statistics 1, 279](https://doi.org/10.1214/aos/1176342365);
Stephens (1974), [JASA 69, 730](https://doi.org/10.1080/01621459.1974.10480196);
D'Agostino & Stephens (1986), *Goodness-of-fit techniques*, chapter 4;
Besag & Clifford (1991), [Biometrika 78, 301](https://doi.org/10.1093/biomet/78.2.301).
"""

TESTS = {"ks": "Kolmogorov–Smirnov", "cvm": "Cramér–von Mises", "ad": "Anderson–Darling"}
METHODS = {
    "simulated": "simulated",
    "stephens": "Stephens",
    "naive": "naive",
}
COLOUR = alt.Color(
    "method:N",
    scale=alt.Scale(domain=list(METHODS.values()), range=[charts.VALIDATION, charts.THIRD, charts.TEST]),
    legend=alt.Legend(title=None, orient="bottom", columns=1),
)
LOG = {"axis": alt.Axis(tickCount=4, format="~g")}


def _shape() -> alt.Shape:
    """A shape for each test; on a phone its legend has to stand beside that of the colours."""
    legend = alt.Legend(
        title=None,
        orient="bottom",
        columns=1,
        symbolFillColor=charts.ink(),
        symbolStrokeColor=charts.ink(),
    )
    scale = alt.Scale(domain=list(TESTS.values()), range=["circle", "square", "triangle-up"])
    return alt.Shape("test:N", scale=scale, legend=legend)


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """Sizes at 5 % of the naive and of the corrected test, and their power at the largest n."""
    size, power = rows(tables, "size"), rows(tables, "power")
    if size.empty:
        return []
    at = size[(size["level"] == 0.05) & (size["test"] == "ks")].set_index("method")
    of = f"share of {config.replicates:,} right samples that Kolmogorov–Smirnov rejects at nominal 5 %"
    made = [
        Figure(name, _share(at.loc[method, "size"], at.loc[method, "standard_error"], config), of)
        for method, name in (("naive", "Size, naive"), ("simulated", "Size, corrected"))
    ]
    if power.empty:
        return made
    last = power[(power["samples"] == power["samples"].max()) & (power["test"] == "ad")]
    value = last.set_index("method").loc["simulated"]
    said = f"Anderson–Darling, {config.alternative} samples of {int(value['samples'])} values"
    shown = charts.number(value["power"], value["standard_error"])
    return [*made, Figure("Power, corrected", shown, said)]


def _share(size: float, error: float, config: Config) -> str:
    """A share with its error; where no sample was rejected, the share that 95 % confidence leaves."""
    return charts.number(size, error) if size else f"below {3 / config.replicates:.2g}"


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Size against nominal level, power against n, and the law of the statistic."""
    made = []
    if not rows(tables, "size").empty:
        made.append(_size(tables, config))
    if not rows(tables, "power").empty:
        made.append(_power(tables, config))
    if not rows(tables, "tail").empty:
        made.append(_tail(tables, config))
    return made


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(test=frame["test"].map(TESTS), method=frame["method"].map(METHODS))


def _size(tables: Tables, config: Config) -> Panel:
    size = _named(rows(tables, "size"))
    least = 0.3 / config.replicates
    # A size of zero has no place on a log scale.
    shown = size[size["size"] > 0]
    scale = alt.Scale(type="log", domain=[max(least, 1e-4), 1.0], nice=False)
    x = alt.X(
        "level:Q", title="nominal level (log scale)", scale=alt.Scale(type="log", nice=False), **LOG
    )
    y = alt.Y("size:Q", title="share of right samples rejected (log scale)", scale=scale, **LOG)
    tooltip = [
        alt.Tooltip("test:N"),
        alt.Tooltip("method:N"),
        alt.Tooltip("level:Q", title="nominal level", format=".3g"),
        alt.Tooltip("size:Q", title="rejected", format=".3g"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".2g"),
        alt.Tooltip("predicted:Q", title="theory", format=".3g"),
    ]
    ends = pd.DataFrame({"level": [0.001, 0.5], "predicted": [0.001, 0.5]})
    name = pd.DataFrame({"level": [0.0032], "predicted": [0.0032], "name": ["nominal level"]})
    up = alt.Y("predicted:Q", scale=scale)
    limits = size[(size["method"] == METHODS["naive"]) & size["predicted"].notna()]
    layers = [
        charts.theory(ends, x, up),
        alt.Chart(name)
        .mark_text(color=charts.ink(), fontSize=11, align="right", dx=-6, dy=-6)
        .encode(x=x, y=up, text="name:N"),
        charts.theory(limits, x, up, asymptotic=True, detail="test:N"),
        alt.Chart(shown)
        .mark_point(filled=True, size=38, opacity=0.9, clip=True)
        .encode(x=x, y=y, color=COLOUR, shape=_shape(), tooltip=tooltip),
    ]
    caption = (
        f"Share of {config.replicates:,} {config.family} samples of {config.samples} values; a share of "
        "0 is not drawn. Simulated, Stephens: tables for estimated parameters; naive: for known ones. "
        "Dashed: nominal; dotted: limits of the naive Cramér–von Mises and Anderson–Darling tests."
    )
    at = size[(size["level"] == 0.05) & (size["test"] == TESTS["ks"])].set_index("method")["size"]
    text = (
        f"Size against nominal level. At 5 % the naive Kolmogorov–Smirnov test rejects "
        f"{at[METHODS['naive']]:.2g} of right samples, the corrected one {at[METHODS['simulated']]:.2g}."
    )
    title = "How often is the right family rejected?"
    return Panel("size", title, alt.layer(*layers).properties(height=420), caption, text)


def _power(tables: Tables, config: Config) -> Panel:
    power = _named(rows(tables, "power"))
    power = power.assign(
        low=(power["power"] - power["standard_error"]).clip(0),
        high=(power["power"] + power["standard_error"]).clip(upper=1),
    )
    x = alt.X(
        "samples:Q",
        title="values n in a sample (log scale)",
        scale=alt.Scale(type="log", nice=False, padding=12),
        axis=alt.Axis(values=sorted(power["samples"].unique().tolist()), labelOverlap=True),
    )
    y: dict[str, Any] = {"title": "share rejected", "scale": alt.Scale(domain=[0, 1])}
    named = [METHODS["simulated"], METHODS["naive"]]
    colour = alt.Color(
        "method:N",
        scale=alt.Scale(domain=named, range=[charts.VALIDATION, charts.TEST]),
        legend=alt.Legend(title=None, orient="bottom", columns=1),
    )
    base = alt.Chart(power).encode(x=x, color=colour, detail="test:N")
    level = alt.Chart(pd.DataFrame({"level": [config.level]}))
    tooltip = [
        alt.Tooltip("test:N"),
        alt.Tooltip("method:N"),
        alt.Tooltip("samples:Q", title="n"),
        alt.Tooltip("power:Q", format=".3g"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".2g"),
    ]
    layers = [
        level.mark_rule(color=charts.FLOOR, strokeDash=[1, 2]).encode(y="level:Q"),
        base.mark_line(strokeWidth=1.5, opacity=0.7).encode(y=alt.Y("power:Q", **y)),
        base.mark_rule().encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_point(filled=True, size=55, opacity=1).encode(
            y=alt.Y("power:Q", **y), shape=_shape(), tooltip=tooltip
        ),
    ]
    caption = (
        f"Share of {config.replicates // 5:,} {config.alternative} samples rejected as {config.family} "
        f"at level {config.level:g} (grey), ± standard error."
    )
    last = power[power["samples"] == power["samples"].max()].set_index(["method", "test"])["power"]
    ad = TESTS["ad"]
    text = (
        f"Power by sample size. At the largest, Anderson–Darling rejects "
        f"{last[METHODS['simulated'], ad]:.2g}, and {last[METHODS['naive'], ad]:.2g} by the naive table."
    )
    title = f"Who notices that the samples are {config.alternative}?"
    return Panel("power", title, alt.layer(*layers).properties(height=340), caption, text)


def _tail(tables: Tables, config: Config) -> Panel:
    tail = rows(tables, "tail")
    ad = tail[tail["test"] == "ad"]
    x = alt.X("value:Q", title="Anderson–Darling statistic", scale=alt.Scale(domain=[0, 4], nice=False))
    scale = alt.Scale(type="log", domain=[1e-4, 1.0], nice=False)
    title = "share of samples above (log scale)"
    layers = [
        charts.theory(ad, x, alt.Y("estimated:Q", title=title, scale=scale, **LOG), asymptotic=True),
        charts.theory(ad, x, alt.Y("known:Q", title=title, scale=scale, **LOG)),
        alt.Chart(ad[ad["exceeded"] > 0])
        .mark_point(filled=True, size=30, color=charts.VALIDATION, opacity=1, clip=True)
        .encode(
            x=x,
            y=alt.Y("exceeded:Q", title=title, scale=scale, **LOG),
            tooltip=[
                alt.Tooltip("value:Q", format=".3g"),
                alt.Tooltip("exceeded:Q", title="share above", format=".3g"),
                alt.Tooltip("estimated:Q", title="limit, estimated", format=".3g"),
                alt.Tooltip("known:Q", title="limit, known", format=".3g"),
            ],
        ),
        _label(ad, "known", 2.0, "usual table"),
        _label(ad, "estimated", 0.9, "limit, parameters estimated"),
    ]
    caption = (
        f"Points: {config.replicates:,} samples, parameters estimated. Dotted: limit with estimated "
        "parameters; dashed: with known ones, the usual table."
    )
    five = ad.loc[(ad["known"] - 0.05).abs().idxmin()]
    text = (
        f"Law of the Anderson–Darling statistic. The usual 5 % point {five['value']:.3g} is exceeded by "
        f"{five['exceeded']:.2g} of samples."
    )
    chart = alt.layer(*layers).properties(height=320)
    return Panel("tail", "How much smaller does estimation make the statistic?", chart, caption, text)


def _label(curve: pd.DataFrame, column: str, at: float, name: str) -> alt.Chart:
    row = curve.loc[[(curve["value"] - at).abs().idxmin()]].assign(name=name)
    text = alt.Chart(row).mark_text(color=charts.ink(), fontSize=11, align="left", dx=6, dy=-6)
    return text.encode(x="value:Q", y=f"{column}:Q", text="name:N")
