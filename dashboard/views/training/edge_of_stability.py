"""The page of edge-of-stability: sharpness against the threshold as training goes on."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
The **sharpness** is the largest eigenvalue of the Hessian $H$ of the training risk: the curvature
along the steepest-walled direction. On a quadratic of curvature $s$ a step of gradient descent
multiplies the distance from the minimum by $1 - \eta s$, so it contracts for $s < 2/\eta$ and grows
beyond. Setting the root of each method's recursion that first reaches $-1$ to $-1$ gives

| method | stable below |
|---|---|
| gradient descent | $2/\eta$ |
| heavy ball | $2(1+\beta)/\eta$ |
| Nesterov | $2(1+\beta)/((1+2\beta)\eta)$ |
| Adam, for $P^{-1}H$ | $2(1+\beta_1)/((1-\beta_1)\eta)$, or $38/\eta$ at $\beta_1 = 0.9$ |

with $P = (1-\beta_1^t)\,\mathrm{diag}(\sqrt{\hat v_t} + \epsilon)$, by which Adam divides.

**What is a theorem.** While the curvature along its step stays below $2/\eta$, gradient descent
lowers the risk at every step (the descent lemma).

**What is an empirical law.** Networks do not stay there. Their sharpness rises as they train
(*progressive sharpening*) until it reaches the threshold, and then stays about there: each time it
passes, the iterate begins to oscillate along the sharpest direction, and the third derivative of
the risk turns that oscillation into a step towards flatter ground. The risk rises on many steps and
yet falls in the long run.

**What it assumes.** Full batches: the noise of small ones keeps the sharpness lower. Data that
remain hard to fit: labels that are easy to learn are fitted before the threshold comes near. With
much momentum or a small step size it may not be reached in the steps given.

**What to look for.** Halve the learning rate: the threshold doubles, and so does the sharpness at
the end. The risk's first rise comes where the sharpness first crosses.

Sources: [Cohen, Kaur, Li, Kolter & Talwalkar (arXiv:2103.00065)](https://arxiv.org/abs/2103.00065);
Adam: [Cohen et al. (arXiv:2207.14484)](https://arxiv.org/abs/2207.14484);
why it stays: [Damian, Nichani & Lee (arXiv:2209.15594)](https://arxiv.org/abs/2209.15594);
descent lemma: Nesterov (2004), *Introductory Lectures on Convex Optimization*, section 1.2.3.
"""


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """The late ratio to the threshold, when it was reached, and how often the risk rose."""
    overall = rows(tables, "overall")
    if overall.empty:
        return []
    at = overall.set_index("quantity")
    late, crossed = at.loc["ratio late"], at.loc["crossed"]
    reached = crossed["value"] > 0
    help_ = "median from the first crossing on; mean over replicates ± standard error"
    if not reached:
        help_ = "median over the last quarter; mean over replicates ± standard error"
    value = charts.number(late["value"], late["standard_error"])
    figures = [Figure("Sharpness / threshold, late", value, help_)]
    step, said = "not reached", "step at which the sharpness first came to the threshold"
    if reached:
        first = at.loc["first crossing"]
        step = charts.number(first["value"], first["standard_error"])
    label = f"Threshold reached, {crossed['value']:.0f} {crossed['unit']}"
    figures.append(Figure(label, f"step {step}" if reached else step, said))
    name = "rises after" if reached else "rises before"
    share = at.loc[name]
    text = f"{charts.number(100 * share['value'], 100 * share['standard_error'])} %"
    when = "after it was reached" if reached else "of all"
    return [
        *figures,
        Figure(f"Steps on which risk rose, {name.split()[1]}", text, f"share of steps, {when}"),
    ]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Sharpness, then risk, by step; then how often the risk rose at which sharpness."""
    sharpness, theory = rows(tables, "sharpness"), rows(tables, "theory")
    if theory.empty or sharpness.empty or sharpness["step"].nunique() < 2:
        return []
    return [
        _sharpness(tables, sharpness, theory.iloc[0]),
        _risk(tables, theory.iloc[0]),
        _rises(sharpness),
    ]


def _sharpness(tables: Tables, sharpness: pd.DataFrame, theory: pd.Series) -> Panel:
    limit = theory["sharpness"]
    top = max(1.25 * limit, min(1.05 * sharpness["sharpness"].max(), 3 * limit))
    scale = alt.Scale(domain=[0, top], nice=False)
    y = {"title": "sharpness", "scale": scale, "axis": alt.Axis(format="~s")}
    layers = [_replicates(sharpness, "sharpness", y), _median(tables, "sharpness", y)]
    layers += _threshold(limit, f"{theory['name']} = {limit:,.4g}", scale)
    text = (
        f"Sharpness by step. The threshold {theory['name']} is {limit:.4g}; at the end the median over "
        f"replicates is {_last(tables, 'sharpness'):.4g}."
    )
    return Panel(
        "sharpness",
        "Sharpness as training goes on",
        alt.layer(*layers).properties(height=420),
        f"Pale: each of {_count(sharpness)}; strong: their median. Dashed: where a step on a quadratic "
        "begins to grow.",
        text,
    )


def _risk(tables: Tables, theory: pd.Series) -> Panel:
    risk = rows(tables, "risk")
    shown = risk[risk["risk"] > 0]
    scale = alt.Scale(type="log", nice=False)
    y = {"title": "risk, squared units (log scale)", "scale": scale, "axis": alt.Axis(format="~g")}
    layers: list[Any] = [_replicates(shown, "risk", y), _median(tables, "risk", y)]
    if pd.notna(theory["step"]):
        layers.append(charts.rule(theory["step"], "threshold reached"))
    return Panel(
        "risk",
        "The risk falls, in the end not at every step",
        alt.layer(*layers).properties(height=320),
        f"Half the mean squared error on the training rows, each of {_count(risk)} and their median. "
        "The rule is the median step at which the sharpness reached the threshold.",
        f"Training risk by step; at the end the median is {_last(tables, 'risk'):.3g}.",
    )


def _rises(sharpness: pd.DataFrame) -> Panel:
    shown = sharpness[sharpness["step"] > 0]
    x = alt.X("ratio:Q", title="sharpness / threshold", scale=alt.Scale(domain=[0, 1.5], clamp=True))
    y = alt.Y("rises:Q", title="steps on which the risk rose", axis=alt.Axis(format=".0%"))
    tooltip = [
        "replicate:O",
        "step:Q",
        alt.Tooltip("ratio:Q", format=".3f"),
        alt.Tooltip("rises:Q", format=".0%"),
    ]
    points = alt.Chart(shown).mark_circle(size=22, opacity=0.35, color=charts.TRAIN)
    chart = points.encode(x=x, y=y, tooltip=tooltip) + charts.rule(1.0, "threshold")
    below = shown.loc[shown["ratio"] < 0.9, "rises"].mean()
    text = "Share of steps on which the risk rose against sharpness over threshold."
    if pd.notna(below):
        text += f" Below 0.9 of the threshold it is {below:.1%} on average."
    return Panel(
        "rises",
        "At which sharpness does the risk rise?",
        chart.properties(height=320),
        "A point is one replicate between two measurements of its sharpness.",
        text,
    )


def _replicates(frame: pd.DataFrame, name: str, y: dict[str, Any]) -> alt.Chart:
    line = alt.Chart(frame).mark_line(color=charts.TRAIN, strokeWidth=1, opacity=0.3, clip=True)
    return line.encode(x=_step(), y=alt.Y(f"{name}:Q", **y), detail="replicate:N")


def _median(tables: Tables, name: str, y: dict[str, Any]) -> alt.Chart:
    summary = rows(tables, "summary")
    shown = summary[(summary["quantity"] == name) & (summary["median"] > 0)]
    tooltip = [
        "step:Q",
        alt.Tooltip("median:Q", format=".4g"),
        alt.Tooltip("lowest:Q", format=".4g"),
        alt.Tooltip("highest:Q", format=".4g"),
    ]
    line = alt.Chart(shown).mark_line(color=charts.TRAIN, strokeWidth=2.5, clip=True)
    return line.encode(x=_step(), y=alt.Y("median:Q", **y), tooltip=tooltip)


def _threshold(at: float, name: str, scale: alt.Scale) -> list[alt.Chart]:
    base = alt.Chart(pd.DataFrame({"at": [at], "name": [name]}))
    line = base.mark_rule(color=charts.ink(), strokeDash=charts.DASHED, strokeWidth=2)
    text = base.mark_text(color=charts.ink(), fontSize=12, align="left", dy=-8, dx=6)
    y = alt.Y("at:Q", scale=scale)
    return [line.encode(y=y), text.encode(x=alt.value(0), y=y, text="name:N")]


def _step() -> alt.X:
    return alt.X(
        "step:Q", title="step", axis=alt.Axis(format=",d", tickCount=6), scale=alt.Scale(nice=False)
    )


def _count(frame: pd.DataFrame) -> str:
    count = frame["replicate"].nunique()
    return "one replicate" if count == 1 else f"{count} replicates"


def _last(tables: Tables, name: str) -> float:
    summary = rows(tables, "summary")
    return float(summary.loc[summary["quantity"] == name, "median"].iloc[-1])
