"""The page of the complexity curve: risk against a learner's parameter, and which value to take."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
A learner that is too simple misses what is there (train and test risk are both high); one that is too
flexible also fits the noise (train risk is low, test risk rises). In between lies the value to take.

**One standard error.** The curve's minimum is itself uncertain. The rule of Breiman et al. takes the
simplest value whose mean risk is within one standard error of the least: simpler at no risk that these
data could show. For $R$ splits of the same rows with $q$ test rows a training row that standard error is
$s\sqrt{1/R + q}$, since the splits share rows.

**Theory.** For ridge with penalty $\alpha = n\lambda$ on the linear model
$y = \sum_j x_j/\sqrt p + \sigma\varepsilon$ with independent Gaussian features, the risk tends to a
limit as $n, p \to \infty$ at $p/n = \gamma$, and it is least at

$$
\alpha^\star = p\,\sigma^2 .
$$

**What it assumes.** Test rows with inputs like those of the training rows. *Break it*: move them.

**What to look for.** More noise moves the minimum towards the simpler side; more samples, towards the
more flexible one. The number of trees of a forest has no minimum: more trees never overfit. A network
may be best where it is widest, long after its training risk is nearly 0; its weight decay and the length
of its training are capacities too.

Sources: Breiman, Friedman, Olshen & Stone (1984), *Classification and Regression Trees*, section 3.4.3;
[Nadeau & Bengio (2003)](https://doi.org/10.1023/A:1024068626366), *Machine Learning* 52, 239–281;
[Dobriban & Wager (arXiv:1507.03003)](https://arxiv.org/abs/1507.03003);
[Hastie et al. (arXiv:1903.08560)](https://arxiv.org/abs/1903.08560).
"""

SIMPLER = dict.fromkeys(("penalty", "neighbours", "weight decay"), "more simple →")


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """The least risk, where it is, and the simplest value that is as good."""
    choice, summary = rows(tables, "choice"), rows(tables, "summary")
    if choice.empty or summary.empty:
        return []
    least, simple = (choice[choice["rule"] == rule].iloc[0] for rule in ("least", "one standard error"))
    name, parameter = summary["measure"].iloc[0], _parameter(summary)
    risk = charts.number(least["value"], least["standard_error"])
    return [
        Figure(f"Least test {name}", risk, f"mean ± standard error; {_unit(tables)}"),
        Figure(f"Its {parameter}", charts.number(least["setting"]), f"{parameter} of the least mean"),
        Figure(
            "Simplest as good",
            charts.number(simple["setting"]),
            f"the simplest {parameter} within one standard error of the least",
        ),
    ]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Risk against the parameter."""
    summary = rows(tables, "summary")
    if summary.empty or summary["setting"].nunique() < 2:
        return []
    return [_curve(tables, summary)]


def _parameter(summary: pd.DataFrame) -> str:
    return str(summary["parameter"].iloc[0]).replace("_", " ")


def _unit(tables: Tables) -> str:
    if rows(tables, "summary")["measure"].iloc[0] == "error":
        return "share of rows"
    return "nats" if rows(tables, "risk")["error"].notna().any() else "squared units of the target"


def _curve(tables: Tables, summary: pd.DataFrame) -> Panel:
    name, parameter = summary["measure"].iloc[0], _parameter(summary)
    test = summary[summary["split"] == "test"]
    shown = summary.assign(
        low=(summary["value"] - summary["standard_error"].fillna(0)).clip(lower=0),
        high=summary["value"] + summary["standard_error"].fillna(0),
    )
    side = SIMPLER.get(parameter, "← more simple")
    ends = [0.85 * float(summary["setting"].min()), 1.15 * float(summary["setting"].max())]
    across = alt.Scale(type="log", domain=ends, nice=False)
    axis = alt.Axis(format="~g", tickCount=6, grid=False)
    x = alt.X("setting:Q", title=f"{parameter} (log scale), {side}", scale=across, axis=axis)
    top = 1.15 * float(shown["high"].max()) or 1.0
    y: dict[str, Any] = {
        "title": f"{name}, {_unit(tables)}",
        "scale": alt.Scale(domain=[0, top], nice=False),
    }
    layers, choice, limit = [], rows(tables, "choice"), rows(tables, "theory")
    for _, row in choice.iterrows():
        said = "" if row["rule"] == "least" else "simplest as good"
        layers.append(charts.rule(float(row["setting"]), said, scale=across))
    if len(limit):
        layers.append(charts.theory(limit, x, alt.Y("value:Q", **y), asymptotic=True))
    layers += _measured(shown, x, y, name)
    count = rows(tables, "risk")["replicate"].nunique()
    caption = (
        f"Mean of {count} splits ± standard error. Upright lines: the least test {name}, and the "
        "simplest value within one standard error of it."
    )
    if len(limit):
        caption += " Dotted: the limit of ridge's test risk."
    least = test.loc[test["value"].idxmin()]
    words = f"Test {name} is least, {least['value']:.3g}, at {parameter} {least['setting']:.3g}."
    chart = alt.layer(*layers).properties(height=430)
    return Panel("curve", f"{name.capitalize()} against {parameter}", chart, caption, words)


def _measured(shown: pd.DataFrame, x: alt.X, y: dict[str, Any], name: str) -> list[alt.Chart]:
    colour = alt.Color("split:N", scale=charts.SPLITS, legend=None)
    base = alt.Chart(shown).encode(x=x, color=colour)
    tooltip = [
        alt.Tooltip("split:N"),
        alt.Tooltip("setting:Q", format=".3g"),
        alt.Tooltip("value:Q", title=f"mean {name}", format=".4g"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".2g"),
    ]
    last = shown.sort_values("setting").groupby("split").nth(len(shown) // 4)
    text = alt.Chart(last).mark_text(dy=-14, fontSize=12, fontWeight="bold", clip=True)
    return [
        base.mark_rule(strokeWidth=1.5, clip=True).encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_line(strokeWidth=1, opacity=0.6, clip=True).encode(y=alt.Y("value:Q", **y)),
        base.mark_point(filled=True, size=50, opacity=1, clip=True).encode(
            y=alt.Y("value:Q", **y), shape=alt.Shape("split:N", legend=None), tooltip=tooltip
        ),
        text.encode(x=x, y=alt.Y("value:Q", **y), color=colour, text="split:N"),
    ]
