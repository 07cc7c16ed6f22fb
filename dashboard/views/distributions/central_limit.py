"""The page of sums: their distance from the normal law, its shape, and sums that never become normal."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
The sum of $n$ independent terms with mean $\mu$ and variance $\sigma^2$, less $n\mu$ and divided by
$\sigma\sqrt n$, has a distribution function $F_n$ that tends to the normal $\Phi$. How far it still is
depends on the skewness $\kappa_3$ and the excess $\kappa_4$ of one term (Edgeworth):

$$
F_n - \Phi \approx -\varphi(x)\,\frac{\kappa_3\,(x^2-1)}{6\sqrt n},
$$

and to order $1/n$ also $-\varphi(x)\,[\kappa_4(x^3-3x)/24 + \kappa_3^2(x^5-10x^3+15x)/72]/n$. The
largest gap is first $|\kappa_3|/(6\sqrt{2\pi n})$, at the middle. Terms on a lattice, such as counts,
add a staircase of the same order. A bound that needs nothing but a third moment (Berry and Esseen):

$$
\sup_x |F_n - \Phi| \le \frac{0.4748\; E|X-\mu|^3}{\sigma^3 \sqrt n}.
$$

**Where it fails.** If tails fall as $x^{-\alpha}$ with $\alpha < 2$, the largest term is as large as all
the others together. The variance is infinite; sums grow as $n^{1/\alpha}$, and divided by that they
tend to a stable law, with the same tails as one term. For Cauchy terms ($\alpha = 1$) the mean of any
number of them is as uncertain as one.

**What they assume.** Independent terms of one law.

**What to look for.** Four times the terms halve the gap of a skewed law; a symmetric one is far
closer. The bound holds by a factor of 5 to 10. With infinite variance the gap from the normal law stays.

Sources: Feller (1971), *An Introduction to Probability Theory* II, chapters XVI and XVII; Esseen (1956),
*Skandinavisk Aktuarietidskrift* 39, 160; [Shevtsova (arXiv:1111.6554)](https://arxiv.org/abs/1111.6554);
Nolan (2020), [*Univariate stable distributions*](https://doi.org/10.1007/978-3-030-52915-4).
"""


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """The gap at the largest n, what theory says of it, and how sums grow."""
    gaps, growth = rows(tables, "gaps"), rows(tables, "growth")
    if gaps.empty or growth.empty:
        return []
    last, grown = gaps.iloc[-1], growth.iloc[-1]
    made = [
        Figure(
            f"Gap at n = {int(last['terms'])}",
            charts.number(last["gap"]),
            f"largest |F_n − Φ|; below {charts.number(last['noise'])} it may be noise of the simulation",
        )
    ]
    if pd.notna(last["edgeworth"]):
        made.append(Figure("By Edgeworth", charts.number(last["edgeworth"]), "largest gap in theory"))
    ratio = grown["spread"] / grown["normal"]
    said = "interquartile range of the longest sums, as a multiple of what growth as √n makes of it"
    return [*made, Figure("Spread, of √n growth", charts.number(ratio), said)]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """The gap against n, its shape, the distribution of the longest sums, and their growth."""
    if rows(tables, "gaps").empty or rows(tables, "growth").empty:
        return []
    return [
        _gaps(tables, config),
        _difference(tables, config),
        _density(tables, config),
        _growth(tables),
    ]


def _terms(frame: pd.DataFrame) -> alt.X:
    return alt.X(
        "terms:Q",
        title="terms n in a sum (log scale)",
        scale=alt.Scale(type="log", base=2, nice=False, padding=14),
        axis=alt.Axis(values=sorted(frame["terms"].unique().tolist()), labelOverlap=True),
    )


def _gaps(tables: Tables, config: Config) -> Panel:
    gaps = rows(tables, "gaps")
    x = _terms(gaps)
    named = {"edgeworth": "Edgeworth", "berry_esseen": "Berry–Esseen bound"}
    y: dict[str, Any] = {
        "title": "largest gap from the limit (log scale)",
        "scale": alt.Scale(type="log", nice=False, padding=10),
        "axis": alt.Axis(tickCount=5, format="~g"),
    }
    tooltip = [
        alt.Tooltip("terms:Q", title="n"),
        alt.Tooltip("gap:Q", title="gap from normal", format=".3g"),
        alt.Tooltip("edgeworth:Q", title="Edgeworth", format=".3g"),
        alt.Tooltip("berry_esseen:Q", title="Berry–Esseen", format=".3g"),
        alt.Tooltip("stable:Q", title="gap from stable", format=".3g"),
        alt.Tooltip("noise:Q", title="noise", format=".2g"),
    ]
    base = alt.Chart(gaps)
    layers = [
        base.mark_line(color=charts.FLOOR, strokeWidth=1).encode(x=x, y=alt.Y("noise:Q", **y)),
        _label(gaps, "noise", "noise of the simulation", charts.FLOOR, x, y, 0),
    ]
    for column, asymptotic in (("edgeworth", True), ("berry_esseen", False)):
        shown = gaps[gaps[column] > 0]
        if len(shown):
            layers.append(charts.theory(shown, x, alt.Y(f"{column}:Q", **y), asymptotic=asymptotic))
            dy = 18 if asymptotic else -10
            layers.append(_label(shown, column, named[column], charts.ink(), x, y, 0, dy))
    series = [("gap", "from the normal law", charts.TRAIN)]
    if gaps["stable"].notna().all():
        series.append(("stable", "from the stable law", charts.VALIDATION))
    for column, name, colour in series:
        up = alt.Y(f"{column}:Q", **y)
        layers.append(base.mark_line(color=colour, strokeWidth=1.5, opacity=0.6).encode(x=x, y=up))
        point = base.mark_point(filled=True, size=50, color=colour, opacity=1)
        layers.append(point.encode(x=x, y=up, tooltip=tooltip))
        layers.append(_label(gaps, column, name, colour, x, y, -1, 18))
    caption = (
        f"Largest gap between the distribution of {config.replicates:,} sums and the law named; dotted: "
        "Edgeworth's expansion to order 1/n; dashed: bound. Grey: exceeded in 5 % of simulations of a "
        "normal law."
    )
    last = gaps.iloc[-1]
    text = (
        f"Largest gap from the normal law by number of terms: {gaps['gap'].iloc[0]:.2g} for one term, "
        f"{last['gap']:.2g} for {int(last['terms'])}."
    )
    title = "How far from normal is a sum of n terms?"
    return Panel("gaps", title, alt.layer(*layers).properties(height=400), caption, text)


def _label(
    frame: pd.DataFrame,
    column: str,
    name: str,
    colour: str,
    x: alt.X,
    y: dict[str, Any],
    at: int,
    dy: int = -10,
) -> alt.Chart:
    """A curve's name above its first or last point, or `dy` pixels below."""
    row = frame.iloc[[at]].assign(name=name)
    align, dx = ("left", 6) if at == 0 else ("right", 0)
    text = alt.Chart(row).mark_text(align=align, dx=dx, dy=dy, fontSize=11, color=colour)
    return text.encode(x=x, y=alt.Y(f"{column}:Q", **y), text="name:N")


def _difference(tables: Tables, config: Config) -> Panel:
    every = rows(tables, "difference")
    sizes = sorted(every["terms"].unique().tolist())
    chosen = sorted({sizes[min(k, len(sizes) - 1)] for k in (1, 3, len(sizes) - 1)})
    shown = every[every["terms"].isin(chosen)]
    shown = shown.assign(n="n = " + shown["terms"].astype(str))
    order = [f"n = {n}" for n in chosen]
    colour = alt.Color(
        "n:N",
        sort=order,
        scale=alt.Scale(domain=order, range=charts.SERIES[4 : 4 + len(order)]),
        legend=alt.Legend(title=None, orient="bottom"),
    )
    x = alt.X("x:Q", title="standardised sum", scale=alt.Scale(nice=False))
    y = {"title": "F_n − Φ"}
    tooltip = [
        alt.Tooltip("n:N", title="terms"),
        alt.Tooltip("x:Q", format=".2f"),
        alt.Tooltip("difference:Q", format=".3g"),
        alt.Tooltip("one:Q", title="order 1/√n", format=".3g"),
        alt.Tooltip("two:Q", title="order 1/n", format=".3g"),
    ]
    layers = [
        alt.Chart(shown)
        .mark_point(filled=True, size=22, opacity=0.9)
        .encode(x=x, y=alt.Y("difference:Q", **y), color=colour, tooltip=tooltip)
    ]
    known = shown[shown["two"].notna()]
    if len(known):
        layers.append(charts.theory(known, x, alt.Y("two:Q", **y), asymptotic=True, detail="n:N"))
    caption = (
        f"{config.replicates:,} sums of each length. Dotted: Edgeworth's expansion to order 1/n, "
        "which leaves out the steps of a lattice."
    )
    last = shown[shown["terms"] == chosen[-1]]
    far = last.loc[last["difference"].abs().idxmax()]
    text = (
        f"Difference of the distribution functions. At n = {chosen[-1]} it is largest near "
        f"{far['x']:.2g}, {far['difference']:.2g}."
    )
    title = "Where do sums differ from the normal law?"
    return Panel("difference", title, alt.layer(*layers).properties(height=320), caption, text)


def _density(tables: Tables, config: Config) -> Panel:
    bins = rows(tables, "density")
    n = int(rows(tables, "gaps")["terms"].iloc[-1])
    bins = bins.assign(middle=(bins["left"] + bins["right"]) / 2)
    x = alt.X("middle:Q", title="standardised sum", scale=alt.Scale(domain=[-5, 5], nice=False))
    y = {"title": "density"}
    bars = alt.Chart(bins).mark_rect(color=charts.TRAIN, opacity=0.35)
    tooltip = [
        alt.Tooltip("middle:Q", title="sum", format=".2f"),
        alt.Tooltip("density:Q", format=".3g"),
        alt.Tooltip("normal:Q", format=".3g"),
        alt.Tooltip("stable:Q", format=".3g"),
    ]
    layers = [
        bars.encode(
            x=alt.X("left:Q", title="standardised sum"),
            x2="right:Q",
            y=alt.Y("density:Q", **y),
            y2=alt.value("height"),
            tooltip=tooltip,
        ),
        charts.theory(bins, x, alt.Y("normal:Q", **y)),
    ]
    stable = bins["stable"].notna().all()
    if stable:
        line = alt.Chart(bins).mark_line(color=charts.VALIDATION, strokeWidth=2)
        layers.append(line.encode(x=x, y=alt.Y("stable:Q", **y)))
    caption = f"Bars: {config.replicates:,} sums of {n} terms. Dashed: normal law." + (
        " Green: stable limit." if stable else ""
    )
    middle = bins.loc[bins["density"].idxmax()]
    text = f"Distribution of sums of {n} terms, highest near {middle['middle']:.2g}."
    title = f"What do sums of {n} terms look like?"
    return Panel("density", title, alt.layer(*layers).properties(height=300), caption, text)


def _growth(tables: Tables) -> Panel:
    growth = rows(tables, "growth")
    x = _terms(growth)
    y = {
        "title": "interquartile range of sums (log scale)",
        "scale": alt.Scale(type="log", nice=False, padding=10),
        "axis": alt.Axis(tickCount=5, format="~g"),
    }
    tooltip = [
        alt.Tooltip("terms:Q", title="n"),
        alt.Tooltip("spread:Q", title="measured", format=".4g"),
        alt.Tooltip("normal:Q", title="as √n", format=".4g"),
        alt.Tooltip("stable:Q", title="as n^(1/α)", format=".4g"),
    ]
    layers = [
        charts.theory(growth, x, alt.Y("normal:Q", **y)),
        _label(growth, "normal", "as √n", charts.ink(), x, y, -1),
    ]
    if growth["stable"].notna().all():
        line = alt.Chart(growth).mark_line(color=charts.VALIDATION, strokeWidth=2)
        layers.append(line.encode(x=x, y=alt.Y("stable:Q", **y)))
        layers.append(_label(growth, "stable", "as n^(1/α)", charts.VALIDATION, x, y, -1))
    point = alt.Chart(growth).mark_point(filled=True, size=50, color=charts.TRAIN, opacity=1)
    layers.append(point.encode(x=x, y=alt.Y("spread:Q", **y), tooltip=tooltip))
    caption = "Points: sums drawn, in the unit of a term. Dashed: growth as √n."
    last = growth.iloc[-1]
    text = (
        f"Interquartile range of sums. At n = {int(last['terms'])} it is {last['spread']:.3g}, and "
        f"{last['normal']:.3g} by growth as √n."
    )
    title = "Do sums grow as √n?"
    return Panel("growth", title, alt.layer(*layers).properties(height=300), caption, text)
