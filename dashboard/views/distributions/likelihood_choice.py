"""The page of choosing a likelihood: what each head predicts, its held-out score beside what theory
says, and whether its probabilities can be believed."""

from typing import Any

import altair as alt
import pandas as pd

from core.experiments.distributions.likelihood_choice import NAMES
from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
A network's outputs can be read as the parameters of a law of the target, and **a loss is the negative
log-likelihood of a law**: squared error is a normal law of constant spread, absolute error a Laplace
law, the loss of a Poisson count its own. Which law is right is a question that data answer.

Held-out targets score each predicted law $q(y \mid x)$ by $\log q(y \mid x)$. On average, with $p$ the
true law,

$$
\mathbb E \log q(y \mid x) = \mathbb E \log p(y \mid x) - \mathrm{KL}(p \,\|\, q),
$$

**exactly**, however the network was trained: two losses differ by the difference of their divergences.
Nothing else can be gained from a better law than its divergence, in nats a target.

A law can win and still be wrong. If $Q$ is the predicted distribution function, the **probability
transform** $Q(y)$ of held-out targets is uniform where $q = p$. A hump in its histogram says that the
intervals are too wide, peaks at both ends that they are too narrow, a slope that they lie too low or
too high. Counts are placed at random within their step.

**What it assumes.** Held-out targets come from the law of the training. The scores of counts are
probabilities of whole numbers under every head, so that densities compare with them; scores of
measurements depend on the unit, their differences do not. Uniformity is tested at the 99.9 % point: a
network of the right head that was trained too little or on too few samples fails it too.

**What to look for.** Assume the Poisson law for counts that spread more: its intervals miss, and each
target costs it most of a nat. Take a Student t law for the truth: squared error is led by a few values.
Take the mixture: no law with one hump can say that the target is high or low but not between. With few
training samples the head with most freedom loses first.

Sources: Gneiting & Raftery 2007, *JASA* 102, 359; Diebold, Gunther & Tay 1998, *International Economic
Review* 39, 863; Czado, Gneiting & Held 2009, *Biometrics* 65, 1254; Nix & Weigend 1994, *ICNN*;
Bishop 1994, *Mixture density networks*.
"""

PERCENT = alt.Axis(format="%")


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """The best head, its lead, and how often the intervals of the assumed one hold the target."""
    scores = rows(tables, "scores")
    if scores.empty:
        return []
    best, said = scores.iloc[0], f"mean held-out log-score {scores['score'].iloc[0]:.3f} nats"
    made = [Figure("Best loss", NAMES[best["head"]], said)]
    if len(scores) > 1:
        next_one = scores.iloc[1]
        lead = charts.number(next_one["behind"], next_one["behind_error"])
        text = f"over {NAMES[next_one['head']]}, nats a target, paired"
        made.append(Figure("Its lead, nats", lead, text))
    one = scores[scores["head"] == _assumed(scores, config)].iloc[0]
    label = f"In 90 % intervals, {NAMES[one['head']]}"
    return [*made, Figure(label, f"{one['coverage']:.1%}", "share of held-out targets inside")]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Scores beside theory, the predicted law, the transforms."""
    made = [_scores(tables), _bands(tables, config), _transforms(tables, config)]
    return [panel for panel in made if panel]


def _assumed(scores: pd.DataFrame, config: Config) -> str:
    """The head whose calibration is put to the test."""
    if config.assumed in set(scores["head"]):
        return str(config.assumed)
    right = config.truth if config.data == "simulated" else ""
    return right if right in set(scores["head"]) else str(scores["head"].iloc[0])


def _scores(tables: Tables) -> Panel | None:
    scores = rows(tables, "scores")
    if scores.empty:
        return None
    known = scores["divergence"].notna().any()
    # Behind the truth where it is known, behind the best head where it is not.
    theory = rows(tables, "theory")
    top = -float(theory["entropy"].iloc[0]) if known else float(scores["score"].iloc[0])
    lost, wide = top - scores["score"], 2 * scores["behind_error"]
    data = scores.assign(name=scores["head"].map(NAMES), lost=lost, low=lost - wide, high=lost + wide)
    title = "nats lost a target, against " + ("the true law" if known else "the best head")
    most = 1.1 * float(data["high"].clip(upper=5 * data["lost"].median() + 0.5).max())
    least = min(0.0, float(data["low"].min()))
    scale = alt.Scale(domain=[least, max(most, 0.05)], nice=False)
    x = alt.X("lost:Q", title=title, scale=scale)
    y = alt.Y("name:N", sort=list(data["name"]), title=None, axis=alt.Axis(labelLimit=150))
    tips = [
        alt.Tooltip("name:N", title="head"),
        alt.Tooltip("lost:Q", title="nats lost", format=".4f"),
        alt.Tooltip("divergence:Q", title="divergence", format=".4f"),
        alt.Tooltip("score:Q", title="held-out score", format=".4f"),
        alt.Tooltip("coverage:Q", title="in 90 % intervals", format=".1%"),
    ]
    base = alt.Chart(data).encode(y=y)
    layers: list[Any] = [
        base.mark_rule(color=charts.TEST, strokeWidth=2, clip=True).encode(
            x=alt.X("low:Q", title=title, scale=scale), x2="high:Q"
        ),
        base.mark_point(filled=True, size=90, color=charts.TEST, opacity=1, clip=True).encode(
            x=x, tooltip=tips
        ),
    ]
    if known:
        tick = base.mark_tick(color=charts.ink(), thickness=2, size=20, clip=True)
        layers.append(tick.encode(x=alt.X("divergence:Q", title=title, scale=scale), tooltip=tips))
    chart = alt.layer(*layers).properties(height=alt.Step(34))
    best, last = data.iloc[0], data.iloc[-1]
    said = (
        f"{best['name']} scores best; {last['name']} loses {last['lost'] - best['lost']:.3g} nats more."
    )
    caption = said + (
        " Bar in ink: the divergence from the true law, by quadrature. Point: held-out targets, ± 2 "
        "standard errors of the difference from the best."
        if known
        else " Point: held-out targets, ± 2 standard errors of the difference from the best."
    )
    return Panel("scores", "What does each loss cost?", chart, caption, caption)


def _bands(tables: Tables, config: Config) -> Panel | None:
    data, sample, scores = (rows(tables, name) for name in ("bands", "sample", "scores"))
    if data.empty or scores.empty:
        return None
    head = _assumed(scores, config)
    mine, truth = data[data["head"] == head], data[data["head"] == "truth"]
    low, high = sample["target"].quantile([0.002, 0.998])
    low = min(low, float(truth["low"].min()))
    high = max(high, float(truth["high"].max()))
    room = 0.08 * (high - low)
    scale = alt.Scale(domain=[low - room, high + room], nice=False)
    x = alt.X("input:Q", title="input", scale=alt.Scale(domain=[-1, 1]))
    y = {"title": "target", "scale": scale}
    points = alt.Chart(sample).mark_point(
        filled=True, size=14, color=charts.FLOOR, opacity=0.5, clip=True
    )
    base = alt.Chart(mine).encode(x=x)
    layers: list[Any] = [
        points.encode(x=x, y=alt.Y("target:Q", **y)),
        base.mark_area(color=charts.TEST, opacity=0.25, clip=True).encode(
            y=alt.Y("low:Q", **y), y2="high:Q"
        ),
        base.mark_line(color=charts.TEST, strokeWidth=2, clip=True).encode(y=alt.Y("middle:Q", **y)),
    ]
    layers += [charts.theory(truth, x, alt.Y(f"{name}:Q", **y)) for name in ("low", "middle", "high")]
    caption = (
        f"{NAMES[head]}: median and central 90 % of the predicted law, of the first replicate. Dashed: "
        f"the same of the true law. Points: {len(sample):,} held-out targets."
    )
    chart = alt.layer(*layers).properties(height=340)
    return Panel("bands", "What does the head predict?", chart, caption, caption)


def _transforms(tables: Tables, config: Config) -> Panel | None:
    data, scores = rows(tables, "pit"), rows(tables, "scores")
    if data.empty:
        return None
    head = _assumed(scores, config)
    mine = data[data["head"] == head]
    error = float(mine["standard_error"].iloc[0])
    mine = mine.assign(
        middle=(mine["low"] + mine["high"]) / 2, least=0.1 - 3 * error, most=0.1 + 3 * error
    )
    top = max(1.1 * float(mine["share"].max()), 0.15)
    y = {
        "title": "share of held-out targets",
        "scale": alt.Scale(domain=[0, top], nice=False),
        "axis": PERCENT,
    }
    x = alt.X("low:Q", title="predicted probability of a smaller target", axis=PERCENT)
    tips = [
        alt.Tooltip("share:Q", format=".3~%"),
        alt.Tooltip("predicted:Q", title="under the true law", format=".3~%"),
    ]
    base = alt.Chart(mine)
    layers: list[Any] = [
        base.mark_bar(color=charts.TEST, opacity=0.7).encode(
            x=x, x2="high:Q", y=alt.Y("share:Q", **y), y2=alt.datum(0), tooltip=tips
        ),
        base.mark_rect(color=charts.FLOOR, opacity=0.3).encode(
            x=x, x2="high:Q", y=alt.Y("least:Q", **y), y2="most:Q"
        ),
    ]
    known = ""
    if mine["predicted"].notna().any():
        known = " Dashed: the share that the true law gives each bin."
        layers.append(charts.theory(mine, alt.X("middle:Q"), alt.Y("predicted:Q", **y)))
    nearest = scores.loc[scores["cramer_von_mises"].idxmin(), "head"]
    caption = (
        f"{NAMES[head]}: probability transforms of held-out targets. Flat for an honest head; grey: "
        f"10 % ± 3 standard errors.{known} Nearest to flat of all heads: {NAMES[nearest]}."
    )
    chart = alt.layer(*layers).properties(height=300)
    return Panel("transforms", "Can its probabilities be believed?", chart, caption, caption)
