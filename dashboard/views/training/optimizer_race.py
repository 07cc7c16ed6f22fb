"""The page of optimizer-race: loss curves with their rates, the path, and where momentum diverges."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
Near a minimum every smooth loss is a quadratic, and on a quadratic each eigenvector of the Hessian is
on its own. Momentum $m$ turns $x$ along the eigenvalue $\lambda$ into the recurrence

$$
x_{t+1} = (1 + m - \eta\lambda)\, x_t - m\, x_{t-1},
$$

whose larger root has modulus $\rho(\lambda)$. The distance to the minimum falls at last as
$\rho^t$ with the largest $\rho$ of all eigenvalues, the loss as $\rho^{2t}$. Tuned for the condition
number $\kappa = L/\mu$, the best that each method can do is

| method | $\rho$ |
| --- | --- |
| gradient descent | $(\kappa-1)/(\kappa+1)$ |
| Nesterov | $1 - 2/\sqrt{3\kappa+1}$ |
| heavy ball | $(\sqrt\kappa-1)/(\sqrt\kappa+1)$ |

and heavy ball diverges from

$$
\eta = \frac{2(1+m)}{L}
$$

on; gradient descent is $m = 0$. At the tuned values two roots are equal, and the distance is
$t\rho^t$.

**What it assumes.** A quadratic, and exact gradients. *Break it*: with gradient noise the loss stops
falling at a floor; Rosenbrock's valley bends, so that the curvature at the minimum says little about
the way there; a step 10 % longer is past the threshold of all three, since tuned steps are just
below it.

**What to look for.** Raise $\kappa$ tenfold: gradient descent takes ten times the steps, momentum
about three times. Adam and Lion hover at a distance of their learning rate, whatever the
curvature. In the phase diagram a higher momentum allows a larger step, but converges more slowly
beyond the tuned one.

Sources: Polyak (1964), *USSR Computational Mathematics and Mathematical Physics* 4(5), 1–17;
[Lessard, Recht & Packard (arXiv:1408.3595)](https://arxiv.org/abs/1408.3595);
[Goh (2017), *Why Momentum Really Works*](https://doi.org/10.23915/distill.00006);
Nesterov (2004), *Introductory Lectures on Convex Optimization*, section 2.2.
"""

NAMES = {
    "gd": "Gradient descent",
    "heavy_ball": "Heavy ball",
    "nesterov": "Nesterov",
    "adagrad": "AdaGrad",
    "rmsprop": "RMSProp",
    "adam": "Adam",
    "adamw": "AdamW",
    "lion": "Lion",
}
COLOURS = dict(
    zip(
        NAMES,
        ["#56B4E9", "#E69F00", "#009E73", "#8C6D31", "#999999", "#CC79A7", "#0072B2", "#D55E00"],
        strict=True,
    )
)
OUTCOMES = {"converged": "#009E73", "slow": "#E69F00", "diverged": "#CC79A7"}
LOG = alt.Axis(tickCount=6, format="~g")
LINES = {"symbolType": "stroke", "symbolOpacity": 1, "symbolStrokeWidth": 3, "symbolSize": 250}
# Contours of the surface: quantiles of the loss's logarithm.
LEVELS = 12
# Starts drawn beside the median.
STARTS = 5


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """Steps for a factor e, measured and predicted; who is ahead at the end."""
    rates = rows(tables, "rates")
    if rates.empty:
        return []
    found = []
    for row in rates[rates["predicted"].notna()].to_dict("records"):
        name, steps = NAMES[row["optimizer"]], row["iterations"]
        if pd.isna(steps):
            continue
        expected = -1 / np.log(row["predicted"])
        value = charts.number(steps) if steps > 0 else "it grows"
        said = f"steps for a factor e of the distance, second half; theory: {charts.number(expected)}"
        found.append(Figure(f"{name}, steps per factor e", value, said))
    known = rates[rates["final"].notna()]
    if not known.empty:
        best = known.loc[known["final"].idxmin()]
        said = f"least median loss at the end, {charts.number(best['final'])} above the minimum"
        found.append(Figure("Ahead", NAMES[best["optimizer"]], said))
    return found


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Loss curves, then the path in the plane, then the phase diagram."""
    if rows(tables, "loss").empty:
        return []
    made = [_curves(tables, config), _path(tables, config), _phase(tables)]
    return [panel for panel in made if panel]


def _colour(names: Any, legend: Any) -> alt.Color:
    shown = [name for name in NAMES if name in set(names)]
    scale = alt.Scale(domain=[NAMES[n] for n in shown], range=[COLOURS[n] for n in shown])
    return alt.Color("name:N", scale=scale, legend=legend)


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(name=frame["optimizer"].map(NAMES))


def _curves(tables: Tables, config: Config) -> Panel:
    loss, theory = _named(rows(tables, "loss")), rows(tables, "theory")
    start = float(loss.loc[loss["step"] == 0, "loss"].median())
    low, high = 1e-14 * start, 1e3 * start
    seen = loss[loss["loss"].between(low / 1e3, high * 1e3)]
    low = max(low, float(seen["loss"].min()) / 2) if len(seen) else low
    middle = seen.groupby(["optimizer", "name", "step"], as_index=False)["loss"].median()
    y: dict[str, Any] = {
        "title": "loss above its least (log scale)",
        "scale": alt.Scale(type="log", domain=[low, min(high, 3 * max(start, seen["loss"].max()))]),
        "axis": LOG,
    }
    x = alt.X("step:Q", title="step", scale=alt.Scale(nice=False))
    count = len(set(loss["name"]))
    # Up to four are named where they are.
    legend = alt.Legend(title=None, orient="bottom", columns=4, **LINES) if count > 4 else None
    colour = _colour(loss["optimizer"], legend)
    pale = alt.Chart(seen[seen["replicate"] < STARTS]).mark_line(strokeWidth=0.7, opacity=0.3, clip=True)
    line = alt.Chart(middle).mark_line(strokeWidth=2.2, clip=True)
    tooltip = [
        alt.Tooltip("name:N", title="optimiser"),
        alt.Tooltip("step:Q"),
        alt.Tooltip("loss:Q", title="median loss", format=".3g"),
    ]
    layers = [
        pale.encode(x=x, y=alt.Y("loss:Q", **y), color=colour, detail=["replicate:N"]),
        line.encode(x=x, y=alt.Y("loss:Q", **y), color=colour, tooltip=tooltip),
    ]
    layers += [] if legend else _labels(middle, x, y, colour, start, low)
    for formula, limit in (("exact", False), ("rate", True)):
        part = theory[(theory["formula"] == formula) & theory["loss"].between(low / 10, 10 * high)]
        if not part.empty:
            layers.append(
                charts.theory(part, x, alt.Y("loss:Q", **y), asymptotic=limit, detail="optimizer:N")
            )
    words = "Median over starts"
    words += f"; pale: {min(STARTS, loss['replicate'].nunique())} of {loss['replicate'].nunique()}."
    if "exact" in set(theory["formula"]):
        words += " Ink, dashed: the exact sum over modes;"
    words += " Ink, dotted: the rate ρ²ᵗ through half time." if not theory.empty else ""
    words = words.replace("; Ink", "; ink")
    return Panel(
        "curves", "Loss step by step", alt.layer(*layers).properties(height=420), words, _said(tables)
    )


def _labels(
    middle: pd.DataFrame, x: alt.X, y: dict[str, Any], colour: alt.Color, start: float, low: float
) -> list[alt.Chart]:
    """Each optimiser's name beside its curve, the faster the lower."""
    last = middle["step"].max()
    ends = middle[middle["loss"] >= low].groupby("name").tail(1).sort_values("loss", ascending=False)
    parts = []
    for place, name in enumerate(ends["name"]):
        curve = middle[(middle["name"] == name) & (middle["loss"] >= low)]
        target = np.log(start) + (0.2 + 0.2 * place) * np.log(low / start)
        parts.append(curve.loc[[(np.log(curve["loss"]) - target).abs().idxmin()]])
    found = pd.concat(parts)
    right = found["step"] > 0.75 * last
    sides = (found[~right], {"align": "left", "dx": 6}), (found[right], {"align": "right", "dy": -8})
    return [
        alt.Chart(part)
        .mark_text(fontSize=12, fontWeight="bold", **side)
        .encode(x=x, y=alt.Y("loss:Q", **y), color=colour, text="name:N")
        for part, side in sides
        if len(part)
    ]


def _said(tables: Tables) -> str:
    rates = rows(tables, "rates")
    text = "Loss by step for each optimiser."
    for row in rates.to_dict("records"):
        if pd.notna(row["predicted"]) and pd.notna(row["measured"]):
            text += (
                f" {NAMES[row['optimizer']]}: factor a step {row['measured']:.4g}, "
                f"by theory {row['predicted']:.4g}."
            )
    return text


def _path(tables: Tables, config: Config) -> Panel | None:
    path, cells = _named(rows(tables, "path")), rows(tables, "surface")
    if path.empty or cells.empty:
        return None
    wide, tall = (sorted(set(cells[axis])) for axis in ("x", "y"))
    step = wide[1] - wide[0], tall[1] - tall[0]
    # Bands of equal ratio, as contours would be.
    log = np.log10(np.maximum(cells["loss"], cells["loss"].max() * 1e-6))
    bands = np.floor((log - log.min()) / (log.max() - log.min() + 1e-12) * LEVELS)
    shown = cells.assign(
        band=bands,
        x0=cells["x"] - 0.5 * step[0],
        x1=cells["x"] + 0.5 * step[0],
        y0=cells["y"] - 0.5 * step[1],
        y1=cells["y"] + 0.5 * step[1],
    )
    plane = config.problem == "quadratic"
    titles = ("flattest direction", "stiffest direction") if plane else ("x", "y")
    across = alt.Scale(domain=[wide[0], wide[-1]], nice=False)
    upward = alt.Scale(domain=[tall[0], tall[-1]], nice=False)
    bare = alt.Axis(grid=False)
    ground = (
        alt.Chart(shown)
        .mark_rect(strokeWidth=0, opacity=0.35, clip=True)
        .encode(
            x=alt.X("x0:Q", title=titles[0], scale=across, axis=bare),
            x2="x1:Q",
            y=alt.Y("y0:Q", title=titles[1], scale=upward, axis=bare),
            y2="y1:Q",
            color=alt.Color("band:Q", scale=alt.Scale(scheme="greys"), legend=None),
        )
    )
    path = path.dropna(subset=["x", "y"])
    legend = alt.Legend(
        title=None, orient="bottom", columns=4 if len(set(path["name"])) > 4 else 2, **LINES
    )
    walk = alt.Chart(path).encode(
        x=alt.X("x:Q", scale=across),
        y=alt.Y("y:Q", scale=upward),
        color=_colour(path["optimizer"], legend),
        order="step:Q",
        tooltip=["name:N", "step:Q"],
    )
    layers = ground + (
        walk.mark_line(strokeWidth=1.5, clip=True, opacity=0.9)
        + walk.mark_point(filled=True, size=14, clip=True, opacity=0.9)
    )
    caption = (
        "From the first start, at the steps seen; the darker, the higher the loss, in equal ratios."
    )
    if plane and config.dimension > 2:
        caption += " The plane of the flattest and the stiffest of all directions."
    return Panel(
        "path",
        "The way down",
        layers.resolve_scale(color="independent").properties(height=380),
        caption,
        "Paths of the optimisers over the loss, from the first start.",
    )


def _phase(tables: Tables) -> Panel | None:
    cells, boundary = rows(tables, "phase"), rows(tables, "boundary")
    if boundary.empty:
        return None
    x = {"title": "step size η, units of 1/L", "scale": alt.Scale(domain=[0, 4.7], nice=False)}
    y = {"title": "momentum m", "scale": alt.Scale(domain=[-0.02, 0.98], nice=False)}
    layers = []
    if not cells.empty:
        shown = cells.assign(
            x0=cells["step_size"] - 0.0505,
            x1=cells["step_size"] + 0.0505,
            y0=cells["momentum"] - 0.0203,
            y1=cells["momentum"] + 0.0203,
        )
        scale = alt.Scale(domain=list(OUTCOMES), range=list(OUTCOMES.values()))
        layers.append(
            alt.Chart(shown)
            .mark_rect(opacity=0.55, clip=True, strokeWidth=0)
            .encode(
                x=alt.X("x0:Q", **x),
                x2="x1:Q",
                y=alt.Y("y0:Q", **y),
                y2="y1:Q",
                color=alt.Color(
                    "outcome:N", scale=scale, legend=alt.Legend(title=None, orient="bottom")
                ),
                tooltip=[
                    alt.Tooltip("step_size:Q", title="η L", format=".2f"),
                    alt.Tooltip("momentum:Q", format=".2f"),
                    alt.Tooltip("ratio:Q", title="distance, of the start's", format=".2g"),
                ],
            )
        )
    place = alt.X("measured:Q", **x), alt.Y("momentum:Q", **y)
    layers.append(charts.theory(boundary, alt.X("predicted:Q", **x), place[1], order="momentum:Q"))
    found = boundary.dropna(subset="measured")
    tooltip = [
        alt.Tooltip("momentum:Q", format=".2f"),
        alt.Tooltip("measured:Q", format=".4f"),
        alt.Tooltip("predicted:Q", format=".4f"),
    ]
    mark = alt.Chart(found).mark_point(color=charts.ink(), size=22, strokeWidth=1.2)
    layers.append(mark.encode(x=place[0], y=place[1], tooltip=tooltip))
    name = pd.DataFrame({"at": [2.85], "m": [0.42], "name": ["η = 2(1 + m)/L"]})
    text = alt.Chart(name).mark_text(color=charts.ink(), align="left", dx=8, dy=6, fontSize=12)
    layers.append(text.encode(x=alt.X("at:Q", **x), y=alt.Y("m:Q", **y), text="name:N"))
    caption = "Dashed: the threshold; circles: where it was found, on the quadratic of these curvatures."
    if not cells.empty:
        caption = (
            "Heavy ball from the first start, 200 steps a cell; converged: a hundredth of the distance "
            "is left; momentum 0 is gradient descent. " + caption
        )
    worst = (found["measured"] / found["predicted"] - 1).abs().max() if len(found) else np.nan
    return Panel(
        "phase",
        "Which step size and momentum converge?",
        alt.layer(*layers).properties(height=340),
        caption,
        f"Outcome of heavy ball by step size and momentum; the threshold found is within {worst:.2%} of "
        "the predicted line.",
    )
