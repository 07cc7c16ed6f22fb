"""The page of learning guarantees: promised gaps beside true ones, violations, samples demanded."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows
from dashboard.views.generalization import stochastic_network

WHY = r"""
A classifier with $k$ errors on $n$ samples has the measured error $\hat R = k/n$; its true risk $R$
is the share of errors on samples to come. A guarantee is an upper limit on $R$ that is wrong, over
samples, with probability at most $\delta$. What it costs depends on what the sample was used for.

**To test** a classifier that was fixed beforehand (Hoeffding; the binomial limit is exact, and
empirical Bernstein uses the variance of the losses):

$$
R \le \hat R + \sqrt{\frac{\ln(1/\delta)}{2n}}.
$$

**To choose** one of $M$, the union bound pays $\ln M$; for infinitely many, the number
$m(2n)$ of ways to label $2n$ points takes the place of $M$:

$$
R \le \hat R + \sqrt{\frac{\ln M+\ln(1/\delta)}{2n}},
$$

$$
R \le \hat R + \sqrt{\frac8n \ln\frac{4\,m(2n)}{\delta}}.
$$

**To train** a linear classifier with $\lVert w\rVert\le B$: how well the class fits random signs
(Rademacher), with $\hat R_\rho$ the mean ramp loss at margin $\rho$,

$$
R \le \hat R_\rho + \frac{2B}{\rho}\sqrt{\frac{E\lVert x\rVert^2}{n}} + \sqrt{\frac{\ln(1/\delta)}{2n}};
$$

or how far the classifier has moved from a prior, for the Gibbs risk $G$ of $v \sim N(w, I)$
(PAC-Bayes):

$$
\mathrm{kl}(\hat G \,\Vert\, G) \le \frac{\lVert w\rVert^2/2 + \ln(2\sqrt n/\delta)}{n}.
$$

A network whose weights are Gaussian, and drawn anew at each prediction, is a Gibbs classifier too. It is
trained on the limit itself: errors on the sample against the KL from a prior centred on weights that
were drawn beforehand. The prior's variance is chosen from a grid and pays $\ln(\pi^2 j^2/6)$; the Gibbs
error on the sample is itself estimated from $m$ draws, and $\ln(5/\delta)/m$ is paid for that. The limit
says something where uniform bounds say nothing, and still lies far above the truth: beside the linear
classifier it can promise less for what is better.

**What they assume.** Independent samples of one law, losses of at most 1, and a class, prior and
$\rho$ that were fixed before the sample was seen. Nothing about the law itself: that is why they are
loose for any one law.

**What to look for.** Nearly tight: the binomial limit and the band for the law of the margins, for
they are about one thing only. Hardly ever broken: the others. The Vapnik–Chervonenkis bound grows
with the dimension; the Rademacher bound does not, but it pays for $\lVert x\rVert$.
Then break an assumption: the tight ones are broken first.

Sources: Hoeffding (1963), *JASA* 58; Vapnik & Chervonenkis (1971), *Theory of Probability and its
Applications* 16; Massart (1990), *Annals of Probability* 18;
[Bartlett & Mendelson (2002)](https://www.jmlr.org/papers/v3/bartlett02a.html);
[Langford (2005)](https://www.jmlr.org/papers/v6/langford05a.html);
[Dziugaite & Roy (arXiv:1703.11008)](https://arxiv.org/abs/1703.11008);
[Maurer (arXiv:cs/0411099)](https://arxiv.org/abs/cs/0411099);
[Maurer & Pontil (arXiv:0907.3740)](https://arxiv.org/abs/0907.3740);
Mohri, Rostamizadeh & Talwalkar (2018), *Foundations of Machine Learning*, section 5.4.
"""

# What each bound is called, and what its sample is used for; in the order of the charts.
NAMES = {
    "binomial": "Binomial limit",
    "bernstein": "Empirical Bernstein",
    "hoeffding": "Hoeffding",
    "dkw": "DKW, law of margins",
    "finite_class": "Finite class",
    "pac_bayes": "PAC-Bayes",
    "vc_thresholds": "VC, thresholds",
    "rademacher": "Rademacher",
    "rademacher_measured": "Rademacher, measured",
    "any_margin": "Margin, any ρ",
    "vc_half_spaces": "VC, half-spaces",
}
TESTED = list(NAMES)[:4]
LEARNT = list(NAMES)[4:]
# The bounds that are about one and the same classifier.
SAME = {
    "trained": ("rademacher", "rademacher_measured", "any_margin", "vc_half_spaces"),
    "tested": ("binomial", "bernstein", "hoeffding"),
}
LOG = alt.Axis(tickCount=5, format="~g")


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """The gap of the trained classifier, the least guarantee for it, and what testing guarantees."""
    if config.problem == "network":
        return stochastic_network.verdict(tables, config)
    shown = _last(tables, config)
    if shown.empty:
        return []
    at = f"at n = {shown['samples'].iloc[0]:,}, with probability {1 - config.delta:g}"
    trained, tested = shown.loc["rademacher"], shown.loc["binomial"]
    best = shown.loc[LEARNT]["promised"].idxmin()
    name = NAMES[str(best)]
    return [
        Figure("True gap, trained", charts.number(trained["gap"]), f"risk minus training error {at}"),
        Figure("Least guarantee, learnt", charts.number(shown.loc[best, "promised"]), f"{name}, {at}"),
        Figure(
            "By testing", charts.number(tested["promised"]), f"binomial limit, fixed classifier, {at}"
        ),
    ]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Gaps of what was learnt, gaps of what was tested, violations, and samples demanded."""
    if config.problem == "network":
        return stochastic_network.panels(tables, config)
    if _last(tables, config).empty:
        return []
    learnt = "What does each bound promise for what was learnt on n samples?"
    tested = "And for a classifier that was only tested on them?"
    return [
        _gaps(tables, config, LEARNT, "trained", learnt),
        _gaps(tables, config, TESTED, "tested", tested),
        _violations(tables, config),
        _demanded(tables, config),
    ]


def _last(tables: Tables, config: Config) -> pd.DataFrame:
    """Every bound at the largest size so far and the δ asked for."""
    every = rows(tables, "guarantees")
    if every.empty:
        return every
    every = every[(every["delta"] == config.delta) & (every["samples"] == every["samples"].max())]
    return every.set_index("bound")


def _gaps(tables: Tables, config: Config, names: list[str], key: str, title: str) -> Panel:
    every = rows(tables, "guarantees")
    shown = every[(every["delta"] == config.delta) & every["bound"].isin(names)]
    shown = shown.assign(name=shown["bound"].map(NAMES))
    # A gap of nothing or below has no place on a log scale.
    measured = shown[shown["gap"] > 0]
    domain = [NAMES[name] for name in names]
    colours = [c for c in charts.SERIES if c != charts.TEST][: len(names)]
    colour = alt.Color(
        "name:N",
        scale=alt.Scale(domain=domain, range=colours),
        legend=alt.Legend(
            title=None, orient="bottom", columns=2, symbolType="stroke", symbolStrokeWidth=3
        ),
    )
    sizes = sorted(shown["samples"].unique().tolist())
    x = alt.X(
        "samples:Q",
        title="samples n (log scale)",
        scale=alt.Scale(type="log", nice=False, padding=8),
        axis=alt.Axis(values=sizes, format="~s", labelOverlap=True),
    )
    y: dict[str, Any] = {
        "title": "gap, share of errors (log scale)",
        "axis": LOG,
        "scale": alt.Scale(type="log", domain=_heights(shown, measured), nice=False),
    }
    tooltip = [
        alt.Tooltip("name:N", title="bound"),
        alt.Tooltip("samples:Q", title="n", format=","),
        alt.Tooltip("promised:Q", title="promised gap", format=".3g"),
        alt.Tooltip("gap:Q", title="true gap", format=".3g"),
        alt.Tooltip("tightness:Q", title="true / promised", format=".2g"),
        alt.Tooltip("rate:Q", title="share of samples broken", format=".3g"),
    ]
    promised = alt.Chart(shown).mark_line(strokeDash=charts.DASHED, strokeWidth=2, clip=True)
    # Several bounds are about the same classifier: its gap is drawn once, and named.
    same = measured["bound"].isin(SAME[key])
    once = measured[same].drop_duplicates("samples")
    last = once.tail(1).assign(name=f"true gap, {key} classifier")
    name = alt.Chart(last).mark_text(
        align="right", dy=14, fontSize=12, fontWeight="bold", color=charts.TEST
    )
    layers = [
        _at_right(1.0, "above: says nothing", y["scale"]),
        promised.encode(x=x, y=alt.Y("promised:Q", **y), color=colour),
        *_true(measured[~same], x, y, tooltip, colour),
        *_true(once, x, y, tooltip, alt.value(charts.TEST)),
        name.encode(x=x, y=alt.Y("gap:Q", **y), text="name:N"),
    ]
    tightest = shown[shown["samples"] == max(sizes)].sort_values("tightness").iloc[-1]
    largest = ", for finite class and thresholds the largest in the class"
    said = largest if key == "trained" else ""
    caption = (
        f"Dashed, the gap above the measured error that a bound promises, mean of {config.replicates} "
        f"samples; points, the {1 - config.delta:g} quantile of the true gap{said}; in the colour of "
        "its bound where it is of something else than that classifier."
    )
    text = (
        f"Promised and true gaps against n. At n = {max(sizes):,} the tightest is {tightest['name']}: "
        f"{tightest['gap']:.3g} of {tightest['promised']:.3g}."
    )
    return Panel(key, title, alt.layer(*layers).properties(height=400), caption, text)


def _true(data: pd.DataFrame, x: alt.X, y: dict[str, Any], tooltip: list[Any], colour: Any) -> list[Any]:
    base = alt.Chart(data).encode(x=x, y=alt.Y("gap:Q", **y), color=colour)
    return [
        base.mark_line(strokeWidth=1.5, clip=True),
        base.mark_point(filled=True, size=28, opacity=1, clip=True).encode(tooltip=tooltip),
    ]


def _at_right(at: float, name: str, scale: alt.Scale) -> alt.LayerChart:
    """A level with its name above its right end."""
    base = alt.Chart(pd.DataFrame({"at": [at], "name": [name]})).encode(y=alt.Y("at:Q", scale=scale))
    text = base.mark_text(color=charts.FLOOR, fontSize=11, align="right", dy=-6, dx=-4)
    line = base.mark_rule(color=charts.FLOOR, strokeDash=[1, 2])
    return line + text.encode(x=alt.value("width"), text="name:N")


def _heights(shown: pd.DataFrame, measured: pd.DataFrame) -> list[float]:
    lowest = measured["gap"].min() if len(measured) else shown["promised"].min()
    return [float(lowest) / 1.5, min(4.0, 1.3 * max(1.0, float(shown["promised"].max())))]


def _violations(tables: Tables, config: Config) -> Panel:
    pooled = rows(tables, "violations")
    asked = sorted({0.05, 0.2, config.delta})
    shown = pooled.assign(
        name=pooled["bound"].map(NAMES), level="δ = " + pooled["delta"].map("{:g}".format)
    )
    levels = [f"δ = {d:g}" for d in asked]
    colours = [charts.TRAIN, charts.TEST, charts.VALIDATION][: len(levels)]
    colour = alt.Color(
        "level:N",
        scale=alt.Scale(domain=levels, range=colours),
        legend=alt.Legend(title="allowed", orient="bottom", columns=3),
    )
    x = {"title": "share of samples in which the bound was broken"}
    place = {
        "y": alt.Y("name:N", sort=list(NAMES.values()), title=None, axis=alt.Axis(labelLimit=140)),
        "yOffset": alt.YOffset("level:N", sort=levels),
    }
    tooltip = [
        alt.Tooltip("name:N", title="bound"),
        alt.Tooltip("level:N", title="allowed"),
        alt.Tooltip("violations:Q", title="broken"),
        alt.Tooltip("trials:Q", title="samples", format=","),
        alt.Tooltip("rate:Q", title="share", format=".3g"),
        alt.Tooltip("exact:Q", title="by the exact law", format=".3g"),
    ]
    allowed = pd.DataFrame({"at": asked, "level": levels})
    base = alt.Chart(shown).encode(color=colour, **place)
    exact = alt.Chart(shown[shown["exact"].notna()]).mark_tick(
        color=charts.ink(), thickness=2, height={"band": 0.9}
    )
    layers = [
        alt.Chart(allowed).mark_rule(strokeDash=[2, 3], strokeWidth=1.5).encode(x="at:Q", color=colour),
        base.mark_rule(strokeWidth=2).encode(x=alt.X("lower:Q", **x), x2="upper:Q"),
        base.mark_point(filled=True, size=45, opacity=1).encode(x=alt.X("rate:Q", **x), tooltip=tooltip),
        exact.encode(x=alt.X("exact:Q", **x), **place),
    ]
    chart = alt.layer(*layers).properties(height=420)
    caption = (
        f"Share of {int(shown['trials'].iloc[0]):,} samples, of all sizes together, with its 95 % "
        "interval (Clopper–Pearson); dotted, the share δ allowed; ink, the exact law where known."
    )
    own = shown[shown["delta"] == config.delta]
    worst = own.loc[own["rate"].idxmax()]
    said = f"{worst['name']}, {worst['rate']:.3g}"
    text = f"Violation rates. Most often broken at δ = {config.delta:g}: {said}."
    return Panel("violations", "How often is each bound broken?", chart, caption, text)


def _demanded(tables: Tables, config: Config) -> Panel:
    needs = rows(tables, "demanded")
    shown = needs.assign(name=needs["bound"].map(NAMES), ratio=needs["demanded"] / needs["sufficed"])
    kinds = {"sufficed": "sufficed", "demanded": "demanded by the bound"}
    long = shown.melt(["name", "ratio"], list(kinds), var_name="kind", value_name="samples")
    long = long[long["samples"].notna()].assign(kind=lambda f: f["kind"].map(kinds))
    x = alt.X(
        "samples:Q",
        title=f"samples for a gap of at most ε = {config.epsilon:g} (log scale)",
        scale=alt.Scale(type="log"),
        axis=alt.Axis(format="~s", tickCount=5),
    )
    y = alt.Y("name:N", sort=list(NAMES.values()), title=None, axis=alt.Axis(labelLimit=140))
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=list(kinds.values()), range=[charts.TEST, charts.ink()]),
        legend=alt.Legend(title=None, orient="bottom"),
    )
    shape = alt.Shape(
        "kind:N", scale=alt.Scale(domain=list(kinds.values()), range=["circle", "diamond"])
    )
    tooltip = [
        alt.Tooltip("name:N", title="bound"),
        alt.Tooltip("kind:N", title="number that"),
        alt.Tooltip("samples:Q", title="samples", format=",.0f"),
        alt.Tooltip("ratio:Q", title="demanded / sufficed", format=".3g"),
    ]
    ends = shown[shown["demanded"].notna()]
    between = alt.Chart(ends).mark_rule(color=charts.FLOOR, strokeWidth=1.5)
    layers = [
        between.encode(x=alt.X("demanded:Q", scale=alt.Scale(type="log")), x2="sufficed:Q", y=y),
        alt.Chart(long)
        .mark_point(filled=True, size=60, opacity=1)
        .encode(x=x, y=y, color=colour, shape=shape, tooltip=tooltip),
    ]
    caption = (
        f"Sufficed: where the {1 - config.delta:g} quantile of the true gap is ε, beyond the sizes of "
        "this run by the law n^(−1/2). Demanded: by the errors, variance and inputs at the largest n."
    )
    most = shown.loc[shown["ratio"].idxmax()] if shown["ratio"].notna().any() else shown.iloc[0]
    text = f"Samples demanded. {most['name']} demands {most['ratio']:.3g} times what sufficed."
    title = f"How many samples does a guaranteed gap of {config.epsilon:g} cost?"
    return Panel("demanded", title, alt.layer(*layers).properties(height=340), caption, text)
