"""The page of optimism: the error on new data, what estimates it, the order chosen, and shrinkage."""

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
A model is fitted so that its error on the data at hand is small. The error on new targets at the same
inputs is larger; the gap is the **optimism** of the training error. For a fit $\hat y = Hy$ and noise
of variance $\sigma^2$ it is, **exactly** at every $n$,

$$
\mathrm{E}\,(\text{new} - \text{training error}) = \frac{2}{n}\sum_i \mathrm{cov}(\hat y_i, y_i)
= \frac{2\sigma^2}{n}\,\mathrm{df}, \qquad \mathrm{df} = \mathrm{tr}\,H .
$$

The effective degrees of freedom are $p$ for least squares on $p$ features and
$\sum_j s_j^2/(s_j^2+\lambda)$ for ridge, $s_j$ the singular values of the design.

**Corrections.** Mallows' $C_p$ adds $2\sigma^2\mathrm{df}/n$ and has no bias, if $\sigma^2$ is known.
AIC with unknown variance multiplies by $e^{2\,\mathrm{df}/n}$, generalised cross-validation by
$(1-\mathrm{df}/n)^{-2}$. Leaving one out needs no refitting,

$$
y_i - \hat y_{-i} = \frac{y_i - \hat y_i}{1-h_{ii}},
$$

and estimates the error of $n-1$ samples at an input not yet seen, a little larger; $K$-fold that of
still fewer samples.

**The order chosen.** Each feature without effect lowers the residual sum by $\sigma^2\chi^2_1$. A
criterion that charges $c$ for it (AIC 2, BIC $\log n$) stops where a random walk with steps
$\chi^2_1 - c$ is highest, $i$ of $K$ orders too far with probability $a_i\, b_{K-i}$,

$$
\sum a_i x^i = \exp \sum_j \tfrac{x^j}{j} P(\chi^2_j > cj), \qquad
\sum b_i x^i = \exp \sum_j \tfrac{x^j}{j} P(\chi^2_j < cj) .
$$

AIC goes too far about three times in ten, however large $n$ is; BIC ever less often. It pays with
effects that it misses when they are weak.

**Stein's paradox.** To estimate $p \ge 3$ means together, shrink them all:
$\hat\theta = \bigl(1-\tfrac{p-2}{\lVert x\rVert^2}\bigr)x$ has risk
$p-(p-2)^2\,\mathrm{E}\,\tfrac{1}{p-2+2K}$, $K \sim \text{Poisson}(\lVert\theta\rVert^2/2)$, below that
of $x$ at every $\theta$.

**What it assumes.** Noise of one variance, known to $C_p$, AIC and BIC, and uncorrelated. Correlated
noise that slow features can follow is learnt as if it were signal: no correction sees it, nor does
cross-validation, since held-out neighbours share it. The law of the order needs Gaussian noise and
effects that stand out.

Sources: Efron (2004), [doi:10.1198/016214504000000692](https://doi.org/10.1198/016214504000000692);
Mallows (1973), [doi:10.1080/00401706.1973.10489103](https://doi.org/10.1080/00401706.1973.10489103);
Hastie, Tibshirani & Friedman (2009),
[The Elements of Statistical Learning](https://hastie.su.domains/ElemStatLearn/), sections 7.4 to 7.10;
Shibata (1976), [doi:10.1093/biomet/63.1.117](https://doi.org/10.1093/biomet/63.1.117);
James & Stein (1961), Proc. Fourth Berkeley Symposium 1, 361–379.
"""

UNIT = "squared units of the target"
NAMES = {
    "test": "new targets",
    "train": "training",
    "cp": "Cp",
    "loo": "leave-one-out",
    "kfold": "K-fold",
}
RANGE = [charts.TEST, charts.TRAIN, charts.VALIDATION, charts.THIRD, charts.SERIES[5]]
COLORS = alt.Scale(domain=list(NAMES.values()), range=RANGE)
SHAPES = alt.Scale(domain=COLORS.domain, range=["circle", "square", "cross", "triangle-up", "diamond"])
CRITERIA = {"aic": "AIC", "bic": "BIC", "kfold": "K-fold"}
CHOICES = alt.Scale(domain=list(CRITERIA.values()), range=[charts.VALIDATION, charts.TRAIN, RANGE[4]])
MARKS = alt.Scale(domain=list(CRITERIA.values()), range=["cross", "square", "diamond"])
STEIN = {"james_stein": "James–Stein", "positive": "positive part"}


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """Where the error is least, the optimism there, and how often the order is right."""
    found = rows(tables, "estimates")
    if found.empty:
        return []
    test = found[found["quantity"] == "test"].reset_index(drop=True)
    best = test.loc[test["value"].idxmin()]
    gap = found[(found["quantity"] == "optimism") & (found["setting"] == best["setting"])].iloc[0]
    df = f"{best['freedom']:.3g}"
    figures = [
        Figure("Least error", _value(best), f"on new targets, at {df} degrees of freedom; {UNIT}"),
        Figure("Optimism there", _value(gap), f"error on new targets less training error; {UNIT}"),
    ]
    orders = rows(tables, "orders")
    for name in ("aic", "bic"):
        shown = (
            orders[(orders["criterion"] == name) & (orders["order"] == config.order)]
            if len(orders)
            else orders
        )
        if len(shown):
            row = shown.iloc[0]
            said = f"share of replicates with {config.order} features; theory {row['predicted']:.3f}"
            text = charts.number(row["frequency"], row["standard_error"])
            figures.append(Figure(f"{name.upper()} is right", text, said))
    return figures


def panels(tables: Tables, config: Config) -> list[Panel]:
    """The estimates, the optimism, the order chosen, and James–Stein's risk."""
    made = []
    if not rows(tables, "estimates").empty:
        made += [_estimates(tables, config), _optimism(tables, config)]
    if not rows(tables, "orders").empty:
        made.append(_orders(tables, config))
    if not rows(tables, "shrinkage").empty:
        made.append(_shrinkage(rows(tables, "shrinkage"), config))
    return made


def _value(row: pd.Series) -> str:
    return charts.number(row["value"], row["standard_error"])


def _estimates(tables: Tables, config: Config) -> Panel:
    found, theory = _named(rows(tables, "estimates")), _named(rows(tables, "theory"))
    found = _bars(found, "value")
    test = found[found["quantity"] == "test"]
    best = test.loc[test["value"].idxmin()]
    last = found.groupby("quantity")["value"].last().max()
    top = max(1.7 * best["value"], 1.1 * min(last, 4 * best["value"]))
    x = _freedom(found)
    y = {"title": f"mean squared error, {UNIT}", "scale": alt.Scale(domain=[0, top], nice=False)}
    colour = alt.Color("name:N", scale=COLORS, legend=_legend())
    shape = alt.Shape("name:N", scale=SHAPES, legend=_legend())
    base = alt.Chart(found).encode(x=x, color=colour)
    tooltip = [
        alt.Tooltip("name:N", title="error"),
        alt.Tooltip("freedom:Q", title="degrees of freedom", format=".3g"),
        alt.Tooltip("setting:Q", format=".3g"),
        alt.Tooltip("value:Q", title="mean", format=".4g"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".2g"),
        alt.Tooltip("deviation:Q", title="standard deviation", format=".2g"),
    ]
    layers = [
        charts.rule(float(best["freedom"]), "least error on new targets"),
        charts.theory(theory, x, alt.Y("value:Q", **y), detail="quantity:N"),
        base.mark_rule(strokeWidth=1.5, clip=True).encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_point(filled=True, size=48, opacity=1, clip=True).encode(
            y=alt.Y("value:Q", **y), shape=shape, tooltip=tooltip
        ),
    ]
    caption = (
        f"Points: mean over {_count(tables)} replicates, ± standard error where it can be seen. Dashed: "
        "exact. Leave-one-out and K-fold estimate the error of fits to fewer samples, which is larger. "
        "Errors far above the least are beyond the scale."
    )
    train = found[(found["quantity"] == "train") & (found["setting"] == best["setting"])].iloc[0]
    said = (
        f"The error on new targets is least, {best['value']:.3g}, at {best['freedom']:.3g} degrees of "
        f"freedom, where the training error is {train['value']:.3g}; that goes on to fall."
    )
    chart = alt.layer(*layers).properties(height=420)
    return Panel("estimates", "Which estimate is near the error on new targets?", chart, caption, said)


def _optimism(tables: Tables, config: Config) -> Panel:
    found, theory = rows(tables, "estimates"), rows(tables, "theory")
    found, theory = (t[t["quantity"] == "optimism"] for t in (found, theory))
    found = _bars(found, "value")
    x, y = _freedom(found), {"title": "optimism, squared units"}
    base = alt.Chart(found).encode(x=x)
    layers = [
        charts.theory(theory, x, alt.Y("value:Q", **y)),
        base.mark_rule(strokeWidth=1.5, color=charts.TEST).encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_point(filled=True, size=45, opacity=1, color=charts.TEST).encode(
            y=alt.Y("value:Q", **y),
            tooltip=[
                alt.Tooltip("freedom:Q", title="degrees of freedom", format=".3g"),
                alt.Tooltip("value:Q", title="optimism", format=".3g"),
            ],
        ),
    ]
    caption = (
        f"Error on new targets less training error, mean over {_count(tables)} replicates ± standard "
        "error. Dashed: 2σ² df / n."
    )
    said = (
        f"The optimism grows in proportion to the degrees of freedom, to {found['value'].iloc[-1]:.3g}."
    )
    chart = alt.layer(*layers).properties(height=260)
    return Panel("optimism", "How much too good is the training error?", chart, caption, said)


def _orders(tables: Tables, config: Config) -> Panel:
    orders = rows(tables, "orders")
    least = 0.5 / _count(tables)
    every = orders[orders["criterion"].isin(CRITERIA)]
    every = _bars(every, "frequency").assign(name=every["criterion"].map(CRITERIA))
    every["low"] = every["low"].clip(lower=least)
    # What never happened, or has next to no chance, has no place on a log scale.
    shown, law = every[every["frequency"] > 0], every[every["predicted"] > least]
    widths = alt.Scale(nice=False, zero=False, padding=14)
    x = alt.X(
        "order:Q",
        title="number of features chosen",
        scale=widths,
        axis=alt.Axis(tickMinStep=1, format="d", grid=False),
    )
    y = {
        "title": "share of replicates (log scale)",
        "scale": alt.Scale(type="log", domain=[least, 2], nice=False),
        "axis": alt.Axis(format="~g", values=[0.001, 0.01, 0.1, 1]),
    }
    colour = alt.Color("name:N", scale=CHOICES, legend=_legend())
    base = alt.Chart(shown).encode(x=x, color=colour)
    layers = [
        charts.rule(config.order, "true order", scale=widths),
        charts.theory(law, x, alt.Y("predicted:Q", **y), detail="name:N"),
        base.mark_rule(strokeWidth=1.5).encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_point(filled=True, size=45, opacity=1).encode(
            y=alt.Y("frequency:Q", **y),
            shape=alt.Shape("name:N", scale=MARKS, legend=_legend()),
            tooltip=[
                alt.Tooltip("name:N", title="criterion"),
                alt.Tooltip("order:Q", title="features"),
                alt.Tooltip("frequency:Q", format=".3f"),
                alt.Tooltip("predicted:Q", title="theory", format=".3f"),
            ],
        ),
    ]
    at = every[every["order"] == config.order].set_index("name")["frequency"]
    said = "The true order is chosen " + ", ".join(
        f"by {name} in {at[name]:.0%} of the replicates" for name in CRITERIA.values()
    )
    caption = (
        "AIC and BIC are told the noise variance; dashed: their law where no effect is missed. The "
        "table also has those that estimate it, and leave-one-out."
    )
    chart = alt.layer(*layers).properties(height=280)
    return Panel("orders", "Who finds the true order?", chart, caption, f"{said}.")


def _shrinkage(table: pd.DataFrame, config: Config) -> Panel:
    shown = _bars(table, "risk").assign(name=table["estimate"].map(STEIN))
    x = alt.X("norm:Q", title="length of the mean vector ‖θ‖, standard deviations")
    heights = alt.Scale(domain=[0, 1.1 * config.dimension], nice=False)
    y = {"title": "risk, E‖θ̂ − θ‖²", "scale": heights}
    scale = alt.Scale(domain=list(STEIN.values()), range=[charts.TEST, charts.VALIDATION])
    colour = alt.Color("name:N", scale=scale, legend=_legend())
    base = alt.Chart(shown).encode(x=x, color=colour)
    layers = [
        charts.rule(config.dimension, f"the values themselves, {config.dimension}", axis="y"),
        charts.theory(shown.dropna(subset=["predicted"]), x, alt.Y("predicted:Q", **y)),
        base.mark_rule(strokeWidth=1.5).encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_point(filled=True, size=45, opacity=1).encode(
            y=alt.Y("risk:Q", **y),
            shape=alt.Shape("name:N", legend=_legend()),
            tooltip=[
                alt.Tooltip("name:N", title="estimate"),
                alt.Tooltip("norm:Q", title="‖θ‖"),
                alt.Tooltip("risk:Q", format=".4g"),
                alt.Tooltip("standard_error:Q", title="standard error", format=".2g"),
                alt.Tooltip("predicted:Q", title="theory", format=".4g"),
            ],
        ),
    ]
    least = shown[shown["estimate"] == "james_stein"]["risk"].iloc[0]
    caption = f"Mean over {20 * config.replicates:,} draws ± standard error. Dashed: exact."
    said = f"James–Stein's risk is below {config.dimension} at every length, {least:.3g} at 0."
    chart = alt.layer(*layers).properties(height=280)
    title = f"Are {config.dimension} means better estimated together?"
    return Panel("shrinkage", title, chart, caption, said)


def _bars(table: pd.DataFrame, value: str) -> pd.DataFrame:
    """With one standard error on each side."""
    return table.assign(
        low=table[value] - table["standard_error"], high=table[value] + table["standard_error"]
    )


def _named(table: pd.DataFrame) -> pd.DataFrame:
    shown = table[table["quantity"].isin(NAMES)]
    return shown.assign(name=shown["quantity"].map(NAMES))


def _freedom(found: pd.DataFrame) -> alt.X:
    scale = alt.Scale(domain=[0, float(found["freedom"].max()) * 1.02], nice=False, padding=8)
    return alt.X(
        "freedom:Q", title="effective degrees of freedom, tr H", scale=scale, axis=alt.Axis(grid=False)
    )


def _legend() -> alt.Legend:
    return alt.Legend(title=None, orient="bottom", columns=3, symbolSize=70)


def _count(tables: Tables) -> int:
    return int(rows(tables, "risk")["replicate"].nunique())
