"""The page of sampling distributions: variance against the information bound, tests, and failures."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
An estimate is one draw from its sampling distribution. Fisher's information $I$ of one value, the mean
square of the score, says how narrow that can be: for an unbiased estimator (Cramér, Rao)

$$
\mathrm{Var}\,\hat\theta \ge \frac{1}{nI},
$$

and maximum likelihood reaches it as $n$ grows. Of a symmetric law with density $f$ the mean has
$\sigma^2/n$, the median $1/(4nf(0)^2)$ in the limit: the median is better where $4f(0)^2\sigma^2 > 1$,
as for Laplace values (2) and not for normal ones (0.64).

**Tests.** Twice the log-likelihood ratio, $2\log\Lambda$, of $q$ parameters is $\chi^2_q$ in the limit
(Wilks). Its mean is somewhat above $q$ at finite $n$; divided by mean$/q$ it is far closer (Bartlett).

**Where the usual theory fails**

- At the edge of the parameter space, as for a variance that may be 0: half of the samples
  would like to cross it, and $2\log\Lambda$ is 0 with probability $\tfrac12$, else $\chi^2_1$.
- Where the support is estimated: the largest of $n$ uniform values is off by order $1/n$, not
  $1/\sqrt n$, and $n(\theta - \max)/\theta$ is exponential.
- Where the model is wrong: a Gaussian model takes $\sigma^2\sqrt{2/n}$ as the standard error of its
  variance estimate, while the values spread it by $\sqrt{(\mu_4-\sigma^4)/n}$, which the sandwich sees.

**What they assume.** Independent values of one law, and for the information a right model.

**What to look for.** Which estimator lies on the bound for each law, and that intervals from the wrong
model miss more often the more values there are. Then let values hang together.

Sources: van der Vaart (1998), [*Asymptotic Statistics*](https://doi.org/10.1017/CBO9780511802256),
chapters 5, 9 and 16; Bartlett (1937), [*Proc. R. Soc.* A 160](https://doi.org/10.1098/rspa.1937.0109);
Chernoff (1954), [*Ann. Math. Statist.* 25](https://doi.org/10.1214/aoms/1177728725);
White (1982), [*Econometrica* 50, 1](https://doi.org/10.2307/1912526).
"""

NAMES = {"mean": "mean", "median": "median", "likelihood": "maximum likelihood"}
COLOURS = dict(zip(NAMES, (charts.TRAIN, charts.TEST, charts.VALIDATION), strict=True))
TESTS = {"slopes": "three slopes, χ²₃", "bartlett": "the same, Bartlett", "edge": "mean at its edge"}
COLOUR = alt.Color(
    "name:N",
    scale=alt.Scale(domain=list(NAMES.values()), range=list(COLOURS.values())),
    legend=alt.Legend(title=None, orient="bottom"),
)


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """Efficiency of mean and median at the largest n, and coverage by the wrong standard error."""
    precision, intervals = rows(tables, "precision"), rows(tables, "intervals")
    if precision.empty or intervals.empty:
        return []
    last = precision[precision["samples"] == precision["samples"].max()].set_index("estimator")
    made = []
    for name in ("mean", "median"):
        row = last.loc[name]
        value = row["cramer_rao"] / row["scaled"]
        error = value * row["standard_error"] / row["scaled"]
        said = f"least variance / variance over samples, n = {int(row['samples'])}"
        made.append(Figure(f"Efficiency, {name}", charts.number(value, error), said))
    held = intervals[intervals["samples"] == intervals["samples"].max()].set_index("source")
    row = held.loc["information"]
    said = "share of 95 % intervals for the variance, by a Gaussian model, that hold it"
    return [*made, Figure("Coverage", charts.number(row["coverage"], row["standard_error"]), said)]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Variance by n, the estimates' distributions, tests, intervals, and the end of a uniform."""
    if any(rows(tables, name).empty for name in ("precision", "tests", "laws", "intervals")):
        return []
    return [
        _precision(tables, config),
        _laws(tables, config),
        _tests(tables, config),
        _intervals(tables, config),
        _end(tables, config),
    ]


def _samples(frame: pd.DataFrame) -> alt.X:
    return alt.X(
        "samples:Q",
        title="values n in a sample (log scale)",
        scale=alt.Scale(type="log", nice=False, padding=14),
        axis=alt.Axis(values=sorted(frame["samples"].unique().tolist()), labelOverlap=True),
    )


def _precision(tables: Tables, config: Config) -> Panel:
    shown = rows(tables, "precision")
    shown = shown.assign(
        name=shown["estimator"].map(NAMES),
        low=shown["scaled"] - shown["standard_error"],
        high=shown["scaled"] + shown["standard_error"],
    )
    bound = float(shown["cramer_rao"].iloc[0])
    # Where the variance has no limit to speak of, the mean leaves the chart.
    top = 1.15 * min(float(shown["high"].max()), 6 * bound)
    x = _samples(shown)
    y: dict[str, Any] = {
        "title": "n × variance over samples, squared units",
        "scale": alt.Scale(domain=[0.8 * bound, top], nice=False),
    }
    tooltip = [
        alt.Tooltip("name:N", title="estimator"),
        alt.Tooltip("samples:Q", title="n"),
        alt.Tooltip("scaled:Q", title="n × variance", format=".4g"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".2g"),
        alt.Tooltip("exact:Q", title="exact", format=".4g"),
        alt.Tooltip("limit:Q", title="limit", format=".4g"),
    ]
    base = alt.Chart(shown).encode(x=x, color=COLOUR)
    floor = alt.Chart(shown.head(1))
    layers = [
        floor.mark_rule(color=charts.FLOOR, strokeWidth=1.5).encode(y=alt.Y("cramer_rao:Q", **y)),
        floor.mark_text(color=charts.FLOOR, fontSize=11, align="right", dy=10, dx=-4)
        .transform_calculate(name="'1 / information'")
        .encode(x=alt.value("width"), y=alt.Y("cramer_rao:Q", **y), text="name:N"),
        charts.theory(shown[shown["exact"].notna()], x, alt.Y("exact:Q", **y), detail="estimator:N"),
        charts.theory(shown, x, alt.Y("limit:Q", **y), asymptotic=True, detail="estimator:N"),
        base.mark_rule(strokeWidth=1.5, clip=True).encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_point(filled=True, size=55, opacity=1, clip=True).encode(
            y=alt.Y("scaled:Q", **y), tooltip=tooltip
        ),
    ]
    caption = (
        f"{config.replicates:,} samples, ± standard error. Dashed: exact; dotted: limit of large n; "
        "grey: the least variance of an unbiased estimator."
    )
    last = shown[shown["samples"] == shown["samples"].max()].set_index("estimator")["scaled"]
    best = str(last.idxmin())
    text = f"n times the variance. At the largest n it is least for the {NAMES[best]}, {last[best]:.3g}."
    title = "How precise are they, and how precise could they be?"
    return Panel("precision", title, alt.layer(*layers).properties(height=400), caption, text)


def _laws(tables: Tables, config: Config) -> Panel:
    laws = rows(tables, "laws")
    shown = laws[laws["estimator"].isin(NAMES)]
    shown = shown.assign(name=shown["estimator"].map(NAMES), middle=(shown["left"] + shown["right"]) / 2)
    x = alt.X("middle:Q", title="√n × error, units of the values")
    y = {"title": "density"}
    tooltip = [
        alt.Tooltip("name:N", title="estimator"),
        alt.Tooltip("middle:Q", title="√n × error", format=".3g"),
        alt.Tooltip("density:Q", format=".3g"),
        alt.Tooltip("predicted:Q", title="limit", format=".3g"),
    ]
    layers = [
        charts.theory(shown, x, alt.Y("predicted:Q", **y), asymptotic=True, detail="name:N"),
        alt.Chart(shown)
        .mark_point(filled=True, size=32, opacity=0.9)
        .encode(x=x, y=alt.Y("density:Q", **y), color=COLOUR, tooltip=tooltip),
    ]
    n = int(rows(tables, "precision")["samples"].max())
    caption = f"{config.replicates:,} samples of {n} values, in bins; dotted: the normal limits."
    high = shown.loc[shown["density"].idxmax()]
    text = f"Distributions of estimates. The {high['name']} is the most concentrated."
    title = "What do the estimates look like over samples?"
    return Panel("laws", title, alt.layer(*layers).properties(height=300), caption, text)


def _tests(tables: Tables, config: Config) -> Panel:
    tests = rows(tables, "tests")
    shown = tests[tests["level"] == 0.05]
    shown = shown.assign(
        name=shown["test"].map(TESTS),
        low=shown["size"] - shown["standard_error"],
        high=shown["size"] + shown["standard_error"],
    )
    order = list(TESTS.values())
    colour = alt.Color(
        "name:N",
        scale=alt.Scale(domain=order, range=charts.SERIES[4:7]),
        legend=alt.Legend(title=None, orient="bottom", columns=2),
    )
    x = _samples(shown)
    y = {"title": "share rejected at nominal 5 %", "scale": alt.Scale(zero=True)}
    base = alt.Chart(shown).encode(x=x, color=colour)
    tooltip = [
        alt.Tooltip("name:N", title="test"),
        alt.Tooltip("samples:Q", title="n"),
        alt.Tooltip("size:Q", title="rejected", format=".3g"),
        alt.Tooltip("exact:Q", format=".3g"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".2g"),
    ]
    layers = [
        charts.rule(0.05, "nominal", axis="y"),
        charts.theory(shown, x, alt.Y("exact:Q", **y), detail="test:N"),
        base.mark_rule(strokeWidth=1.5).encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_point(filled=True, size=50, opacity=1).encode(
            y=alt.Y("size:Q", **y), tooltip=tooltip, shape=alt.Shape("name:N", sort=order, legend=None)
        ),
    ]
    caption = (
        f"Likelihood-ratio tests of true hypotheses, {config.replicates:,} samples, ± standard error. "
        "Dashed: exact."
    )
    first = shown[shown["samples"] == shown["samples"].min()].set_index("test")["size"]
    text = (
        f"Size of likelihood-ratio tests at 5 %. At the smallest n, {first['slopes']:.2g} for slopes, "
        f"{first['bartlett']:.2g} after Bartlett's correction."
    )
    title = "Is twice the log-likelihood ratio χ²?"
    return Panel("tests", title, alt.layer(*layers).properties(height=300), caption, text)


def _intervals(tables: Tables, config: Config) -> Panel:
    shown = rows(tables, "intervals")
    names = {"information": "Gaussian information", "sandwich": "sandwich"}
    shown = shown.assign(
        name=shown["source"].map(names),
        low=shown["coverage"] - shown["standard_error"],
        high=shown["coverage"] + shown["standard_error"],
    )
    colour = alt.Color(
        "name:N",
        scale=alt.Scale(domain=list(names.values()), range=[charts.TEST, charts.VALIDATION]),
        legend=alt.Legend(title=None, orient="bottom"),
    )
    x = _samples(shown)
    y = {"title": "share of intervals that hold σ²", "scale": alt.Scale(zero=False)}
    base = alt.Chart(shown).encode(x=x, color=colour)
    tooltip = [
        alt.Tooltip("name:N", title="standard error by"),
        alt.Tooltip("samples:Q", title="n"),
        alt.Tooltip("coverage:Q", format=".3g"),
        alt.Tooltip("limit:Q", format=".3g"),
    ]
    layers: list[Any] = [charts.rule(0.95, "nominal", axis="y")]
    if shown["limit"].notna().all():
        layers.append(charts.theory(shown, x, alt.Y("limit:Q", **y), asymptotic=True, detail="source:N"))
    layers += [
        base.mark_rule(strokeWidth=1.5).encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_point(filled=True, size=50, opacity=1).encode(
            y=alt.Y("coverage:Q", **y), tooltip=tooltip
        ),
    ]
    caption = (
        "95 % intervals for the variance, by two standard errors. Dotted: the limit of large n, which "
        "the sandwich approaches slowly where tails are heavy."
    )
    last = shown[shown["samples"] == shown["samples"].max()].set_index("source")["coverage"]
    text = (
        f"Coverage at the largest n: {last['information']:.3g} by the Gaussian model, "
        f"{last['sandwich']:.3g} by the sandwich."
    )
    title = "Are intervals right when the model is wrong?"
    return Panel("intervals", title, alt.layer(*layers).properties(height=300), caption, text)


def _end(tables: Tables, config: Config) -> Panel:
    laws = rows(tables, "laws")
    shown = laws[laws["estimator"] == "end"]
    shown = shown.assign(middle=(shown["left"] + shown["right"]) / 2)
    x = alt.X("left:Q", title="n (θ − max) / θ", scale=alt.Scale(domain=[0, 6], nice=False))
    y = {"title": "density"}
    bars = alt.Chart(shown).mark_rect(color=charts.TRAIN, opacity=0.4)
    layers = [
        bars.encode(
            x=x,
            x2="right:Q",
            y=alt.Y("density:Q", **y),
            y2=alt.value("height"),
            tooltip=[
                alt.Tooltip("middle:Q", title="n (θ − max) / θ", format=".2f"),
                alt.Tooltip("density:Q", format=".3g"),
                alt.Tooltip("predicted:Q", title="exponential", format=".3g"),
            ],
        ),
        charts.theory(shown, alt.X("middle:Q"), alt.Y("predicted:Q", **y), asymptotic=True),
    ]
    caption = (
        f"Bars: the largest of n uniform values below θ, {config.replicates:,} samples. Dotted: the "
        "exponential limit; no normal law, and errors of order 1/n."
    )
    text = f"Error of the end of a uniform. Density {shown['density'].iloc[0]:.2g} next to 0, falling."
    title = "How far is the largest value from the end?"
    return Panel("end", title, alt.layer(*layers).properties(height=260), caption, text)
