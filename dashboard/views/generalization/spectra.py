"""The page of spectra: eigenvalues on the law of noise, and when a direction comes out of it."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
The sample covariance of pure noise does not have equal eigenvalues. With $n$ samples of $p$ features
of variance one they spread, at $\gamma = p/n$, over

$$
(1-\sqrt\gamma)^2 \le \lambda \le (1+\sqrt\gamma)^2,\qquad
f(\lambda) = \frac{\sqrt{(\lambda_+-\lambda)(\lambda-\lambda_-)}}{2\pi\gamma\lambda},
$$

the Marchenko–Pastur law; those of a symmetric matrix of noise over $\pm 2$, a semicircle. So a
direction that explains more than an average share of the variance need not mean anything. The
largest eigenvalue of noise fluctuates about the edge by the Tracy–Widom law; 5 % of the time it
exceeds

$$
\mu + 0.979\,s,\quad \mu = \tfrac1n\bigl(\sqrt{n-\tfrac12}+\sqrt{p-\tfrac12}\bigr)^2 .
$$

A true direction of variance $\ell = 1 + w\sqrt\gamma$ is seen only if $w > 1$. Then the largest
eigenvalue and the squared cosine of its vector with the direction tend to

$$
(1+w\sqrt\gamma)\Bigl(1+\frac{\sqrt\gamma}{w}\Bigr),\qquad
\frac{1-w^{-2}}{1+\sqrt\gamma/w}.
$$

Below, the eigenvalue stays at the edge and the vector says nothing. The eigenvalue is always larger
than the variance $\ell$ that it estimates.

**Real data.** Columns are standardised, so that noise has variance one, and each is also shuffled on
its own: what remains is what noise with these columns gives. Directions are counted from the
largest eigenvalue on, until the first that noise could have given.

**What it assumes.** Independent entries. Their law does not matter, but for heavy tails: below four
moments the largest eigenvalue follows the largest entry. Correlated features have another law, and
so do samples of random scale. Rows that depend on each other, as in time series, break the count
and the shuffled copies alike.

**What to look for.** Lower the strength: the outermost eigenvalues sink into the bulk at $w = 1$.
Break the assumption with heavy-tailed entries: eigenvalues leave the bulk with no direction behind them.

Sources: Marchenko & Pastur (1967), Mathematics of the USSR-Sbornik 1(4), 457;
[Johnstone (2001)](https://doi.org/10.1214/aos/1009210544);
[Baik, Ben Arous & Péché (arXiv:math/0403022)](https://arxiv.org/abs/math/0403022);
[Benaych-Georges & Nadakuditi (arXiv:0910.2120)](https://arxiv.org/abs/0910.2120);
[Ma (arXiv:0810.1329)](https://arxiv.org/abs/0810.1329);
[Horn (1965)](https://doi.org/10.1007/BF02289447).
"""

NAMES = {"line": "above the line", "shuffled": "above shuffled copies", "visible": "visible in theory"}
SOURCES = {
    "matrices": (charts.TEST, "these matrices"),
    "tridiagonal": (charts.TRAIN, "Gaussian, this size"),
}


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """How many directions were found, and what they carry."""
    found, ranked = rows(tables, "directions"), rows(tables, "eigenvalues")
    if found.empty or ranked.empty:
        return []
    at = found.set_index("method")
    largest = ranked.iloc[0]
    edge = Figure(
        "Largest eigenvalue",
        charts.number(largest["eigenvalue"]),
        f"of noise 5 % exceed {charts.number(largest['line'])}; in units of a feature's variance",
    )
    count = charts.number(at.at["line", "count"], at.at["line", "standard_error"])
    help_ = "leading eigenvalues above what the largest of noise exceeds in 5 % of cases, Tracy–Widom"
    figures = [Figure("Directions above noise", count, help_)]
    if "shuffled" in at.index:
        help_ = "leading eigenvalues above the 95th percentile of the same rank in shuffled copies"
        figures.append(Figure("By shuffled copies", f"{at.at['shuffled', 'count']:.0f}", help_))
        share = f"{at.at['line', 'variance']:.0%}"
        figures.append(Figure("Variance they carry", share, "share of the directions above the line"))
        return figures
    help_ = "true directions of strength w above 1, the others leave no trace in theory"
    visible = Figure("Visible in theory", f"{at.at['visible', 'count']:.0f}", help_)
    return [*figures, visible, edge]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """The eigenvalues on the law of noise; the transition, or the data's by rank; the edge."""
    if rows(tables, "spectrum").empty:
        return []
    if rows(tables, "transition").empty:
        made = [_ranked(tables), _spectrum(tables, config)]
    else:
        made = [_spectrum(tables, config), _transition(tables), _overlap(tables)]
    return [*made, _edge(tables)]


def _spectrum(tables: Tables, config: Config) -> Panel:
    cells = rows(tables, "spectrum").assign(middle=lambda f: (f["low"] + f["high"]) / 2)
    line = float(rows(tables, "eigenvalues")["line"].iloc[0])
    simulated = config.data == "simulated"
    law = "semicircle" if simulated and config.matrix == "symmetric" else "Marchenko–Pastur law"
    # Square roots: a single eigenvalue far out remains visible beside the bulk.
    root = alt.Scale(type="sqrt")
    x = alt.X("low:Q", title="eigenvalue", scale=alt.Scale(nice=False))
    y = alt.Y("density:Q", title="density (square-root scale)", scale=root)
    tooltip = [
        alt.Tooltip("middle:Q", title="eigenvalue", format=".3g"),
        alt.Tooltip("density:Q", format=".3g"),
        alt.Tooltip("predicted:Q", title=law, format=".3g"),
    ]
    bars = alt.Chart(cells).mark_rect(color=charts.TRAIN, opacity=0.5)
    theory = charts.theory(cells, alt.X("middle:Q"), alt.Y("predicted:Q", scale=root), asymptotic=True)
    layers = [
        bars.encode(x=x, x2="high:Q", y=y, y2=alt.datum(0), tooltip=tooltip),
        theory,
        charts.rule(line, "95 % line"),
        *_outliers(rows(tables, "outliers")),
    ]
    what = "all matrices" if simulated else "all shuffled copies"
    chart = alt.layer(*layers).properties(height=400 if simulated else 260)
    beyond = cells[cells["low"] > line]["density"].sum() / max(cells["density"].sum(), 1e-300)
    return Panel(
        "spectrum",
        "Eigenvalues, and what noise gives" if simulated else "Shuffled copies, and the law of noise",
        chart,
        f"Bars: eigenvalues of {what}, zeros left out. Ink, dotted: the {law}"
        f"{', and where the limit puts each visible direction' if simulated else ''}. At the 95 % line: "
        "what the largest eigenvalue of noise exceeds in 5 % of matrices.",
        f"Histogram of eigenvalues with the {law}; {beyond:.1%} lie beyond the 95 % line, {line:.3g}.",
    )


def _outliers(truth: pd.DataFrame) -> list[Any]:
    """Where the limit puts the visible directions, the strongest marked first."""
    if truth.empty:
        return []
    seen = truth[truth["strength"] > 1]
    shown = seen.assign(name=[f"w = {w:.3g}" for w in seen["strength"]])
    base = alt.Chart(shown).encode(x=alt.X("predicted:Q"))
    tooltip = [
        alt.Tooltip("strength:Q", title="w", format=".3g"),
        alt.Tooltip("predicted:Q", title="limit", format=".3g"),
        alt.Tooltip("eigenvalue:Q", title="mean", format=".3g"),
        alt.Tooltip("overlap:Q", title="squared cosine", format=".2f"),
    ]
    line = base.mark_rule(color=charts.ink(), strokeDash=charts.DOTTED).encode(tooltip=tooltip)
    text = base.mark_text(color=charts.ink(), fontSize=11, align="left", dx=4, y=24)
    return [line, text.encode(text="name:N")]


def _ranked(tables: Tables) -> Panel:
    every = rows(tables, "eigenvalues")
    shown = every[every["eigenvalue"] > 1e-3 * every["eigenvalue"].iloc[0]].head(100)
    shown = shown.assign(side=shown["above"].map({True: "above noise", False: "not above"}))
    line, count = float(shown["line"].iloc[0]), int(shown["above"].sum())
    scale = alt.Scale(type="log", nice=False, padding=12)
    x = alt.X("rank:Q", title="rank, the largest first (log scale)", scale=scale)
    heights = alt.Scale(type="log", nice=False)
    y: dict[str, Any] = {"title": "eigenvalue (log scale)", "scale": heights}
    domain = alt.Scale(domain=["above noise", "not above"], range=[charts.TEST, charts.FLOOR])
    tooltip = [
        alt.Tooltip("rank:Q"),
        alt.Tooltip("eigenvalue:Q", format=".3g"),
        alt.Tooltip("noise:Q", title="shuffled, median", format=".3g"),
        alt.Tooltip("predicted:Q", title="noise in the limit", format=".3g"),
        alt.Tooltip("side:N", title="counted"),
    ]
    base = alt.Chart(shown).encode(x=x)
    point = base.mark_point(filled=True, size=60, opacity=1).encode(
        y=alt.Y("eigenvalue:Q", **y),
        color=alt.Color("side:N", scale=domain, legend=alt.Legend(title=None, orient="bottom")),
        shape=alt.Shape("side:N", scale=alt.Scale(domain=domain.domain), legend=None),
        tooltip=tooltip,
    )
    noise = shown[shown["predicted"] > 0]
    layers = [
        base.mark_area(color=charts.TRAIN, opacity=0.25).encode(y=alt.Y("lower:Q", **y), y2="upper:Q"),
        charts.theory(noise, x, alt.Y("predicted:Q", **y), asymptotic=True),
        charts.rule(line, "", axis="y", scale=heights),
        _at_right(line, heights),
        point,
    ]
    return Panel(
        "ranked",
        "How many directions stand above noise?",
        alt.layer(*layers).properties(height=400),
        "Points: eigenvalues of the correlation matrix. Blue band: 5th to 95th percentile of shuffled "
        "copies. Ink, dotted: the Marchenko–Pastur law. Counting stops at the first below "
        "the line.",
        f"Eigenvalues by rank: {count} stand above the 95 % line of noise, {line:.3g}.",
    )


def _at_right(at: float, scale: alt.Scale) -> alt.Chart:
    """The line's name at the right, where no large eigenvalue is in its way."""
    text = alt.Chart(pd.DataFrame({"at": [at], "name": ["95 % line"]})).mark_text(
        color=charts.FLOOR, fontSize=11, align="right", dy=-8, dx=-4
    )
    return text.encode(x=alt.value("width"), y=alt.Y("at:Q", scale=scale), text="name:N")


def _transition(tables: Tables) -> Panel:
    return _path(
        tables,
        "eigenvalue",
        "largest eigenvalue",
        "When does a direction leave the noise?",
        "one direction alone, at growing strength; mean of all matrices ± standard error",
    )


def _overlap(tables: Tables) -> Panel:
    return _path(
        tables,
        "overlap",
        "squared cosine with the truth",
        "Does its vector point the right way?",
        "the vector of the largest eigenvalue; mean of all matrices ± standard error",
    )


def _path(tables: Tables, name: str, axis: str, title: str, said: str) -> Panel:
    path = rows(tables, "transition")
    shown = path.assign(
        low=path[name] - path[f"{name}_error"].fillna(0),
        high=path[name] + path[f"{name}_error"].fillna(0),
    )
    x = alt.X("strength:Q", title="strength w, detection thresholds", scale=alt.Scale(nice=False))
    y: dict[str, Any] = {"title": axis, "scale": alt.Scale(zero=name == "overlap")}
    tooltip = [
        alt.Tooltip("strength:Q", title="w"),
        alt.Tooltip(f"{name}:Q", title="measured", format=".3f"),
        alt.Tooltip(f"{name}_error:Q", title="standard error", format=".2g"),
        alt.Tooltip(f"{name}_predicted:Q", title="limit", format=".3f"),
        alt.Tooltip("detected:Q", title="above the 95 % line", format=".0%"),
    ]
    base = alt.Chart(shown).encode(x=x)
    layers = [
        charts.rule(1.0, "threshold"),
        charts.theory(shown, x, alt.Y(f"{name}_predicted:Q", **y), asymptotic=True),
        base.mark_rule(color=charts.TEST).encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_point(filled=True, size=40, color=charts.TEST, opacity=1).encode(
            y=alt.Y(f"{name}:Q", **y), tooltip=tooltip
        ),
    ]
    at = shown.iloc[(shown["strength"] - 2).abs().argmin()]
    finding = (
        f"{axis.capitalize()} at w = 2: {at[name]:.3g}, in the limit {at[f'{name}_predicted']:.3g}."
    )
    caption = f"Points: {said}. Ink, dotted: the limit, which small matrices blur at the threshold."
    return Panel(name, title, alt.layer(*layers).properties(height=280), caption, finding)


def _edge(tables: Tables) -> Panel:
    every = rows(tables, "edge")
    limit, measured = every[every["source"] == "limit"], every[every["source"] != "limit"]
    measured = measured.assign(name=measured["source"].map({k: v[1] for k, v in SOURCES.items()}))
    present = [s for s in SOURCES if s in set(measured["source"])]
    scale = alt.Scale(domain=[SOURCES[s][1] for s in present], range=[SOURCES[s][0] for s in present])
    bounds = alt.Scale(domain=[-5, 4], nice=False, clamp=True)
    x = alt.X("scaled:Q", title="(largest eigenvalue − centre) / scale", scale=bounds)
    y = alt.Y("share:Q", title="share at or below", axis=alt.Axis(format=".0%"))
    colour = alt.Color("name:N", scale=scale, legend=alt.Legend(title=None, orient="bottom"))
    steps = alt.Chart(measured).mark_line(interpolate="step-after", strokeWidth=1.8)
    tooltip = ["name:N", alt.Tooltip("scaled:Q", format=".3g"), alt.Tooltip("share:Q", format=".1%")]
    layers = [
        steps.encode(x=x, y=y, color=colour, tooltip=tooltip),
        charts.theory(limit, x, y, asymptotic=True),
        charts.rule(0.979, "95 %"),
    ]
    matrices = measured[measured["source"] == "matrices"]
    above = 1 - float(matrices.loc[matrices["scaled"] <= 0.979, "share"].max()) if len(matrices) else 0.0
    above = 1.0 if pd.isna(above) else above
    return Panel(
        "edge",
        "How far does the largest eigenvalue of noise stray?",
        alt.layer(*layers).properties(height=280),
        "Noise alone (of data: shuffled copies), in units of the edge. Ink, dotted: Tracy–Widom. Values "
        "beyond the ends are drawn there.",
        f"Distribution of the largest eigenvalue of noise; {above:.0%} lie above the 95 % point.",
    )
