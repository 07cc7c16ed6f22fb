"""The page of overconfident logistic regression: bias, spread, tests and probabilities, with theory."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
The textbook says that maximum likelihood is unbiased, with standard errors by Fisher's information,
and that twice the log-likelihood ratio is $\chi^2$. All of it is for $p/n \to 0$. When $p$ and $n$
grow together, $p/n \to \kappa$, each fitted coefficient is instead

$$
\hat\beta_j \approx \alpha\,\beta_j + \frac{\sigma}{\sqrt n}\,z,
$$

with $\alpha > 1$ and $\sigma$ larger than Fisher's. Fitted log odds are too large in both ways, so
probabilities are pushed towards 0 and 1. Twice the log-likelihood ratio of a coefficient that is zero is
$(\kappa\sigma^2/\lambda)\,\chi^2_1$, so that the usual test rejects too often.

With $\rho(t) = \log(1+e^t)$, $\gamma$ the standard deviation of the true log odds, $(Q_1, Q_2)$ normal
with covariance $\begin{pmatrix}\gamma^2 & -\alpha\gamma^2\\ -\alpha\gamma^2 &
\alpha^2\gamma^2+\kappa\sigma^2\end{pmatrix}$ and $P = \mathrm{prox}_{\lambda\rho}(Q_2)$, the solution of
$P + \lambda\rho'(P) = Q_2$, the three unknowns solve

$$
\kappa^2\sigma^2 = \mathbb E\,2\rho'(Q_1)\,\lambda^2\rho'(P)^2,
$$

$$
0 = \mathbb E\,\rho'(Q_1)\,Q_1\,\lambda\rho'(P), \qquad
1-\kappa = \mathbb E\,\frac{2\rho'(Q_1)}{1+\lambda\rho''(P)}.
$$

**No maximum.** Where a hyperplane separates the classes, the likelihood rises for ever along its
normal. With $V$ of density $2\rho'(\gamma v)\varphi(v)$ and $Z$ standard normal, that happens, for large
$n$, when

$$
\kappa > \kappa^\star(\gamma) = \min_t \mathbb E\,(tV - Z)_+^2,
$$

which is $1/2$ for classes that are pure chance and less for a stronger signal.

**What it assumes.** The logistic model, and Gaussian features. Correlation among them changes nothing
here: slope and spread are measured in the norm of the covariance. Heavy-tailed entries matter little.
A random scale for each sample, or wrong labels, break it.

**What to look for.** At five samples a feature the slope is already 1.5. Raise $\gamma$ and the boundary
moves left. Show a $p/n$ beyond it: there is nothing left to fit.

Sources: [Sur & Candès (arXiv:1803.06964)](https://arxiv.org/abs/1803.06964);
[Candès & Sur (arXiv:1804.09753)](https://arxiv.org/abs/1804.09753);
[Sur, Chen & Candès (arXiv:1706.01191)](https://arxiv.org/abs/1706.01191);
[Zhao, Sur & Candès (arXiv:2001.09351)](https://arxiv.org/abs/2001.09351).
"""

HALF = 0.5
SEPARABLE = "a hyperplane separates the classes, so the likelihood has no maximum"


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """Slope and rejections at the p / n that is shown, and where maxima cease to exist."""
    summary, boundary = rows(tables, "summary"), rows(tables, "boundary")
    if boundary.empty:
        return []
    edge = boundary["ratio"].iloc[0]
    figures = [Figure("Largest p/n with a maximum", f"{edge:.3f}", "κ*, by theory, for large n")]
    if summary.empty:
        return figures
    at = summary.loc[(summary["ratio"] - config.ratio).abs().idxmin()]
    name = f"at p/n = {at['ratio']:.3g}"
    if at["exists"] < HALF:
        lost = Figure(f"Maximum {name}", "none", f"in {1 - at['exists']:.0%} of samples {SEPARABLE}")
        return [lost, *figures]
    slope = charts.number(at["slope"], at["slope_error"])
    inflated = Figure(f"Slope of β̂ on β {name}", slope, "1 in the textbook; ± standard error")
    # Tests are made up to three quarters of the boundary.
    if pd.isna(at["rejected"]):
        return [inflated, *figures]
    share = f"{at['rejected']:.1%} ± {at['rejected_error']:.1%}"
    wrong = "of the coefficients that are zero, rejected by the likelihood-ratio test at 5 %"
    return [inflated, Figure("Nulls rejected at 5 %", share, wrong)]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """The slope against p / n; probabilities; coefficients; the test and the spread."""
    summary = rows(tables, "summary")
    if summary.empty or rows(tables, "boundary").empty:
        return []
    made = [_slope(tables)]
    if not rows(tables, "calibration").empty:
        made += [_calibration(tables, config), _coefficients(tables, config)]
    return [*made, _existence(tables), _rejected(tables), _spread(tables)]


def _counted(tables: Tables) -> str:
    count = rows(tables, "fits")["replicate"].nunique()
    return "one replicate" if count == 1 else f"{count} replicates"


def _against_ratio(
    tables: Tables, name: str, title: str, textbook: Any, *, top: float, low: float, height: int
) -> alt.LayerChart:
    """A measured mean with its standard error and its limit against p / n, with κ* and the textbook."""
    limit, summary = rows(tables, "limit"), rows(tables, "summary")
    edge = float(rows(tables, "boundary")["ratio"].iloc[0])
    shown = summary[summary[name].notna() & (summary["exists"] >= HALF)]
    shown = shown.assign(
        low=shown[name] - shown[f"{name}_error"], high=shown[name] + shown[f"{name}_error"]
    )
    limit = limit[limit[name] <= top]
    x_scale = alt.Scale(domain=[0, round(1.25 * edge, 3)])
    x = alt.X("ratio:Q", title="p / n", scale=x_scale)
    scale = alt.Scale(domain=[low, top])
    y: dict[str, Any] = {"title": title, "scale": scale}
    tooltip = [
        alt.Tooltip("features:Q", title="p"),
        alt.Tooltip("ratio:Q", title="p / n", format=".3f"),
        alt.Tooltip(f"{name}:Q", title="mean", format=".4g"),
        alt.Tooltip(f"{name}_error:Q", title="standard error", format=".2g"),
        alt.Tooltip("exists:Q", title="samples with a maximum", format=".0%"),
    ]
    base = alt.Chart(shown).encode(x=x)
    end = limit.tail(1).assign(name="theory, limit")
    text = alt.Chart(end).mark_text(color=charts.ink(), align="right", dx=-6, dy=4, fontSize=12)
    return alt.layer(
        charts.rule(textbook, "", axis="y", scale=scale),
        _at_right(textbook, "textbook", scale),
        charts.rule(edge, "κ*", scale=x_scale),
        charts.theory(limit, x, alt.Y(f"{name}:Q", **y), asymptotic=True),
        text.encode(x=x, y=alt.Y(f"{name}:Q", **y), text="name:N"),
        base.mark_rule(color=charts.TEST, strokeWidth=1.5, clip=True).encode(
            y=alt.Y("low:Q", **y), y2="high:Q"
        ),
        base.mark_point(color=charts.TEST, filled=True, size=45, opacity=1, clip=True).encode(
            y=alt.Y(f"{name}:Q", **y), tooltip=tooltip
        ),
    ).properties(height=height)


def _at_right(at: float, name: str, scale: alt.Scale) -> alt.Chart:
    """The name of a level below it at the right, where no curve is in its way."""
    text = alt.Chart(pd.DataFrame({"at": [at], "name": [name]})).mark_text(
        color=charts.FLOOR, fontSize=11, align="right", dy=9, dx=-4
    )
    return text.encode(x=alt.value("width"), y=alt.Y("at:Q", scale=scale), text="name:N")


def _slope(tables: Tables) -> Panel:
    summary = rows(tables, "summary")
    chart = _against_ratio(tables, "slope", "slope of β̂ on β", 1.0, top=4.0, low=0.0, height=400)
    edge = float(rows(tables, "boundary")["ratio"].iloc[0])
    caption = (
        f"Points: mean ± standard error over the samples with a maximum, of {_counted(tables)}, "
        f"where at least half have one; near κ* a finite sample lies above the limit. "
        f"Beyond κ* = {edge:.3f}, {SEPARABLE}."
    )
    kept = summary[summary["exists"] >= HALF]
    if kept.empty:
        return Panel(
            "slope", "How much are coefficients inflated?", chart, caption, "No sample has one."
        )
    first, last = kept.iloc[0], kept.iloc[-1]
    text = (
        f"Mean slope of fitted on true coefficients: {first['slope']:.3g} at "
        f"p/n = {first['ratio']:.3g}, {last['slope']:.3g} at {last['ratio']:.3g}; the textbook's is 1."
    )
    return Panel("slope", "How much are coefficients inflated?", chart, caption, text)


def _diagonal(low: float, high: float, name: str, x: alt.X, y: alt.Y) -> alt.LayerChart:
    ends = pd.DataFrame({x.shorthand[:-2]: [low, high], y.shorthand[:-2]: [low, high], "name": name})
    line = alt.Chart(ends).mark_line(color=charts.FLOOR, strokeWidth=1, clip=True).encode(x=x, y=y)
    text = alt.Chart(ends.tail(1)).mark_text(color=charts.FLOOR, align="right", dx=-8, dy=14)
    return line + text.encode(x=x, y=y, text="name:N")


def _calibration(tables: Tables, config: Config) -> Panel:
    found = rows(tables, "calibration")
    shown = found.assign(
        low=found["true"] - found["standard_error"], high=found["true"] + found["standard_error"]
    )
    scale = alt.Scale(domain=[0, 1])
    x = alt.X("said:Q", title="fitted probability", scale=scale)
    y = {"title": "true probability", "scale": scale}
    base = alt.Chart(shown).encode(x=x)
    tooltip = [
        alt.Tooltip("said:Q", title="fitted", format=".3f"),
        alt.Tooltip("true:Q", title="true", format=".3f"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".2g"),
        alt.Tooltip("limit:Q", title="limit", format=".3f"),
        alt.Tooltip("samples:Q", title="new samples"),
    ]
    layers = [
        _diagonal(0.0, 1.0, "as said", x, alt.Y("true:Q", **y)),
        charts.theory(shown.dropna(subset="limit"), x, alt.Y("limit:Q", **y), asymptotic=True),
        base.mark_rule(color=charts.TEST).encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_point(color=charts.TEST, filled=True, size=40, opacity=1).encode(
            y=alt.Y("true:Q", **y), tooltip=tooltip
        ),
    ]
    caption = (
        f"New samples at p/n = {config.ratio:g}, in bins of equally many; ± standard error over "
        f"replicates with a maximum, of {_counted(tables)}. Dotted: theory, limit."
    )
    last = found.iloc[-1]
    text = f"Where the fit says {last['said']:.2f}, the true probability is {last['true']:.2f}."
    chart = alt.layer(*layers).properties(height=340)
    return Panel("calibration", "What is a fitted probability worth?", chart, caption, text)


def _coefficients(tables: Tables, config: Config) -> Panel:
    found = rows(tables, "coefficients")
    ends = float(found["true"].min()), float(found["true"].max())
    x = alt.X("true:Q", title="true coefficient β")
    y = {"title": "fitted coefficient β̂"}
    tooltip = [
        alt.Tooltip("feature:Q"),
        alt.Tooltip("true:Q", format=".3g"),
        alt.Tooltip("fitted:Q", format=".3g"),
    ]
    layers = [
        _diagonal(*ends, "textbook", x, alt.Y("fitted:Q", **y)),
        alt.Chart(found)
        .mark_point(color=charts.TEST, filled=True, size=30, opacity=0.7)
        .encode(x=x, y=alt.Y("fitted:Q", **y), tooltip=tooltip),
    ]
    if found["limit"].notna().all():
        layers.append(charts.theory(found, x, alt.Y("limit:Q", **y), asymptotic=True))
    chart = alt.layer(*layers).properties(height=340)
    caption = f"One sample at p/n = {config.ratio:g}. Dotted: α β, the limit of the mean."
    text = f"{len(found)} fitted coefficients against the true ones, steeper than the textbook's line."
    return Panel("coefficients", "Where do the coefficients lie?", chart, caption, text)


def _existence(tables: Tables) -> Panel:
    summary = rows(tables, "summary")
    edge = float(rows(tables, "boundary")["ratio"].iloc[0])
    scale = alt.Scale(domain=[0, max(round(1.25 * edge, 3), float(summary["ratio"].max()))])
    x = alt.X("ratio:Q", title="p / n", scale=scale)
    y = alt.Y("exists:Q", title="share of samples with a maximum", axis=alt.Axis(format="%"))
    base = alt.Chart(summary).encode(x=x, y=y)
    tooltip = [
        alt.Tooltip("features:Q", title="p"),
        alt.Tooltip("exists:Q", title="with a maximum", format=".0%"),
    ]
    steps = pd.DataFrame({"ratio": [0, edge, edge, scale.domain[1]], "exists": [1.0, 1.0, 0.0, 0.0]})
    layers = [
        charts.theory(steps, x, y, asymptotic=True, order=alt.Order("index:Q")).transform_window(
            index="row_number()"
        ),
        charts.rule(edge, "κ*", scale=scale),
        base.mark_line(color=charts.TEST, strokeWidth=1, opacity=0.6),
        base.mark_point(color=charts.TEST, filled=True, size=40, opacity=1).encode(tooltip=tooltip),
    ]
    caption = f"Of {_counted(tables)}. Dotted: theory, limit. Without one, {SEPARABLE}."
    text = f"Samples with a maximum: nearly all well below p/n = {edge:.3f}, hardly any well above."
    chart = alt.layer(*layers).properties(height=300)
    return Panel("existence", "Is there a maximum at all?", chart, caption, text)


def _rejected(tables: Tables) -> Panel:
    chart = _against_ratio(
        tables, "rejected", "share rejected at 5 %", 0.05, top=0.25, low=0.0, height=300
    )
    caption = (
        "Likelihood-ratio tests of up to eight coefficients that are zero in each sample, up to "
        f"0.75 κ*; mean ± standard error, {_counted(tables)}."
    )
    summary = rows(tables, "summary").dropna(subset="rejected")
    text = "Share of true null hypotheses rejected by a test at 5 %."
    if len(summary):
        last = summary.iloc[-1]
        text += f" At p/n = {last['ratio']:.3g} it is {last['rejected']:.0%}."
    return Panel("rejected", "How often is chance called significant?", chart, caption, text)


def _spread(tables: Tables) -> Panel:
    book = float(rows(tables, "limit")["textbook_spread"].iloc[0])
    chart = _against_ratio(
        tables, "spread", "√n · standard deviation of β̂", book, top=4 * book, low=0.0, height=300
    )
    caption = (
        "Around slope · β, in units of one over a feature's conditional standard deviation; mean ± "
        f"standard error, {_counted(tables)}. Textbook: Fisher's information."
    )
    text = f"The spread of fitted coefficients grows from the textbook's {book:.3g} without bound."
    return Panel("spread", "How far do coefficients scatter?", chart, caption, text)
