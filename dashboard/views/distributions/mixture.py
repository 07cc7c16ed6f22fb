"""The page of mixture: the density by EM step, the climb with its rate, how many components, and the
names that components get."""

import re
from typing import Any

import altair as alt
import pandas as pd

from core.datasets.columns import BUNDLED
from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
A **mixture** says that each value comes from one of $k$ groups, and that nobody wrote down which:

$$
f(x) = \sum_{j=1}^k w_j\, f_j(x; \theta_j).
$$

**EM** (expectation–maximisation) climbs its likelihood in two moves, over and over: compute for each
value the probability of each group under the present mixture; then fit each group to all values,
weighted by those probabilities. A step never lowers the likelihood.

**How fast.** Near the maximum a step multiplies the distance by the largest eigenvalue $\lambda$ of

$$
1 - I_c^{-1} I ,
$$

the share of information that is missing because the groups are unknown: $I$ is the observed
information, $I_c$ what it would be on average with the groups written down. The likelihood that is
still lacking falls by $\lambda^2$ in a step, a straight line on the log scale. Groups that overlap
hide more, and EM crawls. For halves of $N(m, 1)$ and $N(-m, 1)$ it is
$\lambda = E[x^2 \operatorname{sech}^2(m x)]$.

**How many groups.** More components always fit better. $\mathrm{BIC} = d \log n - 2 \log L$ charges for
$d$ parameters. The likelihood ratio of $k$ against $k+1$ does not follow $\chi^2$, because in the
smaller mixture the parameters of the extra component mean nothing; its law is simulated from the fitted
smaller mixture. A component that shrinks onto one value has an infinite likelihood: a floor on its
spread keeps it off, and the notes say where it is reached.

**What it assumes.** Independent values; components of the kind that is fitted, far enough apart for $n$.
*Break it*: at one spread between neighbours the mixture has a single peak, and BIC sees fewer groups
than there are. With heavy tails BIC adds components that are only the tails: a number of components is
not a number of groups.

**What to look for.** Every start ends at the same heights with other names for the components: labels
have no meaning beyond an agreed order. Pull the components together: the line flattens before the
number goes wrong.

Sources: [Dempster, Laird & Rubin 1977](https://doi.org/10.1111/j.2517-6161.1977.tb01600.x), *JRSS B* 39,
1; [McLachlan 1987](https://doi.org/10.2307/2347790), *Applied Statistics* 36, 318; Keribin 2000,
*Sankhyā A* 62, 49; Day 1969, *Biometrika* 56, 463; Hathaway 1985, *Annals of Statistics* 13, 795;
Varadhan & Roland 2008, *Scandinavian Journal of Statistics* 35, 335.
"""

# Components, first to last; blue and vermilion stay train and test.
COLOURS = ["#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6D31", "#999999", "#0072B2", "#D55E00"]
LEAST_GAP = 1e-9


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """How many, how sure, and how fast."""
    sizes = rows(tables, "selection")
    if sizes.empty:
        return []
    chosen = int(sizes.loc[sizes["chosen"].astype(bool), "components"].iloc[0])
    others = sizes[sizes["components"] != chosen]["delta"]
    lead = f"; the next number is {charts.number(others.min())} higher in BIC" if len(others) else ""
    true = f" (true: {config.groups})" if config.data == "simulated" else ""
    found = [Figure("Components", f"{chosen}{true}", f"least BIC{lead}")]
    found += _p_values(rows(tables, "ratio"))
    lines = rows(tables, "decay")
    if len(lines) > 1:
        rate = (lines["gap"].iloc[-1] / lines["gap"].iloc[0]) ** (
            0.5 / (lines["step"].iloc[-1] - lines["step"].iloc[0])
        )
        told = "share of information that is missing: the factor by which a step shortens the distance"
        found.append(Figure("EM's rate λ", charts.number(rate), told))
    return found


def _p_values(ratio: pd.DataFrame) -> list[Figure]:
    if ratio.empty:
        return []
    p = ratio.groupby("components")["p"].first()
    against = ", ".join(f"{k:.0f}/{k + 1:.0f}" for k in p.index)
    told = (
        "share of samples simulated from the smaller mixture with a likelihood ratio at least as large"
    )
    return [Figure(f"p-value, {against}", ", ".join(map(charts.number, p)), told)]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """The density, the climb, the number, the names, the rate."""
    made = [_density(tables, config), _climb(tables), _selection(tables, config)]
    made += [_ratio(tables), _landings(tables, config), _rate(tables)]
    return [panel for panel in made if panel]


def _named(config: Config) -> str:
    if config.data in BUNDLED:
        return re.sub(r" \([\d,]+\)$", "", BUNDLED[config.data])
    return config.column or (
        "simulated value" if config.data == "simulated" else "value, in its own unit"
    )


def _density(tables: Tables, config: Config) -> Panel | None:
    bins, density = rows(tables, "histogram"), rows(tables, "density")
    if bins.empty:
        return None
    counts = config.family == "poisson"
    top = 1.25 * float(bins["density"].max())
    scale = alt.Scale(domain=[0, top], nice=False)
    y = alt.Y(
        "density:Q", title="probability" if counts else "density, 1 / unit of the value", scale=scale
    )
    x = alt.X("left:Q", title=_named(config), scale=alt.Scale(zero=False, nice=False))
    bars = alt.Chart(bins).mark_rect(color=charts.FLOOR, opacity=0.3)
    layers: list[Any] = [bars.encode(x=x, x2="right:Q", y=y, y2=alt.datum(0))]
    said = "The values."
    if not density.empty:
        layers += _by_step(density, y)
        last = int(density["step"].max())
        number = int(density["component"].max())
        said = (
            f"EM with {number} component{'s' if number > 1 else ''}, from a random start (dark) to step "
            f"{last} (light); thin lines, the components at the end."
        )
    truth = rows(tables, "truth")
    if not truth.empty:
        layers.append(charts.theory(truth, alt.X("x:Q"), y))
        said += " Dashed: what the values were drawn from."
    chart = alt.layer(*layers).resolve_scale(color="independent").properties(height=380)
    return Panel("density", "The mixture, step by step", chart, said, said)


def _by_step(density: pd.DataFrame, y: alt.Y) -> list[Any]:
    whole, parts = density[density["component"] == 0], density[density["component"] > 0]
    steps = sorted(set(whole["step"]))
    shade = alt.Color(
        "step:O",
        sort=steps,
        scale=alt.Scale(scheme="viridis"),
        legend=alt.Legend(title="EM step", orient="bottom", columns=11, symbolType="stroke"),
    )
    tooltip = [alt.Tooltip("step:O", title="EM step"), alt.Tooltip("x:Q", format=".4g")]
    lines = alt.Chart(whole).mark_line(strokeWidth=2, clip=True)
    thin = alt.Chart(parts).mark_line(strokeWidth=1, color=charts.FLOOR, clip=True)
    return [
        thin.encode(x="x:Q", y=y, detail="component:N"),
        lines.encode(x="x:Q", y=y, color=shade, tooltip=tooltip),
    ]


def _climb(tables: Tables) -> Panel | None:
    climb = rows(tables, "climb")
    if climb.empty:
        return None
    shown = climb[climb["gap"] > LEAST_GAP]
    if shown.empty:  # one step arrives where there is one component
        return None
    steps = float(shown["step"].max()) or 1.0
    ends = [LEAST_GAP, 2 * float(shown["gap"].max())]
    scale = alt.Scale(type="log", domain=ends, nice=False)
    y: dict[str, Any] = {
        "title": ["log-likelihood below the", "maximum, nats (log scale)"],
        "scale": scale,
        "axis": alt.Axis(tickCount=6, format="~e"),
    }
    x = alt.X("step:Q", title="EM step", scale=alt.Scale(domain=[0, steps], nice=False))
    lines = alt.Chart(shown).mark_line(color=charts.TRAIN, strokeWidth=1.2, opacity=0.6, clip=True)
    tooltip = [alt.Tooltip("start:N"), alt.Tooltip("step:Q"), alt.Tooltip("gap:Q", format=".3g")]
    layers = [lines.encode(x=x, y=alt.Y("gap:Q", **y), detail="start:N", tooltip=tooltip)]
    starts, line = climb["start"].nunique(), rows(tables, "decay")
    said = f"A line for each of {starts} starts."
    if not line.empty:
        low = line[line["gap"].between(*ends)]
        layers.append(charts.theory(low, x, alt.Y("gap:Q", **y), asymptotic=True))
        said += " Dotted: the slope 2 log λ from the missing information, through the last point."
    last = climb[climb["step"] == climb["step"].max()]
    lower = int((last["gap"] > 1e-3).sum())
    if lower:
        said += (
            f" {lower} of {starts} are not at the highest maximum after {last['step'].max():.0f} steps."
        )
    chart = alt.layer(*layers).properties(height=340)
    return Panel("climb", "How fast does the likelihood climb?", chart, said, said)


def _selection(tables: Tables, config: Config) -> Panel | None:
    sizes = rows(tables, "selection")
    if sizes.empty:
        return None
    x = alt.X("components:O", title="components", axis=alt.Axis(labelAngle=0))
    scale = alt.Scale(type="symlog", constant=10)
    axis = alt.Axis(values=[0, 10, 100, 1000, 10_000, 100_000], format=",.0f")
    y = alt.Y("delta:Q", title=["BIC above the least", "(linear below 10)"], scale=scale, axis=axis)
    colour = alt.condition("datum.chosen", alt.value(charts.VALIDATION), alt.value(charts.FLOOR))
    base = alt.Chart(sizes).encode(x=x, y=y)
    tooltip = [
        "components:O",
        *(alt.Tooltip(f"{name}:Q", format=",.6~g") for name in ("delta", "bic", "log_likelihood")),
        "floored:N",
    ]
    points = base.mark_point(filled=True, size=90, opacity=1).encode(color=colour, tooltip=tooltip)
    layers = [base.mark_line(color=charts.FLOOR, strokeWidth=1), points]
    chosen = int(sizes.loc[sizes["chosen"].astype(bool), "components"].iloc[0])
    said = f"BIC is least with {chosen} component{'s' if chosen > 1 else ''} (green)."
    if config.data == "simulated":
        mark = alt.Chart(pd.DataFrame({"components": [config.groups], "name": ["true number"]}))
        layers.append(mark.mark_rule(color=charts.ink(), strokeDash=charts.DASHED).encode(x=x))
        said += f" Dashed: the true number, {config.groups}."
    chart = alt.layer(*layers).properties(height=300)
    return Panel("selection", "How many components?", chart, said, said)


def _ratio(tables: Tables) -> Panel | None:
    ratio = rows(tables, "ratio")
    if ratio.empty:
        return None
    shown = ratio.assign(
        pair=ratio["components"].astype(int).astype(str)
        + " against "
        + (ratio["components"] + 1).astype(int).astype(str)
    )
    x = alt.X(
        "ratio:Q",
        title="likelihood ratio, nats × 2 (linear below 5)",
        scale=alt.Scale(type="symlog", constant=5),
    )
    y = alt.Y("pair:N", title="components")
    tooltip = ["pair:N", alt.Tooltip("ratio:Q", format=".3g"), alt.Tooltip("p:Q", format=".2g")]
    ours, theirs = shown[shown["source"] == "sample"], shown[shown["source"] == "simulated"]
    ticks = alt.Chart(theirs).mark_tick(color=charts.FLOOR, thickness=1.5, size=26)
    point = alt.Chart(ours).mark_point(
        filled=True, size=110, color=charts.TEST, opacity=1, shape="diamond"
    )
    layers = [mark.encode(x=x, y=y, tooltip=tooltip) for mark in (ticks, point)]
    told = [f"{r.pair}: p = {charts.number(r.p)}" for r in ours.itertuples()]
    said = (
        "Diamonds: the values. Ticks: samples simulated from the smaller mixture, fitted the same way. "
        f"{'; '.join(told)}."
    )
    chart = alt.layer(*layers).properties(height=alt.Step(60))
    return Panel("ratio", "Is one more component needed?", chart, said, said)


def _landings(tables: Tables, config: Config) -> Panel | None:
    ends = rows(tables, "landings")
    if ends.empty or ends["label"].nunique() < 2:
        return None
    labels = sorted(set(ends["label"]))
    colour = alt.Color(
        "label:N",
        title="name at the start",
        scale=alt.Scale(domain=labels, range=COLOURS[: len(labels)]),
        legend=alt.Legend(orient="bottom"),
    )
    x = alt.X("mean:Q", title=f"mean of the component: {_named(config)}", scale=alt.Scale(zero=False))
    y = alt.Y("start:O", title="start", axis=alt.Axis(labelOverlap=True))
    tooltip = [
        "start:O",
        "label:N",
        *(alt.Tooltip(f"{name}:Q", format=".4g") for name in ("mean", "weight", "gap")),
    ]
    base = alt.Chart(ends).encode(x=x, y=y)
    points = base.mark_point(filled=True, size=190, opacity=1).encode(color=colour, tooltip=tooltip)
    names = base.mark_text(fontSize=10, fontWeight="bold", color="#1c1c1c").encode(text="label:N")
    top = ends[ends["gap"] < 1e-3].sort_values(["start", "place"])
    orders = top.groupby("start")["label"].agg(tuple)
    said = (
        f"{orders.size} of {ends['start'].nunique()} starts end at the highest maximum, with components "
        f"in {orders.nunique()} different order{'s' if orders.nunique() != 1 else ''}: "
        "the names mean nothing."
    )
    chart = alt.layer(points, names).properties(
        height=alt.Step(max(16, 26 - ends["start"].nunique() // 2))
    )
    return Panel("landings", "Which component is which?", chart, said, said)


def _rate(tables: Tables) -> Panel | None:
    rate = rows(tables, "rate")
    if rate.empty:
        return None
    x = alt.X(
        "distance:Q", title="distance of the means 2 m, standard deviations", scale=alt.Scale(nice=False)
    )
    y = alt.Y("rate:Q", title="factor in an EM step", scale=alt.Scale(domain=[0, 1]))
    measured = rate[rate["formula"] == "measured"]
    points = alt.Chart(measured).mark_point(filled=True, size=70, color=charts.TRAIN, opacity=1)
    tooltip = [alt.Tooltip("distance:Q"), alt.Tooltip("rate:Q", title="measured", format=".4f")]
    curve = charts.theory(rate[rate["formula"] == "population"], x, y)
    chart = alt.layer(curve, points.encode(x=x, y=y, tooltip=tooltip)).properties(height=300)
    said = (
        "Halves of N(m, 1) and N(−m, 1). Dashed: E[x² sech²(m x)]; points: EM, each on 4,000 values. "
        "The nearer the means, the more is missing and the slower is EM."
    )
    return Panel("rate", "What makes EM slow?", chart, said, said)
