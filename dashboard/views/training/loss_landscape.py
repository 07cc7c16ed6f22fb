"""The page of loss-landscape: between two networks, around one, and where its training ran."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
A network with a few thousand weights has its risk on a space of as many dimensions; a page shows
lines and planes through it, and which ones makes all the difference.

**Between two networks.** On the straight line $(1-t)\,\theta_A + t\,\theta_B$ the risk mostly rises
far above the chord between its ends: a **barrier**. A convex risk would lie below the chord. But
hidden units have no order: permuting them changes the weights and not the function. Put in the
order that brings the weights of $B$ nearest to those of $A$ (a linear assignment for each layer),
the barrier of a wide network all but goes. That it goes is an observation, not a theorem; that the
distance never grows is one.

**Around one network.** Close by,

$$
R(\theta + d) \approx R(\theta) + g^\top d + \tfrac12\, d^\top H d,
$$

for a linear model with squared error everywhere. A random direction is *filter-normalised*: each
unit's incoming weights move by a vector of their own norm, so that two layers that trade a factor
(which leaves a ReLU network as it is) give the same picture. Random directions see about the mean
curvature, $\operatorname{tr} H$ over the number of weights, and so look flat; the Hessian's leading
eigenvectors are where the walls are.

**The spectrum.** Lanczos' method on products $Hv$ gives nodes and, as squared first components of
the tridiagonal's eigenvectors, weights. They form a Gauss quadrature: mean and mean square of the
eigenvalues come out exactly for each random vector. *Break it*: equal weights for all nodes, an
easy slip, put most of the spectrum where almost none of it is.

**The path.** Training runs almost in a plane: its first principal component has most of its
variance. So has a random walk's, in high dimension $6/\pi^2 = 61\,\%$, so that a high share alone
says little; the comparison is drawn beside it.

**What to look for.** Narrow the layers, or use tanh, where units may also change sign: the barrier
after matching rises. Take no hidden layer: there is none. Raise the span: the parabola fails.

Sources: [Li et al. (arXiv:1712.09913)](https://arxiv.org/abs/1712.09913);
[Ainsworth, Hayase & Srinivasa, Git Re-Basin (arXiv:2209.04836)](https://arxiv.org/abs/2209.04836);
[Ghorbani, Krishnan & Xiao (arXiv:1901.10159)](https://arxiv.org/abs/1901.10159);
[Antognini & Sohl-Dickstein (arXiv:1806.08805)](https://arxiv.org/abs/1806.08805);
Ubaru, Chen & Saad (2017), *SIAM J. Matrix Anal. Appl.* 38, 1075–1099.
"""

ORDERS = {"as trained": charts.TEST, "matched": charts.TRAIN}
DIRECTIONS = {"sharpest": charts.TEST, "random": charts.TRAIN}
PLANES = {
    "random": ("Around one network: two random directions", "Filter-normalised random directions"),
    "sharpest": ("Around one network: the sharpest directions", "The Hessian's leading eigenvectors"),
    "path": ("Where the training ran", "The two leading principal components of the training"),
}
NORMS = "norms of the weights"


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """Barriers before and after matching, the largest eigenvalue and the trace."""
    overall = rows(tables, "overall")
    if overall.empty:
        return []
    at = overall.set_index("quantity")
    labels = {
        "barrier as trained": ("Barrier", "largest rise of the risk above the chord, mean over pairs"),
        "barrier matched": ("Barrier after matching", "with hidden units in the matching order"),
        "largest eigenvalue": ("Largest curvature", "leading eigenvalue of the Hessian"),
        "trace": ("Trace of the Hessian", "mean over random vectors ± standard error"),
    }
    return [
        Figure(label, charts.number(at.loc[name, "value"], at.loc[name, "standard_error"]), said)
        for name, (label, said) in labels.items()
        if name in at.index
    ]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """The line between networks first; then planes, profiles, the spectrum and the path's shares."""
    made = [_lines(tables), _plane(tables, "random"), _plane(tables, "sharpest"), _profile(tables)]
    made += [_density(tables), _plane(tables, "path"), _components(tables)]
    return [panel for panel in made if panel]


def _lines(tables: Tables) -> Panel | None:
    lines = rows(tables, "lines")
    if lines.empty:
        return None
    y: dict[str, Any] = {"title": "risk", "scale": alt.Scale(zero=True)}
    x = alt.X("position:Q", title="position from the first network (0) to the second (1)")
    present = [order for order in ORDERS if order in set(lines["order"])]
    scale = alt.Scale(domain=present, range=[ORDERS[order] for order in present])
    color = alt.Color("order:N", scale=scale, legend=None)
    tooltip = ["pair:O", "order:N", alt.Tooltip("position:Q", format=".2f")]
    tooltip += [alt.Tooltip(f"{name}:Q", format=".4g") for name in ("risk", "chord")]
    curves = (
        alt.Chart(lines)
        .mark_line(strokeWidth=2)
        .encode(x=x, y=alt.Y("risk:Q", **y), color=color, detail="pair:N", tooltip=tooltip)
    )
    chord = charts.theory(
        lines[lines["order"] == present[0]], x, alt.Y("chord:Q", **y), detail=alt.Detail("pair:N")
    )
    names = [_peak(lines[lines["order"] == order], x, y, color) for order in present]
    pairs = lines["pair"].nunique()
    barriers = rows(tables, "barriers").groupby("order")["barrier"].mean()
    said = " and ".join(f"{barriers[order]:.3g} {order}" for order in present)
    counted = "a pair" if pairs == 1 else f"each of {pairs} pairs"
    return Panel(
        "lines",
        "Between two trained networks",
        alt.layer(curves, chord, *names).properties(height=400),
        f"A line is {counted}; matched: the second network's hidden units in the order that brings its "
        "weights nearest to the first's. Dashed: the chord, below which convex risk lies.",
        f"Risk between two networks. The mean barrier above the chord is {said}.",
    )


def _peak(lines: pd.DataFrame, x: alt.X, y: dict[str, Any], color: alt.Color) -> alt.Chart:
    """The name of an order above the highest of its curves."""
    at = lines.loc[[lines["risk"].idxmax()]] if lines["risk"].notna().any() else lines.head(1)
    middle = at.assign(position=0.5)
    text = alt.Chart(middle).mark_text(dy=-10, fontSize=12, fontWeight="bold")
    return text.encode(x=x, y=alt.Y("risk:Q", **y), color=color, text="order:N")


def _plane(tables: Tables, name: str) -> Panel | None:
    cells = rows(tables, "slice")
    cells = cells[cells["plane"] == name] if not cells.empty else cells
    # A risk of zero has no place on a log scale, one past all bounds none on any.
    cells = cells[cells["risk"].between(0, float("inf"), "neither")] if not cells.empty else cells
    if cells.empty:
        return None
    title, axes = PLANES[name]
    x = {"scale": alt.Scale(domain=[cells["x"].min(), cells["x2"].max()], nice=False)}
    y = {"scale": alt.Scale(domain=[cells["y"].min(), cells["y2"].max()], nice=False)}
    rects = (
        alt.Chart(cells)
        .mark_rect(clip=True, strokeWidth=0.5)
        .encode(
            x=alt.X("x:Q", title=f"first direction, {NORMS}", axis=alt.Axis(grid=False), **x),
            x2="x2:Q",
            y=alt.Y("y:Q", title=f"second direction, {NORMS}", axis=alt.Axis(grid=False), **y),
            y2="y2:Q",
            color=_heat("color", cells["risk"]),
            stroke=_heat("stroke", cells["risk"]),
            tooltip=[alt.Tooltip(f"{n}:Q", format=".3g") for n in ("x", "y", "risk")],
        )
    )
    layers = [rects, *(_path(tables, x, y) if name == "path" else _center(x, y))]
    low, high = cells["risk"].min(), cells["risk"].max()
    where = (
        "The line is the training, the ring its end." if name == "path" else "The ring is the network."
    )
    return Panel(
        name,
        title,
        alt.layer(*layers).properties(height=420),
        f"{axes}; colour is the risk, on a log scale. {where}",
        f"Risk over a plane, from {low:.3g} to {high:.3g}. {axes}.",
    )


def _heat(channel: str, risk: pd.Series) -> Any:
    scale = alt.Scale(type="log", scheme="viridis")
    if channel == "stroke":  # covers the hairlines between cells
        return alt.Stroke("risk:Q", scale=scale, legend=None)
    # Three, from the least to the largest: a phone has no room for more.
    marked = [float(np.format_float_scientific(v, 1)) for v in np.geomspace(risk.min(), risk.max(), 3)]
    legend = alt.Legend(title="risk", orient="bottom", format=".2~g", values=marked)
    return alt.Color("risk:Q", scale=scale, legend=legend)


def _center(x: dict[str, Any], y: dict[str, Any]) -> list[alt.Chart]:
    here = alt.Chart(pd.DataFrame({"x": [0.0], "y": [0.0]}))
    ring = here.mark_point(size=90, strokeWidth=2.5, color="white", filled=False)
    return [ring.encode(x=alt.X("x:Q", **x), y=alt.Y("y:Q", **y))]


def _path(tables: Tables, x: dict[str, Any], y: dict[str, Any]) -> list[alt.Chart]:
    path = rows(tables, "path")
    place = {"x": alt.X("x:Q", **x), "y": alt.Y("y:Q", **y)}
    line = alt.Chart(path).mark_line(color="white", strokeWidth=2, clip=True)
    points = alt.Chart(path).mark_circle(color="white", size=14, clip=True, opacity=1)
    return [
        line.encode(**place, order="step:Q"),
        points.encode(**place, tooltip=["step:Q"]),
        *_center(x, y),
    ]


def _profile(tables: Tables) -> Panel | None:
    profile = rows(tables, "profile")
    if profile.empty:
        return None
    # A parabola that leaves the picture would flatten the risk.
    top = 1.15 * profile["risk"].max()
    y: dict[str, Any] = {"title": "risk", "scale": alt.Scale(domain=[0, top], clamp=False, nice=False)}
    x = alt.X("position:Q", title=f"distance from the network, {NORMS}")
    names = list(DIRECTIONS)
    scale = alt.Scale(domain=names, range=[DIRECTIONS[name] for name in names])
    color = alt.Color("direction:N", scale=scale, legend=None)
    tooltip = ["direction:N", alt.Tooltip("position:Q", format=".3f")]
    tooltip += [alt.Tooltip(f"{name}:Q", format=".4g") for name in ("risk", "quadratic")]
    base = alt.Chart(profile)
    risk = base.mark_line(strokeWidth=2.5, clip=True).encode(
        x=x, y=alt.Y("risk:Q", **y), color=color, tooltip=tooltip
    )
    theory = charts.theory(profile, x, alt.Y("quadratic:Q", **y), detail=alt.Detail("direction:N"))
    last = profile.groupby("direction").tail(1)
    label = alt.Chart(last).mark_text(align="right", dy=-9, dx=-2, fontSize=12, fontWeight="bold")
    text = label.encode(x=x, y=alt.Y("risk:Q", **y), color=color, text="direction:N")
    return Panel(
        "profile",
        "How far does the parabola hold?",
        alt.layer(risk, theory, text).properties(height=320),
        "Risk along the leading eigenvector and along a filter-normalised random direction; dashed: "
        "value, slope and curvature at the network continued as a parabola.",
        "Risk along two directions beside the parabola with the same value, slope and curvature.",
    )


def _density(tables: Tables) -> Panel | None:
    density = rows(tables, "density")
    if density.empty:
        return None
    floor = density["density"].max() * 1e-6
    shown = density.assign(floor=floor, shown=density["density"].clip(lower=floor))
    scale = alt.Scale(type="log", domain=[floor, 2 * density["density"].max()], nice=False)
    y = alt.Y(
        "shown:Q", title="density (log scale)", scale=scale, axis=alt.Axis(format="~g", tickCount=5)
    )
    x = alt.X("eigenvalue:Q", title="eigenvalue of the Hessian", scale=alt.Scale(nice=False))
    tooltip = [alt.Tooltip("eigenvalue:Q", format=".4g"), alt.Tooltip("density:Q", format=".3g")]
    area = alt.Chart(shown).mark_area(
        color=charts.TRAIN, opacity=0.3, line={"color": charts.TRAIN, "strokeWidth": 1.5}, clip=True
    )
    probes = rows(tables, "hessian")["quantity"].eq("trace").sum()
    return Panel(
        "density",
        "How many directions are sharp?",
        area.encode(x=x, y=y, y2="floor:Q", tooltip=tooltip).properties(height=320),
        f"Spectral density from {probes} random vectors, smoothed by a normal density of 1 % of the "
        "range; what lies below a millionth of its peak is cut.",
        "Spectral density of the Hessian: almost all eigenvalues are near zero, and a few far out.",
    )


def _components(tables: Tables) -> Panel | None:
    components = rows(tables, "components")
    if components.empty or not components["share"].any():
        return None
    x = alt.X("component:O", title="principal component", axis=alt.Axis(labelAngle=0))
    y: dict[str, Any] = {"title": "share of variance", "axis": alt.Axis(format=".0%")}
    bars = (
        alt.Chart(components)
        .mark_bar(color=charts.TRAIN, opacity=0.75)
        .encode(
            x=x, y=alt.Y("share:Q", **y), tooltip=["component:O", alt.Tooltip("share:Q", format=".2%")]
        )
    )
    walk = charts.theory(components, x, alt.Y("random_walk:Q", **y))
    first = components["share"].iloc[0]
    return Panel(
        "components",
        "Does training stay in a plane?",
        (bars + walk).properties(height=280),
        "Shares of the variance of the first network's training; dashed: a random walk of as many "
        "points in high dimension.",
        f"The first principal component has {first:.0%} of the training's variance; a random walk's "
        f"has {components['random_walk'].iloc[0]:.0%}.",
    )
