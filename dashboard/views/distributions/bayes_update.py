"""The page of Bayesian updating: prior to posterior, its test against truths, the normal limit; tests
of a rare condition; the evidence of polynomials."""

from typing import Any

import altair as alt
import pandas as pd

from core.datasets.columns import BUNDLED
from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
A **prior** $p(\theta)$ says what is believed of a parameter before the data; **Bayes' theorem**
turns it into the **posterior**

$$
p(\theta \mid y) = \frac{p(y \mid \theta)\, p(\theta)}{p(y)},
$$

whose denominator, the **evidence** $p(y)$, is the probability of the data with the parameter
integrated out. A **conjugate** prior stays in its family: the data only add to its numbers, as
earlier observations would.

**Can its probabilities be believed?** If truths come from the prior, a truth and draws from its
posterior cannot be told apart. The rank of the truth among the draws is then uniform, and a 90 %
interval holds 90 % of truths, exactly, at every $n$: **simulation-based calibration**. It holds on
average over the prior, not for each truth. A prior that is too sure piles the ranks up at both
ends; one in the wrong place tilts them.

**When does the prior wash out?** With $I$ the information of one observation, $l$ the third
derivative of the mean log-likelihood and $g$ the slope of the log-prior, the posterior of $z =
\sqrt{nI}\,(\theta - \hat\theta)$ is $\varphi(z)\,[1 + (Az + Bz^3)/\sqrt n + \dots]$ with $A =
g/\sqrt I$ and $B = l/6I^{3/2}$. Its total variation from the normal law that knows only the data
falls as

$$
\frac{1}{\sqrt n}\,\tfrac12\,\mathbb E\,|A Z + B Z^3| \qquad\text{(Bernstein–von Mises).}
$$

**A rare condition.** After a positive test the odds are the prior odds times $\text{sensitivity} /
(1 - \text{specificity})$. At a prevalence of 1 % even a good test leaves the condition improbable.
Each further test multiplies again, if its errors are independent.

**Which polynomial?** With weights from $N(0, I/\alpha)$ and noise of variance 1, the evidence of an
order is a normal density, and $\gamma = \sum_i \lambda_i/(\alpha+\lambda_i)$ counts the weights
that the data decide. On average $\alpha |m|^2 = \gamma$, and the order of largest evidence is right
as often as the probabilities of the orders say. BIC knows neither the prior nor the design.

**What it assumes.** The likelihood is that of the data. The tests also assume that the analyst's
prior is the one truths come from; with data of your own they test prior and size of sample, not the
data.

**What to look for.** Make the prior eight times too sure: the ranks pile up at the ends, and more
observations mend it only slowly. Neglect the base rate. Let one person in five get the same result
each time: three positives then say little more than one.

Sources: Gelman et al. 2013, *Bayesian Data Analysis*; Cook, Gelman & Rubin 2006, *Journal of
Computational and Graphical Statistics* 15, 675;
[Talts et al. (arXiv:1804.06788)](https://arxiv.org/abs/1804.06788); van der Vaart 1998, *Asymptotic
Statistics*; Tierney & Kadane 1986, *JASA* 81, 82; MacKay 1992, *Neural Computation* 4, 415; Bishop 2006,
*Pattern Recognition and Machine Learning*; Gigerenzer et al. 2007, *Psychological Science in the Public
Interest* 8, 53.
"""

NAMES = {
    "beta-binomial": "share of successes",
    "gamma-poisson": "rate, counts per observation",
    "normal-normal": "mean",
    "normal-inverse-gamma": "mean",
    "dirichlet-multinomial": "share of the first class",
}
PERCENT = alt.Axis(format="%")


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """The posterior; how often its intervals hold the truth; how far it is from normal."""
    updates, groups, orders = (rows(tables, name) for name in ("updates", "groups", "orders"))
    if not groups.empty:
        return _chances(groups, config)
    made = []
    if not updates.empty:
        last = updates.iloc[-1]
        said = f"holds 90 % of the posterior after {last['observations']:,.0f} observations"
        made.append(Figure(_name(config).capitalize(), _interval(last), said))
    if not orders.empty:
        hits = orders["by_evidence"].mean(), orders["by_bic"].mean()
        made.append(Figure("Evidence finds the order", f"{hits[0]:.0%}", "share of all replicates"))
        made.append(Figure("BIC finds it", f"{hits[1]:.0%}", "share of the same replicates"))
    coverage = rows(tables, "coverage")
    if not coverage.empty:
        at = coverage[coverage["level"] == 0.9].iloc[0]
        what = "next observations" if not orders.empty else "truths"
        share = f"{at['share']:.1%} ± {at['standard_error']:.1%}"
        made.append(Figure("In 90 % intervals", share, f"share of {what} from the prior of truths"))
    return made


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Prior to posterior, its intervals, its ranks, its limit; tests; orders and their weights."""
    made = [_densities, _arriving, _ranks, _distance, _tests, _orders, _weights]
    return [panel for panel in (one(tables, config) for one in made) if panel]


def _interval(last: pd.Series) -> str:
    middle, half = last["mean"], (last["high"] - last["low"]) / 2
    low, high = (charts.number(v, half).split(" ±")[0] for v in (last["low"], last["high"]))
    return f"{low} to {high}" if half > 0 else charts.number(middle)


def _chances(groups: pd.DataFrame, config: Config) -> list[Figure]:
    made = []
    for positives in sorted({1, config.tests}):
        row = groups[groups["positives"] == positives].iloc[0]
        label = f"After {positives} positive test{'s' if positives > 1 else ''}"
        value = f"{row['share']:.1%}" if pd.notna(row["share"]) else "nobody"
        said = f"share who have it, of {row['people']:,.0f} people; Bayes says {row['predicted']:.1%}"
        made.append(Figure(label, value, said))
    return made


def _name(config: Config) -> str:
    if config.model in ("normal-normal", "normal-inverse-gamma") and config.data in BUNDLED:
        return f"mean of {BUNDLED[config.data].split(':')[0]}"
    return NAMES.get(config.model, "")


def _zoom(values: pd.Series) -> alt.Scale:
    low, high = float(values.min()), float(values.max())
    return alt.Scale(domain=[low, high], nice=False, zero=False)


def _densities(tables: Tables, config: Config) -> Panel | None:
    data = rows(tables, "posterior")
    if data.empty:
        return None
    stages = sorted(data["observations"].unique())
    labels = {k: "prior" if k == 0 else f"n = {k:,.0f}" for k in stages}
    order = list(labels.values())
    data = data.assign(stage=data["observations"].map(labels))
    shades = ["#999999", "#56B4E9", "#CC79A7", "#E69F00", "#009E73", charts.TRAIN][-len(order) :]
    shades[0] = "#999999"
    # The last is the posterior of all the data; a density infinite at an end would flatten it.
    last = data[data["observations"] == stages[-1]]
    top = 1.1 * max(float(last["density"].max()), float(last["limit"].max(skipna=True) or 0))
    y = alt.Y("density:Q", title="density, 1 / unit", scale=alt.Scale(domain=[0, top], nice=False))
    x = alt.X("value:Q", title=_name(config), scale=_zoom(data["value"]))
    colour = alt.Color(
        "stage:N",
        sort=order,
        scale=alt.Scale(domain=order, range=shades),
        legend=alt.Legend(title=None, orient="bottom", columns=3, symbolType="stroke"),
    )
    width = alt.condition(alt.datum.observations == stages[-1], alt.value(3), alt.value(1.8))
    lines = alt.Chart(data).mark_line(clip=True).encode(x=x, y=y, color=colour, size=width)
    limit = charts.theory(
        last.rename(columns={"density": "posterior", "limit": "density"}), x, y, asymptotic=True
    )
    final = rows(tables, "updates").iloc[-1]
    layers = [lines, limit]
    if pd.notna(final["truth"]):
        layers.append(charts.rule(final["truth"], "truth"))
    said = (
        f"From the prior to the posterior of {stages[-1]:,.0f} observations: {_interval(final)} with "
        "90 % probability. Dotted: the normal law that the data alone give."
    )
    return Panel(
        "densities", "Prior to posterior", alt.layer(*layers).properties(height=380), said, said
    )


def _arriving(tables: Tables, config: Config) -> Panel | None:
    data = rows(tables, "updates")
    if len(data) < 2:
        return None
    low, high = data["low"].min(), data["high"].max()
    room = 0.1 * (high - low)
    scale = alt.Scale(domain=[low - room, high + room], nice=False, zero=False)
    log = alt.Scale(type="log", domain=[1, int(data["observations"].max())], nice=False)
    x = alt.X("observations:Q", title="observations (log scale)", scale=log, axis=alt.Axis(format="~s"))
    y = {"title": _name(config), "scale": scale}
    base = alt.Chart(data).encode(x=x)
    band = base.mark_area(color=charts.TRAIN, opacity=0.2, clip=True)
    tips = [
        alt.Tooltip(f"{name}:Q", title=title, format=",.4~g")
        for name, title in {
            "observations": "observations",
            "mean": "posterior mean",
            "low": "5 % point",
            "high": "95 % point",
            "estimate": "estimate from the data alone",
        }.items()
    ]
    layers = [
        band.encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_line(color=charts.TRAIN, strokeWidth=2.5).encode(y=alt.Y("mean:Q", **y), tooltip=tips),
        charts.theory(data, x, alt.Y("limit_low:Q", **y), asymptotic=True),
        charts.theory(data, x, alt.Y("limit_high:Q", **y), asymptotic=True),
    ]
    if pd.notna(data["truth"].iloc[0]):
        layers.append(charts.rule(data["truth"].iloc[0], "truth", axis="y", scale=scale))
    said = (
        "Posterior mean with the band that holds 90 % of the posterior. Dotted: the 90 % interval of "
        "the normal law of the data alone, to which the band tends as the prior washes out."
    )
    return Panel(
        "arriving", "As observations arrive", alt.layer(*layers).properties(height=320), said, said
    )


def _ranks(tables: Tables, config: Config) -> Panel | None:
    data = rows(tables, "ranks")
    if data.empty:
        return None
    expected, error = data["predicted"].iloc[0], data["standard_error"].iloc[0]
    band = pd.DataFrame({"low": [expected - 3.1 * error], "high": [expected + 3.1 * error]})
    y = alt.Y("share:Q", title="share of truths", axis=PERCENT, scale=alt.Scale(zero=True))
    x = alt.X("low:Q", title="rank of the truth among posterior draws, as a share", axis=PERCENT)
    tips = [alt.Tooltip("share:Q", format=".3~%"), alt.Tooltip("low:Q", title="from", format=".0%")]
    bars = alt.Chart(data).mark_bar(color=charts.TRAIN, opacity=0.75)
    ends = {"x": alt.value(0), "x2": alt.value("width")}
    area = alt.Chart(band).mark_rect(color=charts.FLOOR, opacity=0.3)
    line = alt.Chart(pd.DataFrame({"share": [expected]})).mark_rule(
        color=charts.ink(), strokeDash=charts.DASHED, strokeWidth=2
    )
    layers = [
        bars.encode(x=x, x2="high:Q", y=y, y2=alt.datum(0), tooltip=tips),
        area.encode(y=alt.Y("low:Q"), y2="high:Q", **ends),
        line.encode(y=y),
    ]
    far = (data["share"] - expected).abs() > 3.1 * error
    found = f"{int(far.sum())} of {len(data)} bins are outside" if far.any() else "every bin is inside"
    said = (
        f"Ranks of truths among draws of their posteriors. Dashed: uniform; grey: 3.1 standard errors; "
        f"{found}. High at both ends: the posterior is too sure; tilted: it is in the wrong place."
    )
    chart = alt.layer(*layers).properties(height=300)
    return Panel("ranks", "Is the posterior calibrated?", chart, said, said)


def _distance(tables: Tables, config: Config) -> Panel | None:
    data = rows(tables, "approach")
    if data.empty:
        return None
    log = alt.Scale(type="log", nice=False)
    x = alt.X(
        "observations:Q",
        title="observations (log scale)",
        scale=log,
        axis=alt.Axis(format="~s", tickCount=6),
    )
    axis = alt.Axis(format="~g", tickCount=5)
    title = "total variation (log scale)"
    y = {"title": title, "scale": alt.Scale(type="log", nice=False, zero=False), "axis": axis}
    tips = [alt.Tooltip(f"{c}:Q", format=",.3~g") for c in data.columns]
    points = alt.Chart(data).mark_point(filled=True, size=45, color=charts.TRAIN, opacity=1)
    layers = [
        charts.theory(data.dropna(), x, alt.Y("predicted:Q", **y), asymptotic=True),
        points.encode(x=x, y=alt.Y("total_variation:Q", **y), tooltip=tips),
    ]
    said = (
        "Distance between the posterior and the normal law of the data alone, for ever more data of the "
        "same mean, by quadrature. Dotted: the predicted c / √n."
    )
    return Panel(
        "distance",
        "How fast does the prior wash out?",
        alt.layer(*layers).properties(height=300),
        said,
        said,
    )


def _tests(tables: Tables, config: Config) -> Panel | None:
    data = rows(tables, "groups")
    if data.empty:
        return None
    shown = data.assign(
        low=(data["share"] - 2 * data["standard_error"]).clip(0),
        high=(data["share"] + 2 * data["standard_error"]).clip(upper=1),
    )
    x = alt.X(
        "positives:Q",
        title="positive tests in a row",
        axis=alt.Axis(values=list(range(config.tests + 1)), format="d"),
        scale=alt.Scale(domain=[-0.3, config.tests + 0.3], nice=False),
    )
    y = {"title": "share who have the condition", "scale": alt.Scale(domain=[0, 1]), "axis": PERCENT}
    tips = [
        alt.Tooltip("people:Q", format=","),
        alt.Tooltip("affected:Q", title="have it", format=","),
        alt.Tooltip("share:Q", format=".3~%"),
        alt.Tooltip("predicted:Q", title="Bayes", format=".3~%"),
    ]
    base = alt.Chart(shown.dropna()).encode(x=x)
    odds = alt.Chart(data).mark_line(color=charts.FLOOR, strokeWidth=1.5)
    layers = [
        odds.encode(x=x, y=alt.Y("odds:Q", **y)),
        charts.theory(data, x, alt.Y("predicted:Q", **y)),
        base.mark_rule(color=charts.TRAIN, strokeWidth=2).encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_point(filled=True, size=90, color=charts.TRAIN, opacity=1).encode(
            y=alt.Y("share:Q", **y), tooltip=tips
        ),
    ]
    last = data.iloc[-1]
    said = (
        f"Measured on {data['people'].sum():,.0f} people, ± 2 standard errors. Dashed: Bayes' theorem; "
        "grey: the same for a prevalence of one half, what the tests alone say."
    )
    text = (
        f"{said} With all tests positive {last['share']:.3g} have it; predicted {last['predicted']:.3g}."
    )
    return Panel(
        "tests", "What does a positive test say?", alt.layer(*layers).properties(height=380), said, text
    )


def _orders(tables: Tables, config: Config) -> Panel | None:
    data = rows(tables, "orders")
    if data.empty:
        return None
    names = {"by_evidence": "largest evidence", "by_bic": "least BIC"}
    long = data.melt("order", list(names), "rule", "share").assign(rule=lambda d: d["rule"].map(names))
    x = alt.X("order:Q", title="true order", axis=alt.Axis(tickMinStep=1, format="d"))
    y = alt.Y(
        "share:Q", title="share in which it was chosen", axis=PERCENT, scale=alt.Scale(domain=[0, 1])
    )
    scale = alt.Scale(domain=list(names.values()), range=[charts.TRAIN, charts.TEST])
    colour = alt.Color("rule:N", scale=scale, legend=alt.Legend(title=None, orient="bottom"))
    line = alt.Chart(long).mark_line(strokeWidth=1.5, point={"size": 60, "filled": True})
    tips = ["rule:N", alt.Tooltip("order:Q"), alt.Tooltip("share:Q", format=".1%")]
    layers: list[Any] = [
        line.encode(x=x, y=y, color=colour, tooltip=tips),
        charts.theory(data, x, alt.Y("probability:Q")),
    ]
    said = (
        "How often each rule chose the order that the data came from. Dashed: the mean probability "
        "that the posterior gave the true order, all orders alike beforehand."
    )
    return Panel(
        "orders",
        "Does the evidence find the order?",
        alt.layer(*layers).properties(height=380),
        said,
        said,
    )


def _weights(tables: Tables, config: Config) -> Panel | None:
    data = rows(tables, "orders")
    if data.empty:
        return None
    shown = data.assign(
        low=data["weight"] - 2 * data["weight_error"], high=data["weight"] + 2 * data["weight_error"]
    )
    x = alt.X("parameters:Q", title="number of weights", axis=alt.Axis(tickMinStep=1, format="d"))
    y = {"title": "effective number of weights"}
    base = alt.Chart(shown).encode(x=x)
    tips = [alt.Tooltip(f"{c}:Q", format=".4~g") for c in ("parameters", "weight", "gamma")]
    whole = alt.Chart(data).mark_line(color=charts.FLOOR, strokeWidth=1.5)
    layers = [
        whole.encode(x=x, y=alt.Y("parameters:Q", **y)),
        charts.theory(data, x, alt.Y("gamma:Q", **y)),
        base.mark_rule(color=charts.TRAIN, strokeWidth=2).encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_point(filled=True, size=60, color=charts.TRAIN, opacity=1).encode(
            y=alt.Y("weight:Q", **y), tooltip=tips
        ),
    ]
    said = (
        "Points: mean of α |m|² ± 2 standard errors. Dashed: γ, the weights that the data decide; grey: "
        "all weights."
    )
    return Panel(
        "weights",
        "How many weights do the data decide?",
        alt.layer(*layers).properties(height=300),
        said,
        said,
    )
