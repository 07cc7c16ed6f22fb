"""The page of many columns: p-values in order, families, and how often such verdicts are mistaken."""

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
Each column gets the family of least AICc, and a **p-value**: the share of samples drawn from the fit,
and fitted again, that lie at least as far from their own fit as the column does (Anderson–Darling).

With $m$ columns, some p-values are small by chance. Were $m_0$ columns of the families that they are
tested for, then at level $q$

$$
\mathrm{E}[\text{false alarms, each by itself}] = m_0\, q, \qquad
\mathrm{E}\!\left[\frac{\text{false}}{\text{rejected}}\right] = q\,\frac{m_0}{m} \le q .
$$

The second holds for Benjamini and Hochberg's rule: with $p_{(1)} \le \dots \le p_{(m)}$, reject all up
to the last with $p_{(i)} \le q\, i / m$.

**What it assumes.** Columns that are independent, or positively dependent (then at most $q\,m_0/m$).
Rows that are independent. P-values that are uniform under the null, as refitted draws give them. The
mistakes are measured on simulated tables with as many columns, each tested for the family that it is
of. A family chosen because it fits best is rejected a little less often than that.

**What to look for.** Let rows follow one another: the share of false discoveries triples, though every
column is of its family. Ignore the estimation: a right column is never rejected, and wrong ones less
often. In a large column any small misfit is seen.

Sources: [Benjamini & Hochberg 1995](https://doi.org/10.1111/j.2517-6161.1995.tb02031.x), *JRSS B* 57,
289; [Benjamini & Yekutieli 2001](https://doi.org/10.1214/aos/1013699998), *Annals of Statistics* 29,
1165; Stephens 1974, *JASA* 69, 730; Burnham & Anderson 2002, *Model Selection and Multimodel Inference*.
"""

COLOURS = {
    "consistent": charts.TRAIN,
    "rejected only by itself": charts.THIRD,
    "not of this family": charts.TEST,
}
TITLES = {
    "alarms": "How many verdicts are chance, each by itself?",
    "discoveries": "And of those rejected after adjustment?",
}
SHAPES = ["circle", "diamond", "square"]


def _tested(tables: Tables) -> pd.DataFrame:
    data = rows(tables, "columns")
    return data if data.empty else data[data["rank"].notna()].sort_values("rank")


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """How many columns are not of their family, and how many verdicts chance makes."""
    data = _tested(tables)
    if data.empty:
        return []
    m, against = len(data), int((data["verdict"] == "not of this family").sum())
    alone = int((data["p_value"] <= config.level).sum())
    found = [
        Figure(
            "Not of their family",
            f"{against} of {m}",
            f"of these, {100 * config.level:.3g} % at most are chance, on average",
        ),
        Figure(
            "Each tested by itself",
            f"{alone} of {m}",
            f"with all families right {charts.number(config.level * m)} would be, by chance",
        ),
    ]
    ties = int((data["tied"] != "").sum())
    return [*found, Figure("Tied", f"{ties} of {m}", "columns for which other families do as well")]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Ordered p-values, families by column, and mistakes on simulated tables."""
    made = [_ordered(tables, config), _families(tables), *_mistakes(tables)]
    return [panel for panel in made if panel]


def _ordered(tables: Tables, config: Config) -> Panel | None:
    data = _tested(tables)
    if data.empty:
        return None
    m = len(data)
    x = alt.X("rank:Q", title="rank of the p-value", axis=alt.Axis(tickMinStep=1, format="d"))
    x = x.scale(domain=[0, m + 1], nice=False)
    y = alt.Y("p_value:Q", title="p-value (square-root scale)").scale(type="sqrt", domain=[0, 1])
    colour = alt.Color("verdict:N", legend=alt.Legend(title=None, orient="bottom", columns=1))
    colour = colour.scale(domain=list(COLOURS), range=list(COLOURS.values()))
    shape = alt.Shape("verdict:N", legend=None, scale=alt.Scale(domain=list(COLOURS), range=SHAPES))
    told = ["column:N", "family:N", "tied:N", "parameters:N", "verdict:N"]
    told += [alt.Tooltip(f"{n}:Q", format=".3g") for n in ("p_value", "adjusted", "samples")]
    points = alt.Chart(data).mark_point(filled=True, size=60, opacity=0.9)
    line = charts.theory(data, x, alt.Y("threshold:Q", title="p-value (square-root scale)"))
    level = charts.rule(config.level, f"level {config.level:g}", axis="y")
    chart = alt.layer(points.encode(x=x, y=y, color=colour, shape=shape, tooltip=told), line, level)
    against = data[data["verdict"] == "not of this family"]["column"]
    few = ", ".join(against[:5]) + (" and others" if len(against) > 5 else "")
    said = f"Not of their family: {few}." if len(against) else "Every column may be of its family."
    caption = f"{said} Dashed: level × rank / {m}; all up to the last p-value under it are rejected."
    return Panel("ordered", "Which p-values are small?", chart.properties(height=360), caption, caption)


def _families(tables: Tables) -> Panel | None:
    data, order = rows(tables, "fits"), rows(tables, "columns")
    if data.empty or order.empty:
        return None
    x = alt.X("family:N", title=None, axis=alt.Axis(labelAngle=-40))
    y = alt.Y("column:N", title=None, sort=list(order["column"]))
    colour = alt.Color("weight:Q", title="Akaike weight").scale(scheme="viridis", domain=[0, 1])
    told = ["column:N", "family:N", *(alt.Tooltip(f"{n}:Q", format=".3g") for n in ("weight", "delta"))]
    chart = alt.Chart(data).mark_rect().encode(x=x, y=y, color=colour, tooltip=told)
    best = order["family"][order["family"] != ""].value_counts()
    counted = ", ".join(f"{name} {count}" for name, count in best.items())
    caption = f"Columns by best family: {counted}. Weights of a column sum to 1."
    height = alt.Step(max(8, min(20, 600 // len(order))))
    return Panel("families", "Which family?", chart.properties(height=height), caption, caption)


def _mistakes(tables: Tables) -> list[Panel]:
    data = rows(tables, "errors")
    if data.empty:
        return []
    data = data[data["predicted"].notna()].assign(
        low=lambda d: d["measured"] - 1.96 * d["standard_error"],
        high=lambda d: d["measured"] + 1.96 * d["standard_error"],
    )
    made = []
    for quantity, part in data.groupby("quantity", sort=False):
        row = part.iloc[0]
        top = 1.3 * float(part[["predicted", "high"]].max().max())
        x = alt.X("measured:Q", title=str(quantity)).scale(domain=[0, top])
        bars = alt.Chart(part).mark_bar(color=charts.TRAIN, height=18, opacity=0.6).encode(x=x)
        error = alt.Chart(part).mark_rule(color=charts.TRAIN, strokeWidth=2)
        error = error.encode(x=alt.X("low:Q", title=str(quantity)), x2="high:Q")
        tick = alt.Chart(part).mark_tick(color=charts.ink(), thickness=3, size=34)
        tick = tick.encode(x=alt.X("predicted:Q", title=str(quantity)))
        predicted, measured = charts.pair(row["predicted"], row["measured"], row["standard_error"])
        caption = (
            f"Mean over simulated tables, tests {row['procedure']}: {measured}, with its 95 % interval. "
            f"In ink: theory, {predicted}."
        )
        key = "alarms" if "alarms" in str(quantity) else "discoveries"
        chart = (bars + error + tick).properties(height=70)
        made.append(Panel(key, TITLES[key], chart, caption, caption))
    return made
