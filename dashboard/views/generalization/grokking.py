"""The page of grokking: networks on modular addition, or the linear model with its theory."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows
from dashboard.views.generalization import modular_addition

WHY = r"""
*Grokking* is test accuracy that rises long after training accuracy has reached its end.

**Modular addition.** Networks of quadratic units learn $a+b \bmod p$ from a part of the $p^2$ pairs.
In the table of sums each number stands once in each row and column. Who goes by what was seen beside
$a$, or beside $b$, leaves out the right answer: while the training pairs are learned by heart, fewer
new ones are right than by chance. A unit that works has weights of one frequency,

$$
h = \bigl(\cos(\tfrac{2\pi k a}{p}+\alpha) + \cos(\tfrac{2\pi k b}{p}+\beta)\bigr)^2
\quad\text{to output } c \text{ with}\quad \cos(\tfrac{2\pi k c}{p}+\alpha+\beta),
$$

and six of them for each of the $(p-1)/2$ frequencies, with phases in sixths of a turn, give every sum
**exactly**: all other products of cosines cancel. Training finds units like these. Their phases add up
early; their power gathers at one frequency late, as weight decay wears down what the training pairs
do not need, and new pairs are then right.

No theorem says when. Exact is what holds before training: mean risk $1+3/p$, a share $1/p$ of right
answers, and a unit's strongest of $m=(p-1)/2$ frequencies with $\frac1m\sum_{i\le m}\frac1i$ of its
power.

**Linear model.** The delay alone needs no deep network. In linear regression every direction of the
data is learned at its own rate, its variance $\nu$ among the training samples. A direction of small
$\nu$ is learned late. Training loss hardly sees it, for the same reason: the samples hardly vary along
it. New samples do. For independent features the variances follow the Marchenko–Pastur law $\mu$ at
$d/n$. With a student whose weights start at standard deviation $S$, a teacher of standard deviation 1,
weight decay $c$, and

$$
g(\nu) = S^2 e^2 + (1 - s + e\,s)^2,\qquad e = e^{-(\nu+c)t},\qquad s = \frac{\nu}{\nu+c},
$$

both losses are integrals,

$$
L_\text{train}(t) = \int \nu\, g(\nu)\, d\mu,\qquad L_\text{test}(t) = \int g(\nu)\, d\mu .
$$

A prediction is right when its error is below $\varepsilon$. Errors are nearly normal, so the share of
right ones is $\operatorname{erf}\bigl(\varepsilon/\sqrt{2L}\bigr)$: a loss that falls smoothly is an
accuracy that jumps, at a time that depends on where the line is drawn.

**What it assumes.** Networks: something to find, few pairs, weight decay. Without decay so few pairs
never suffice; with most pairs trained on there is no delay. Linear model: independent features with
finite variance. Correlated features, or samples of random scale, have other variances $\nu$.

**What to look for.** Halve the weight decay and wait longer. Linear: bring $d/n$ to 1 and the delay
grows without end; beyond, some directions are never seen, and the test loss stays at $1 - n/d$ of its
start.

Sources: [Power, Burda, Edwards, Babuschkin & Misra (arXiv:2201.02177)](https://arxiv.org/abs/2201.02177);
[Gromov (arXiv:2301.02679)](https://arxiv.org/abs/2301.02679);
[Levi, Beck & Bar-Sinai (arXiv:2310.16441)](https://arxiv.org/abs/2310.16441).
"""

TIMES = alt.Axis(format="~g", tickCount=6)


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """When training and when new samples are learned, and the factor between."""
    if config.task == "addition":
        return modular_addition.verdict(tables)
    delay = rows(tables, "delay")
    here = delay[np.isclose(delay["ratio"], config.ratio)] if len(delay) else delay
    if here.empty:
        return []
    row = here.iloc[0]
    gloss = "of the mean loss over replicates; 95 % of normal errors are then within the tolerance"
    return [
        Figure(
            "Training learned at t",
            _said(row["train"]),
            f"{gloss}; theory {_said(row['predicted_train'])}",
        ),
        Figure(
            "New samples at t", _said(row["test"]), f"{gloss}; theory {_said(row['predicted_test'])}"
        ),
        Figure("Delay", _times(row["delay"]), f"ratio of the two; theory {_times(row['predicted'])}"),
    ]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Accuracy against time; loss against time; the delay against features per sample."""
    if config.task == "addition":
        return modular_addition.panels(tables, config)
    if rows(tables, "theory").empty or rows(tables, "summary").empty:
        return []
    made = [_accuracy(tables, config), _loss(tables, config)]
    delay = rows(tables, "delay")
    if not delay.empty and delay["predicted"].notna().any():
        made.append(_delay(tables, config))
    return made


def _said(value: float) -> str:
    return charts.number(value) if pd.notna(value) else "never"


def _times(value: float) -> str:
    return f"{charts.number(value)}×" if pd.notna(value) else "endless"


def _drawn(tables: Tables, name: str) -> pd.DataFrame:
    """A table without its start, which has no place on a log scale of time."""
    table = rows(tables, name)
    return table[table["time"] > 0]


def _x(frame: pd.DataFrame) -> alt.X:
    scale = alt.Scale(type="log", domain=list(frame["time"].agg(["min", "max"])), nice=False)
    return alt.X("time:Q", title="time t (log scale)", scale=scale, axis=TIMES)


def _accuracy(tables: Tables, config: Config) -> Panel:
    summary, theory = _drawn(tables, "summary"), _drawn(tables, "theory")
    x, y = (
        _x(theory),
        {"title": "share of right predictions", "scale": alt.Scale(domain=[0, 1.02], nice=False)},
    )
    layers: list[Any] = [charts.rule(0.95, "95 %", axis="y", scale=y["scale"])]
    layers += _curves(summary, theory, "accuracy", x, y)
    chart = alt.layer(*layers).properties(height=400)
    caption = (
        f"Points: {_counted(tables)}, with the band of ± standard error. Dotted: theory. "
        f"A prediction is right within {config.tolerance:g} standard deviations of the teacher's output."
    )
    ends = summary.groupby("split")["accuracy"].last()
    finding = (
        f"Training accuracy ends at {ends['train']:.3f}, test accuracy at {ends['test']:.3f}; "
        f"the first rises earlier."
    )
    return Panel("accuracy", "Right predictions while it trains", chart, caption, finding)


def _loss(tables: Tables, config: Config) -> Panel:
    summary, theory = _drawn(tables, "summary"), _drawn(tables, "theory")
    top = max(summary["risk"].max(), theory["risk"].max())
    scale = alt.Scale(type="log", domain=[1e-4 * top, 1.5 * top], nice=False)
    axis = alt.Axis(tickCount=5, format="~g")
    y = {"title": "loss, variances of the teacher (log scale)", "scale": scale, "axis": axis}
    level = _level(config)
    layers: list[Any] = []
    if 1e-4 * top < level < top:
        layers.append(charts.rule(level, "95 % right below", axis="y", scale=scale))
    floor = 1 - 1 / config.ratio
    if floor > 0:
        layers.append(charts.rule(floor, "teacher's part no sample shows", axis="y", scale=scale))
    layers += _curves(summary, theory, "risk", _x(theory), y)
    chart = alt.layer(*layers).properties(height=300)
    caption = (
        f"Points: {_counted(tables)} ± standard error; dotted: theory, nothing fitted. "
        "Losses below a ten-thousandth of the largest are left out."
    )
    ends = summary.groupby("split")["risk"].last()
    finding = f"Training loss ends at {ends['train']:.2g}, test loss at {ends['test']:.2g}."
    return Panel("loss", "Loss while it trains", chart, caption, finding)


def _level(config: Config) -> float:
    return float((config.tolerance / 1.959964) ** 2)


def _curves(
    summary: pd.DataFrame, theory: pd.DataFrame, name: str, x: alt.X, y: dict[str, Any]
) -> list[alt.Chart]:
    # What lies below the scale is left out: a log scale has no zero.
    least = y["scale"].domain[0]
    theory = theory[theory[name] >= least]
    error = summary[f"{name}_error"].fillna(0.0)
    shown = summary.assign(low=(summary[name] - error).clip(lower=least), high=summary[name] + error)
    shown = shown[shown[name] >= least]
    colour = alt.Color("split:N", scale=charts.SPLITS, legend=None)
    base = alt.Chart(shown).encode(x=x, color=colour)
    height = alt.Y(f"{name}:Q", **y)
    tooltip = ["split:N", alt.Tooltip("time:Q", format=".3g"), alt.Tooltip(f"{name}:Q", format=".3g")]
    point = base.mark_point(filled=True, size=22, opacity=0.9, clip=True)
    layers = [
        base.mark_area(opacity=0.2, clip=True).encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        charts.theory(theory, x, height, asymptotic=True, detail="split:N"),
        point.encode(y=height, shape=alt.Shape("split:N", legend=None), tooltip=tooltip),
    ]
    return [
        *layers,
        *(_name(shown[shown["split"] == split], name, x, height, colour) for split in ("train", "test")),
    ]


def _name(curve: pd.DataFrame, name: str, x: alt.X, height: alt.Y, colour: alt.Color) -> alt.Chart:
    """The name of a curve halfway down or up, left of the training curve and right of the other."""
    middle = (curve[name].iloc[0] + curve[name].iloc[-1]) / 2 if name == "accuracy" else np.nan
    if name == "accuracy":
        at = curve.loc[[(curve[name] - middle).abs().idxmin()]]
    else:
        at = curve.iloc[[len(curve) // 2]]
    train = bool((curve["split"] == "train").all())
    side: dict[str, Any] = {"align": "right", "dx": -10} if train else {"align": "left", "dx": 12}
    if name == "risk" and not train:
        side["dy"] = -10
    text = alt.Chart(at).mark_text(fontSize=12, fontWeight="bold", clip=True, **side)
    return text.encode(x=x, y=height, color=colour, text="split:N")


def _delay(tables: Tables, config: Config) -> Panel:
    delay = rows(tables, "delay").dropna(subset=["predicted"])
    top = max(delay[["delay", "upper", "predicted"]].max())
    y = {
        "title": "delay, test over training time (log scale)",
        "scale": alt.Scale(type="log", domain=[0.8, 1.5 * top], nice=False),
        "axis": alt.Axis(tickCount=5, format="~g"),
    }
    x = alt.X(
        "ratio:Q",
        title="features per sample, d / n",
        scale=alt.Scale(zero=False, padding=14, nice=False),
    )
    base = alt.Chart(delay).encode(x=x)
    tooltip = [
        alt.Tooltip(f"{name}:Q", format=".3g")
        for name in ("ratio", "train", "test", "delay", "predicted_train", "predicted_test", "predicted")
    ]
    layers = [
        charts.theory(delay, x, alt.Y("predicted:Q", **y), asymptotic=True),
        base.mark_rule(color=charts.TEST, clip=True).encode(y=alt.Y("lower:Q", **y), y2="upper:Q"),
        base.mark_point(filled=True, size=50, color=charts.TEST, opacity=1).encode(
            y=alt.Y("delay:Q", **y), tooltip=tooltip
        ),
    ]
    caption = (
        f"Of the mean loss over {config.replicates} replicates; lines: 10th to 90th percentile of "
        "single ones. Dotted: theory. Where new samples are never learned there is no point."
    )
    last = delay.iloc[-1]
    finding = (
        f"At d / n = {last['ratio']:g} new samples take {last['delay']:.3g} times as long as training."
    )
    chart = alt.layer(*layers).properties(height=300)
    return Panel("delay", "How long is the delay?", chart, caption, finding)


def _counted(tables: Tables) -> str:
    risk = rows(tables, "risk")
    count = 0 if risk.empty else risk["replicate"].nunique()
    return "one replicate" if count == 1 else f"mean of {count} replicates"
