"""The page of posterior sampling: densities of the parameters, chains, predictions, values left out."""

import re
from typing import Any

import altair as alt
import pandas as pd

from core.datasets.columns import BUNDLED
from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
Bayes' theorem gives the **posterior** of a family's parameters up to a constant,

$$
p(\theta \mid x) \propto p(\theta) \prod_i f(x_i; \theta) ,
$$

and only for a few families does a formula give that constant. For all others draws do. The **no-U-turn
sampler** rolls a ball over the surface $-\log p(\theta \mid x)$ from a random kick, until it turns
back, and takes a point of its path: a chain of draws that visits each region as often as it is
probable. The step of the path is set in a **warm-up**, so that a chosen share of the paths would be
accepted.

**The prior.** Weakly informative: each parameter on its unconstrained scale (its logarithm where it is
above 0), for data standardised to a median size or spread of 1, is $N(0, 2.5^2)$; for counts, which are
not standardised, the centre is a rough estimate. Flat on the same scale, up to the family's limits. Or
conjugate, worth one earlier value.

**Is the sampler right?** Up to three parameters can be summed over on a grid, and conjugate priors have
closed forms. Means and standard deviations of the draws must be theirs, up to the Monte Carlo error that
the effective number of draws gives. $\hat R$ compares chains that started apart: above 1.01 they
disagree.

**What the prior matters.** As $n$ grows the posterior becomes the normal law of maximum likelihood
(Bernstein–von Mises): draws then lie one standard error from the estimate.

**How well does it predict?** The density of a value given all others is $1 / E[1 / f(x_i; \theta)]$.
Smoothed importance weights estimate it from the same draws (PSIS-LOO); Pareto $\hat k$ above 0.7 says
that one value weighs too much for that. WAIC tends to the same score, and both to one effective
parameter for each of the family's, where the family is right.

**What it assumes.** Independent values of the family, a density with a derivative, steps short enough:
the leapfrog integrator leaves a normal posterior at steps above 2 standard deviations.

**What to look for.** Make the steps three times too long: paths fly off, and chains stand still. Move a
narrow prior away from the data: the sampler stays right, and draws leave the estimate, because the prior
does. Take $n = 20$: the posterior is skewed, and the normal law is not its shape.

Sources: [Hoffman & Gelman 2014](https://jmlr.org/papers/v15/hoffman14a.html), *JMLR* 15, 1593;
[Betancourt et al. (arXiv:1411.6669)](https://arxiv.org/abs/1411.6669); [Vehtari et al.
2021](https://doi.org/10.1214/20-BA1221), *Bayesian Analysis* 16, 667; [Vehtari, Gelman & Gabry
2017](https://doi.org/10.1007/s11222-016-9696-4), *Statistics and Computing* 27, 1413; [Watanabe
2010](https://jmlr.org/papers/v11/watanabe10a.html), *JMLR* 11, 3571; van der Vaart 1998, *Asymptotic
Statistics*.
"""

CHAINS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C6D31", "#999999"]
# Draws shown of all chains together, and above which R̂ and k̂ are not good.
SHOWN, AGREE, RELIABLE = 1200, 1.01, 0.7


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """The parameters, whether the chains agree, and the score on values left out."""
    found = rows(tables, "posterior")
    if found.empty:
        return []
    values = [charts.number(p.mean, p.sd) for p in found.itertuples()]
    made = [
        Figure(", ".join(found["parameter"]), ", ".join(values), "posterior mean ± standard deviation")
    ]
    worst, least = found["r_hat"].max(skipna=False), found["ess_bulk"].min(skipna=False)
    if pd.notna(worst):
        word = "agree" if worst <= AGREE else "disagree"
        shown = f"{worst:.3f}" if worst < 10 else f"{min(worst, 999):.0f} or more"
        lost = int(rows(tables, "chains")["divergences"].sum())
        told = f"least effective number of draws {least:,.0f}; {lost:,} trajectories diverged"
        made.append(Figure("Chains", f"{word}, R̂ = {shown}", told))
    else:
        made.append(Figure("Chains", "stand still", "no draw is accepted: R̂ is not defined"))
    scores = rows(tables, "scores")
    if not scores.empty and pd.notna(scores["elpd"].iloc[0]):
        best = scores.iloc[0]
        told = f"nats, sum over values; {best['parameters']:.3g} effective parameters"
        score = charts.number(best["elpd"], best["standard_error"])
        made.append(Figure("Leave-one-out score", score, told))
    return made


def panels(tables: Tables, config: Config) -> list[Panel]:
    """A density for each parameter, prediction, both parameters at once, chains, values left out."""
    names = list(rows(tables, "posterior").get("parameter", []))
    made = [_marginal(tables, name, 360 if name == names[0] else 300) for name in names[:1]]
    made += [_predictive(tables, config), *(_marginal(tables, name, 300) for name in names[1:])]
    made += [_joint(tables, names), _traces(tables, names), _left_out(tables, config)]
    return [panel for panel in made if panel]


def _told(titles: dict[str, str]) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{name}:Q", title=title, format=",.4~g") for name, title in titles.items()]


def _marginal(tables: Tables, name: str, height: int) -> Panel | None:
    bins, curves = (rows(tables, key) for key in ("bins", "marginals"))
    curves = curves[curves["parameter"] == name]
    bins = bins[bins["parameter"] == name]
    summary = rows(tables, "posterior").query("parameter == @name").iloc[0]
    if bins.empty:
        return None
    drawn = float(bins["density"].max())
    high = curves[["exact", "limit"]].max().max()
    top = 1.1 * max(drawn, min(float(high), 2 * drawn) if pd.notna(high) else drawn)
    ends = [
        min(bins["left"].min(), curves["value"].min()),
        max(bins["right"].max(), curves["value"].max()),
    ]
    x = alt.X("value:Q", title=name, scale=alt.Scale(domain=ends, nice=False, zero=False))
    y = alt.Y("density:Q", title="density, 1 / unit", scale=alt.Scale(domain=[0, top], nice=False))
    marks = alt.Chart(bins).mark_rect(color=charts.TRAIN, opacity=0.35)
    tips = _told({"left": "from", "right": "to", "density": "density of draws"})
    layers: list[Any] = [
        marks.encode(
            x=alt.X("left:Q", title=name, scale=alt.Scale(domain=ends, nice=False, zero=False)),
            x2="right:Q",
            y=y,
            y2=alt.datum(0),
            tooltip=tips,
        )
    ]
    said = [f"Bars: draws of {name}."]
    prior = curves.dropna(subset="prior")
    if not prior.empty:
        grey = alt.Chart(prior).mark_line(color=charts.FLOOR, strokeWidth=1.5, clip=True)
        layers.append(grey.encode(x=x, y=alt.Y("prior:Q")))
        said.append("Grey: the prior.")
    exact = curves.dropna(subset="exact")
    if not exact.empty:
        layers.append(charts.theory(exact, x, alt.Y("exact:Q")))
        said.append("Dashed: the posterior by quadrature, without sampling.")
    limit = curves.dropna(subset="limit")
    if not limit.empty:
        layers.append(charts.theory(limit, x, alt.Y("limit:Q"), asymptotic=True))
        said.append("Dotted: the normal law of maximum likelihood, its limit for many values.")
    if pd.notna(summary["truth"]):
        layers.append(charts.rule(summary["truth"], "truth", scale=alt.Scale(domain=ends, nice=False)))
    caption = " ".join(said)
    alternative = f"{caption} Mean {charts.number(summary['mean'], summary['sd'])}."
    chart = alt.layer(*layers).properties(height=height)
    return Panel(f"marginal-{name}", f"What is known of {name}", chart, caption, alternative)


def _named(config: Config) -> str:
    """What the values are, with their unit where it is known."""
    if config.data in BUNDLED:
        return re.sub(r" \([\d,]+\)$", "", BUNDLED[config.data])
    return config.column or (
        "simulated value" if config.data == "simulated" else "value, in its own unit"
    )


def _predictive(tables: Tables, config: Config) -> Panel | None:
    bins, curve = rows(tables, "histogram"), rows(tables, "predictive")
    if bins.empty:
        return None
    high = bins[["density", "high"]].max().max()
    y = alt.Y(
        "density:Q", title="density, 1 / unit", scale=alt.Scale(domain=[0, 1.1 * high], nice=False)
    )
    x = alt.X("left:Q", title=_named(config), scale=alt.Scale(zero=False, nice=False))
    tips = _told({"left": "from", "right": "to", "count": "values"})
    marks = alt.Chart(bins).mark_rect(color=charts.FLOOR, opacity=0.35)
    layers: list[Any] = [marks.encode(x=x, x2="right:Q", y=y, y2=alt.datum(0), tooltip=tips)]
    said = "Grey: the values."
    if not curve.empty:
        band = bins.assign(middle=(bins["left"] + bins["right"]) / 2)
        whisker = alt.Chart(band).mark_rule(color=charts.TEST, strokeWidth=1.5)
        layers.append(whisker.encode(x="middle:Q", y=alt.Y("low:Q"), y2="high:Q"))
        area = alt.Chart(curve).mark_area(color=charts.TRAIN, opacity=0.25, clip=True)
        layers.append(area.encode(x="x:Q", y=alt.Y("low:Q"), y2="high:Q"))
        line = alt.Chart(curve).mark_line(color=charts.TRAIN, strokeWidth=2, clip=True)
        layers.append(line.encode(x="x:Q", y=y))
        far = int(((bins["density"] < bins["low"]) | (bins["density"] > bins["high"])).sum())
        said = (
            f"Grey: the values. Blue: posterior mean of the density, with the band of 90 % of draws. "
            f"Vermilion: 90 % of samples predicted for each bar; {far} of {len(bins)} bars lie outside."
        )
    chart = alt.layer(*layers).properties(height=300)
    return Panel("predictive", "Does the family predict such data?", chart, said, said)


def _thinned(tables: Tables, names: list[str]) -> pd.DataFrame:
    """Some of the draws, a draw a row and a parameter a column."""
    data = rows(tables, "draws")
    if data.empty:
        return data
    chains, last = data["chain"].nunique(), int(data["draw"].max())
    every = max(1, -(-last * chains // SHOWN))
    some = data[(data["draw"] - 1) % every == 0]
    wide = some.pivot(index=["chain", "draw", "divergent"], columns="parameter", values="value")
    return wide[names].set_axis([f"p{j}" for j in range(len(names))], axis=1).reset_index()


def _colour(data: pd.DataFrame) -> alt.Color:
    order = sorted(data["chain"].unique())
    scale = alt.Scale(domain=order, range=CHAINS[: len(order)])
    legend = alt.Legend(title="chain", orient="bottom", symbolType="circle", symbolOpacity=1)
    return alt.Color("chain:N", scale=scale, legend=legend)


def _joint(tables: Tables, names: list[str]) -> Panel | None:
    data = _thinned(tables, names)
    if len(names) < 2 or data.empty:
        return None
    zoom = alt.Scale(zero=False)
    x, y = alt.X("p0:Q", title=names[0], scale=zoom), alt.Y("p1:Q", title=names[1], scale=zoom)
    tips = [alt.Tooltip("chain:N"), alt.Tooltip("draw:Q")]
    tips += _told({"p0": names[0], "p1": names[1]})
    points = alt.Chart(data).mark_point(filled=True, size=16, opacity=0.6)
    layers: list[Any] = [points.encode(x=x, y=y, color=_colour(data), tooltip=tips)]
    lost = data[data["divergent"].astype(bool)]
    said = f"{len(data):,} draws of {names[0]} and {names[1]}, coloured by chain."
    if not lost.empty:
        cross = alt.Chart(lost).mark_point(shape="cross", size=60, color=charts.ink())
        layers.append(cross.encode(x=x, y=y))
        said += " Crosses: trajectories that diverged."
    chart = alt.layer(*layers).properties(height=300)
    return Panel("joint", "How do the parameters depend on each other?", chart, said, said)


def _traces(tables: Tables, names: list[str]) -> Panel | None:
    data = _thinned(tables, names)
    if data.empty:
        return None
    summary = rows(tables, "posterior").iloc[0]
    x = alt.X("draw:Q", title="draw after the warm-up", scale=alt.Scale(nice=False))
    y = alt.Y("p0:Q", title=names[0], scale=alt.Scale(zero=False))
    lines = alt.Chart(data).mark_line(strokeWidth=1, opacity=0.8)
    told = f"R̂ is {summary['r_hat']:.3f}" if pd.notna(summary["r_hat"]) else "They stand still"
    said = f"{names[0]} by draw, a line a chain. Chains that have forgotten their start overlap. {told}."
    chart = lines.encode(x=x, y=y, color=_colour(data)).properties(height=300)
    return Panel("traces", "Do the chains agree?", chart, said, said)


def _left_out(tables: Tables, config: Config) -> Panel | None:
    data = rows(tables, "left_out")
    data = data.dropna(subset="pareto_k") if not data.empty else data
    if data.empty:
        return None
    x = alt.X("value:Q", title=_named(config), scale=alt.Scale(zero=False))
    y = alt.Y("pareto_k:Q", title="Pareto k̂ of leaving the value out")
    tips = _told({"value": "value", "elpd": "log-density given the others", "pareto_k": "Pareto k̂"})
    points = alt.Chart(data).mark_point(filled=True, size=26, color=charts.TRAIN, opacity=0.6)
    limit = charts.rule(RELIABLE, "not reliable above", axis="y")
    layers = [points.encode(x=x, y=y, tooltip=tips), limit]
    bad = int((data["pareto_k"] > RELIABLE).sum())
    found = f"{bad} of {len(data):,} are above 0.7" if bad else "all are below 0.7"
    said = (
        f"How much each value weighs on the posterior: {found}. A value far above the others is "
        "one that the family finds hard to explain."
    )
    chart = alt.layer(*layers).properties(height=300)
    return Panel("left_out", "Which values does the posterior hang on?", chart, said, said)
