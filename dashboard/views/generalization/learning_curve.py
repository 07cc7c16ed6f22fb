"""The page of the learning curve: risk against sample size, its forecast, and what limits it."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
**The law.** Mean test risk mostly falls with the number $n$ of training samples like

$$
R(n) = a\,n^{-b} + c ,
$$

with a floor $c$ that more of the same data does not lower. This is an empirical law, not a theorem,
so it is put to the test: fitted to the sizes up to half of the largest, it must forecast the risk at
the larger ones. The tolerance is the 99 % interval of forecast minus measured. What is a theorem:
cross-validation of $n$ rows in two folds has the expected risk of $n/2$ of them.

**Intervals** are by bootstrap over whole replicates; each draw also begins its fit at another of the
smallest sizes. They are widened where the law misses the means by more than their errors, by
$\sqrt{1 + R\,n_\text{test}/n_\text{train}}$ where the $R$ replicates are splits of the same rows and so
are not independent, and for few replicates as Student's law says.

**The verdict.** The risk $r$ at the largest size has three parts: what more data would remove, $r - c$;
what the best of the other learners (logistic or ridge, 5 neighbours, a forest of 30 trees) already
avoids, $\max(0, c - q)$ with $q$ its risk; and the rest, $\min(c, q)$, which is noise or a structure
that none of them found. The largest part is what limits the learner; how sure that is, is the share of
bootstrap draws in which it is the largest.

**Where the curve is known.** On a linear model with $p$ Gaussian features, least squares has exactly

$$
R(n) = \sigma^2\,\Bigl(1 + \frac1n\Bigr)\,\frac{n-2}{n-p-2} ,
$$

and between two Gaussian classes at distance $\Delta$ the linear discriminant errs, as $n, p \to \infty$
with $p/n = \gamma$, at the rate

$$
\Phi\Bigl(-\frac{\Delta^2\sqrt{1-\gamma}}{2\sqrt{\Delta^2 + 4\gamma}}\Bigr),
$$

and one nearest neighbour, as $n \to \infty$, at $\mathrm{E}\,2\eta(1-\eta)$, with $\eta$ the probability
of a class; at finite $n$ it is off by a part in $n^{-2/p}$, the square of the distance to the neighbour,
which is taken off by a straight line in $n^{-2/p}$ before the limit is checked. Where a teacher
perceptron tells the classes of Gaussian inputs, Hebb's rule, the sum of inputs with their signs, errs at

$$
\frac1\pi \arccos\sqrt{\frac{2\alpha}{2\alpha + \pi}}, \qquad \alpha = n/p .
$$

**What it assumes.** Rows to come are like those seen, and nothing new begins beyond half of the data.
*Break it*: let later rows have another row's target, or let least squares pass $n = p$ only then.

**What was done to the rows.** Missing numbers become the training part's median, texts an indicator a
level, and everything is scaled by the training part alone. Risk of classes is $-\log p$ with 1 % of $p$
spread equally, so that one certain mistake is not infinite.

**The network** has layers of ReLU units and is trained by AdamW for a fixed number of steps, the same at
every size. **Cancel** ends a fit of a network, a forest or boosting between two of its portions; a lasso
for classes or a support vector machine on many rows goes on unheard to the end of its fit, some seconds.

Sources: [Viering & Loog (arXiv:2103.10948)](https://arxiv.org/abs/2103.10948);
Cortes, Jackel, Solla, Vapnik & Denker (1993), *NIPS* 6, 327–334;
[Nadeau & Bengio (2003)](https://doi.org/10.1023/A:1024068626366), *Machine Learning* 52, 239–281;
Raudys & Young (2004), *J. Multivariate Analysis* 89, 1–35;
Vallet (1989), *Europhysics Letters* 8, 747–751;
Luntz & Brailovsky (1969), *Technicheskaya Kibernetica* 3;
Snapp & Venkatesh (1998), *Annals of Statistics* 26, 850–878;
[Cover & Hart (1967)](https://doi.org/10.1109/TIT.1967.1053964), *IEEE Trans. Inf.
Theory* 13, 21–27.
"""

OTHERS = {
    "logistic": "logistic regression",
    "ridge": "ridge",
    "knn": "5 nearest neighbours",
    "forest": "a forest",
}
LIMITED = {"data": "More data", "capacity": "Capacity", "noise": "Noise"}
SAID = {
    "data": "more samples would lower the risk most",
    "capacity": "another learner would lower the risk most",
    "noise": "neither more samples nor the other learners lower most of the risk",
}


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """The risk at the largest size, the forecast with twice the data, and what limits the learner."""
    forecast, limits, summary = (rows(tables, n) for n in ("forecast", "limits", "summary"))
    if forecast.empty or limits.empty or summary.empty:
        return []
    last = _test(summary).iloc[-1]
    name, unit = _measure(summary), _unit(tables)
    twice = forecast[forecast["forecast"] == "twice"].iloc[0]
    most = limits.loc[limits["value"].idxmax()]
    interval = f"{charts.number(twice['lower'])} to {charts.number(twice['upper'])}"
    return [
        Figure(
            f"Test {name} at n = {last['samples']:,.0f}",
            charts.number(last["value"], last["standard_error"]),
            f"mean over replicates ± standard error; {unit}",
        ),
        Figure("With twice the data", interval, f"95 % interval of the mean test {name}; {unit}"),
        Figure("Limited by", LIMITED[most["limit"]].lower(), SAID[most["limit"]]),
        Figure("How sure", f"{most['sure']:.0%}", "share of bootstrap draws with the same verdict"),
    ]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Risk against samples with its forecast; then what the risk is made of."""
    summary = rows(tables, "summary")
    if summary.empty or _test(summary)["samples"].nunique() < 2:
        return []
    made = [_curve(tables, summary)]
    if not rows(tables, "limits").empty:
        made.append(_limits(tables, summary))
    return made


def _test(summary: pd.DataFrame) -> pd.DataFrame:
    return summary[summary["split"] == "test"].sort_values("samples")


def _measure(summary: pd.DataFrame) -> str:
    return str(summary["measure"].iloc[0])


def _unit(tables: Tables) -> str:
    summary, risk = rows(tables, "summary"), rows(tables, "risk")
    if _measure(summary) == "error":
        return "share of rows"
    return "nats" if risk["error"].notna().any() else "squared units of the target"


def _curve(tables: Tables, summary: pd.DataFrame) -> Panel:
    name, unit, law = _measure(summary), _unit(tables), rows(tables, "curve")
    shown = summary.assign(
        low=(summary["value"] - summary["standard_error"].fillna(0)).clip(lower=0),
        high=summary["value"] + summary["standard_error"].fillna(0),
    )
    top = float(_test(summary)["value"].max()) * 1.25 or 1.0
    heights = alt.Scale(domain=[0, top], nice=False)
    ends = [
        summary["samples"].min(),
        2 * summary["samples"].max() if len(law) else summary["samples"].max(),
    ]
    sizes = alt.Scale(type="log", domain=[0.88 * float(ends[0]), float(ends[1])], nice=False)
    axis = alt.Axis(format="~s", tickCount=6, grid=False)
    x = alt.X("samples:Q", title="training samples n (log scale)", scale=sizes, axis=axis)
    y: dict[str, Any] = {"title": f"{name}, {unit}", "scale": heights}
    layers = _law(law, x, y) if len(law) else []
    layers += _theory(rows(tables, "theory"), x, y) + _measured(shown, x, y, name)
    layers += _held_out(rows(tables, "forecast"), x, y)
    count = rows(tables, "risk")["replicate"].nunique()
    caption = f"Points: mean of {count} replicates ± standard error."
    if len(law):
        caption += (
            " Dashed: the power law fitted to the sizes up to half, and the same for all sizes in "
            "purple with its 95 % band, drawn on to twice the data. Diamonds: what was forecast from "
            "half for the larger sizes, 95 %."
        )
    return Panel(
        "curve",
        "Risk as the sample grows" if name == "risk" else "Error as the sample grows",
        alt.layer(*layers).properties(height=430),
        caption,
        _finding(tables, summary),
    )


def _law(law: pd.DataFrame, x: alt.X, y: dict[str, Any]) -> list[alt.Chart]:
    every, half = (law[law["fit"] == name] for name in ("all", "half"))
    base = alt.Chart(every).encode(x=x)
    band = base.mark_area(color=charts.THIRD, opacity=0.2, clip=True)
    line = base.mark_line(color=charts.THIRD, strokeWidth=2, clip=True)
    made = [band.encode(y=alt.Y("lower:Q", **y), y2="upper:Q"), line.encode(y=alt.Y("value:Q", **y))]
    last = every.tail(1).assign(name="a·n⁻ᵇ + c")
    text = alt.Chart(last).mark_text(color=charts.THIRD, align="right", dy=-12, dx=-4, fontWeight="bold")
    made.append(text.encode(x=x, y=alt.Y("value:Q", **y), text="name:N"))
    if len(half):
        made.insert(0, charts.theory(half, x, alt.Y("value:Q", **y)))
    return made


def _theory(theory: pd.DataFrame, x: alt.X, y: dict[str, Any]) -> list[alt.Chart]:
    if theory.empty:
        return []
    limit = theory["formula"].iloc[0] == "limit"
    line = charts.theory(theory, x, alt.Y("value:Q", **y), asymptotic=limit)
    text = alt.Chart(theory.iloc[[len(theory) // 2]].assign(said="theory: " + theory["name"].iloc[0]))
    mark = text.mark_text(color=charts.ink(), align="left", dy=-12, dx=6, clip=True)
    return [line, mark.encode(x=x, y=alt.Y("value:Q", **y), text="said:N")]


def _measured(shown: pd.DataFrame, x: alt.X, y: dict[str, Any], name: str) -> list[alt.Chart]:
    colour = alt.Color("split:N", scale=charts.SPLITS, legend=None)
    base = alt.Chart(shown).encode(x=x, color=colour)
    tooltip = [
        alt.Tooltip("split:N"),
        alt.Tooltip("samples:Q", format=",.0f"),
        alt.Tooltip("value:Q", title=f"mean {name}", format=".4g"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".2g"),
    ]
    bars = base.mark_rule(strokeWidth=1.5, clip=True).encode(y=alt.Y("low:Q", **y), y2="high:Q")
    line = base.transform_filter("datum.split == 'train'").mark_line(
        strokeWidth=1, opacity=0.6, clip=True
    )
    point = base.mark_point(filled=True, size=50, opacity=1, clip=True)
    first = shown.sort_values("samples").groupby("split").head(1)
    text = alt.Chart(first).mark_text(
        align="left", dx=10, dy=-8, fontSize=12, fontWeight="bold", clip=True
    )
    return [
        bars,
        line.encode(y=alt.Y("value:Q", **y)),
        point.encode(y=alt.Y("value:Q", **y), shape=alt.Shape("split:N", legend=None), tooltip=tooltip),
        text.encode(x=x, y=alt.Y("value:Q", **y), color=colour, text="split:N"),
    ]


def _held_out(forecast: pd.DataFrame, x: alt.X, y: dict[str, Any]) -> list[alt.Chart]:
    shown = forecast[forecast["forecast"] == "held out"] if len(forecast) else forecast
    if shown.empty:
        return []
    base = alt.Chart(shown).encode(x=x)
    bar = base.mark_rule(color=charts.ink(), strokeWidth=1, clip=True)
    point = base.mark_point(color=charts.ink(), shape="diamond", size=110, filled=False, clip=True)
    tooltip = [
        alt.Tooltip("samples:Q", format=",.0f"),
        alt.Tooltip("value:Q", title="forecast", format=".4g"),
        alt.Tooltip("lower:Q", title="from", format=".4g"),
        alt.Tooltip("upper:Q", title="to", format=".4g"),
        alt.Tooltip("measured:Q", format=".4g"),
    ]
    return [
        bar.encode(y=alt.Y("lower:Q", **y), y2="upper:Q"),
        point.encode(y=alt.Y("value:Q", **y), tooltip=tooltip),
    ]


def _finding(tables: Tables, summary: pd.DataFrame) -> str:
    name, last = _measure(summary), _test(summary).iloc[-1]
    text = f"Test {name} falls to {last['value']:.3g} at {last['samples']:,.0f} samples."
    forecast = rows(tables, "forecast")
    if forecast.empty:
        return text
    twice = forecast[forecast["forecast"] == "twice"].iloc[0]
    return f"{text} With twice the data {twice['lower']:.3g} to {twice['upper']:.3g} is forecast."


def _limits(tables: Tables, summary: pd.DataFrame) -> Panel:
    limits, name = rows(tables, "limits"), _measure(summary)
    shown = limits.assign(
        name=limits["limit"].map(LIMITED),
        certain=(100 * limits["sure"]).round().astype(int).astype(str) + " %",
    )
    order = list(LIMITED.values())
    line = alt.Y("name:N", title=None, sort=order, axis=alt.Axis(labelFontSize=13))
    x: dict[str, Any] = {
        "title": f"part of the test {name}, {_unit(tables)}",
        "scale": alt.Scale(zero=True),
    }
    base = alt.Chart(shown).encode(y=line)
    tooltip = [
        alt.Tooltip("name:N", title="limited by"),
        alt.Tooltip("value:Q", format=".3g"),
        alt.Tooltip("lower:Q", title="from", format=".3g"),
        alt.Tooltip("upper:Q", title="to", format=".3g"),
        alt.Tooltip("certain:N", title="largest in"),
    ]
    chart = alt.layer(
        base.mark_bar(color=charts.TEST, height=22, opacity=0.75).encode(
            x=alt.X("value:Q", **x), tooltip=tooltip
        ),
        base.mark_rule(color=charts.ink(), strokeWidth=1.5).encode(
            x=alt.X("lower:Q", **x), x2="upper:Q"
        ),
    ).properties(height=170)
    rival, most = OTHERS[limits["rival"].iloc[0]], shown.loc[limits["value"].idxmax()]
    caption = (
        f"Lines: 95 %. Capacity is what the best other learner, {rival}, already avoids with the same "
        "samples; noise is the rest of the floor c, or structure that none of them found."
    )
    alt_text = f"The largest part of the risk is {most['name'].lower()}, in {most['certain']} of draws."
    return Panel("limits", "What limits it?", chart, caption, alt_text)
