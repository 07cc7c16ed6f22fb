"""The page of sgd-noise: where noise stops gradient descent, and what a smaller step or batch does."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
A gradient from a batch of $B$ samples is the true one plus noise of variance $s^2/B$. With a constant
step gradient descent does not reach the minimum: it wanders about it, and the pull of the curvature
$\lambda$ balances the noise. For heavy ball with momentum $\beta$ the balance is, **exactly** at every
step $\eta$,

$$
\mathrm{E}\,x^2 = \frac{\eta\, s^2/B}{\lambda}\,
\frac{1+\beta}{(1-\beta)\,\bigl(2(1+\beta)-\eta\lambda\bigr)} .
$$

For small steps only $\eta / \bigl((1-\beta) B\bigr)$ matters: momentum is a longer step, and a batch
twice as large allows a step twice as long, until $\eta\lambda$ nears its limit $2(1+\beta)$.

**Steps that shrink.** With $\eta_t = 1/(\lambda t)$, $x_t$ is minus the mean of the noise so far over
$\lambda$, hence $\mathrm{E}\,x_t^2 = s^2/(B\lambda^2 t)$, wherever it began. Whoever believes the
curvature more than twice too large takes steps too short for this rate.

**Noise that depends on where one is.** In least squares on a stream of samples the noise grows with
the error. For inputs $N(0, I)$ in $d$ dimensions

$$
\mathrm{E}\lVert w^+ - w^*\rVert^2 = \Bigl(1 - 2\eta + \eta^2\bigl(1 + \tfrac{d+1}{B}\bigr)\Bigr)
\,\mathrm{E}\lVert w - w^*\rVert^2 + \frac{\eta^2 s^2 d}{B},
$$

stable only below $2/(1 + \frac{d+1}{B})$: for single samples $2/(d+2)$, where the curvature alone
would allow $2$. The best step on a batch gains $\Delta L_{\max}/(1 + B_{\text{noise}}/B)$ with
$B_{\text{noise}} = d + 1 + d s^2/\lVert w - w^*\rVert^2$: the batch that pays grows as the error falls.

**What it assumes.** Noise of finite variance, independent of $x$ and of earlier noise. Tails alone
change nothing while the variance is finite. Noise in proportion to the gradient keeps the chain
farther out; batches drawn without replacement cancel over an epoch and let it come nearer.

Sources: [Mandt, Hoffman & Blei (arXiv:1704.04289)](https://arxiv.org/abs/1704.04289);
Feuer & Weinstein (1985), [doi:10.1109/TASSP.1985.1164493](https://doi.org/10.1109/TASSP.1985.1164493);
Robbins & Monro (1951), [doi:10.1214/aoms/1177729586](https://doi.org/10.1214/aoms/1177729586);
Nemirovski et al. (2009), [doi:10.1137/070704277](https://doi.org/10.1137/070704277);
[McCandlish et al. (arXiv:1812.06162)](https://arxiv.org/abs/1812.06162).
"""

COLORS = charts.SERIES[4:7] + charts.SERIES[3:4]
LOG = {"type": "log", "nice": False}
PLAIN = alt.Axis(format="~g", tickCount=6)


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """The stationary variance, the settled error of least mean squares, and the noise scales."""
    stationary, stream, batches = (rows(tables, name) for name in ("stationary", "stream", "batches"))
    figures = []
    if not stationary.empty:
        row = stationary[stationary["sweep"] == "batch"].iloc[0]
        said = f"mean of x² at ηλ = {row['step']:g}, β = {row['momentum']:g}, B = {row['batch']:.0f}"
        text = charts.number(row["variance"], row["standard_error"])
        figures.append(Figure("Stationary variance", text, said))
    if not stream.empty:
        row = stream[stream["multiple"] == config.stream_step].iloc[-1]
        said = f"mean of ‖w − w*‖² after {row['time']:.0f} steps at {row['multiple']:g} of the largest"
        text = charts.number(row["error"], row["standard_error"])
        figures.append(Figure("Least mean squares ends at", text, said))
    if not batches.empty:
        early, late = batches["scale"].iloc[0], batches["scale"].iloc[-1]
        said = "samples; at the start and when the squared error is 100 times smaller"
        figures.append(Figure("Noise scale", f"{early:.0f}, then {late:.0f}", said))
    return figures


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Variance against step and against batch size; least mean squares; 1/t; the gain of a batch."""
    made = []
    if not rows(tables, "stationary").empty:
        made += [_steps(tables, config), _sizes(rows(tables, "stationary"), config)]
    if not rows(tables, "stream").empty:
        made.append(_stream(rows(tables, "stream"), config))
    if not rows(tables, "schedule").empty:
        made.append(_schedule(rows(tables, "schedule"), config))
    if not rows(tables, "batches").empty:
        made.append(_batches(rows(tables, "batches")))
    return made


def _steps(tables: Tables, config: Config) -> Panel:
    found = rows(tables, "stationary")
    shown = _bars(found[found["sweep"] == "step"], "variance")
    shown = shown.assign(series="β = " + shown["momentum"].map("{:g}".format))
    curves = rows(tables, "curves").dropna()
    # Room on the left for the names.
    widths = alt.Scale(**LOG, domain=[0.35 * shown["step"].min(), 1.1 * shown["step"].max() / 0.9])
    top = shown["predicted"].max() if shown["predicted"].notna().any() else shown["variance"].max()
    low = shown[["variance", "predicted"]].min().min()
    heights = alt.Scale(**LOG, domain=[low / 3, top * 5])
    x = alt.X("step:Q", title="step × curvature, ηλ (log scale)", scale=widths, axis=PLAIN)
    y = {"title": "mean of x² (log scale)", "scale": heights, "axis": PLAIN}
    lines = charts.theory(curves, x, alt.Y("variance:Q", **y), detail="momentum:N")
    points = _points(shown, x, y, "variance", _colour(shown))
    first = shown.sort_values("step").groupby("momentum", as_index=False).first()
    layers = [lines, *points, _named(first, x, y, "variance", align="right", dx=-9)]
    return Panel(
        "steps",
        "How far from the minimum do chains wander?",
        alt.layer(*layers).properties(height=420),
        f"Points: mean over {config.replicates:,} chains, ± standard error where it can be seen. "
        "Dashed: theory, up to the limit 2(1 + β) of ηλ, where it is infinite."
        + _lost(found[found["sweep"] == "step"]),
        f"Stationary mean of x² against the step, for {shown['series'].nunique()} momenta: it grows "
        "with the step, in proportion at first, and with momentum.",
    )


def _sizes(found: pd.DataFrame, config: Config) -> Panel:
    names = {"batch": f"ηλ = {config.learning_rate:g}", "scaled": f"ηλ = {config.learning_rate:g} × B"}
    shown = _bars(found[found["sweep"].isin(names)], "variance")
    shown = shown.assign(series=shown["sweep"].map(names))
    x = alt.X("batch:Q", title="batch size B (log scale)", scale=_octaves(1, 64, 1.15), axis=_ticks())
    y = {"title": "mean of x² (log scale)", "scale": alt.Scale(**LOG, padding=20), "axis": PLAIN}
    lines = charts.theory(shown, x, alt.Y("predicted:Q", **y), detail="series:N")
    points = _points(shown, x, y, "variance", _colour(shown))
    last = shown.sort_values("batch").groupby("series", as_index=False).last()
    labels = _named(last, x, y, "variance", align="right", dy=3, dx=-14)
    return Panel(
        "sizes",
        "Does a larger batch quieten it?",
        alt.layer(lines, *points, labels).properties(height=300),
        f"Momentum {config.momentum:g}. Dashed: theory. At one step the variance falls as 1/B; with "
        "steps in proportion to B it stays, until the step nears its limit.",
        "Stationary mean of x² against the batch size, at one step and with steps in proportion.",
    )


def _stream(stream: pd.DataFrame, config: Config) -> Panel:
    shown = _positive(stream, "error").assign(
        series=lambda t: t["multiple"].map("{:g} × limit".format), predicted=_bounded(stream)
    )
    last = float(shown["time"].max())
    x = alt.X("time:Q", title="steps", scale=alt.Scale(domain=[0, 1.22 * last], nice=False))
    y = {"title": "mean of ‖w − w*‖² (log scale)", "scale": alt.Scale(**LOG, padding=12), "axis": PLAIN}
    base = alt.Chart(shown).encode(x=x, color=_colour(shown))
    measured = base.mark_line(strokeWidth=2.5, opacity=0.85).encode(
        y=alt.Y("error:Q", **y), tooltip=_tooltip("error")
    )
    lines = charts.theory(shown, x, alt.Y("predicted:Q", **y), detail="series:N")
    ends = shown.sort_values("time").groupby("series", as_index=False).last()
    labels = _named(ends, x, y, "error", align="left", dx=5)
    limit = shown["step"].iloc[0] / shown["multiple"].iloc[0]
    return Panel(
        "stream",
        "How long may the step of least mean squares be?",
        alt.layer(measured, lines, labels).properties(height=300),
        f"Mean of {config.replicates:,} chains; dashed: theory. The limit of the step is {limit:.3g}, "
        "and 2 from the curvature alone. Past it the mean grows, carried by few chains.",
        f"Mean squared distance by step, for steps of {', '.join(ends['series'])}.",
    )


def _schedule(schedule: pd.DataFrame, config: Config) -> Panel:
    shown = _bars(schedule, "square")
    x = alt.X("time:Q", title="steps t (log scale)", scale=alt.Scale(**LOG, padding=12), axis=PLAIN)
    y = {"title": "mean of x² (log scale)", "scale": alt.Scale(**LOG, padding=12), "axis": PLAIN}
    line = charts.theory(shown, x, alt.Y("predicted:Q", **y))
    points = _points(shown.assign(series="steps"), x, y, "square", alt.value(charts.SERIES[4]))
    guess = "" if config.curvature_guess == 1 else f" Believed curvature: {config.curvature_guess:g} λ."
    return Panel(
        "schedule",
        "What do steps 1/(λt) reach?",
        alt.layer(line, *points).properties(height=300),
        f"Mean of {4 * config.replicates:,} chains ± standard error. Dashed: s²/(Bλ²t).{guess}",
        "Mean of x² against the number of steps, beside a line of slope −1.",
    )


def _batches(batches: pd.DataFrame) -> Panel:
    shown = _bars(batches, "gain")
    names = dict(zip(shown["error"].unique(), ("at the start", "later"), strict=False))
    shown = shown.assign(series=shown["error"].map(names))
    widths = _octaves(1, 256 if shown["scale"].max() < 256 else shown["scale"].max() * 1.6, 1.15)
    x = alt.X("batch:Q", title="batch size B (log scale)", scale=widths, axis=_ticks())
    y = {"title": "best gain, share of ΔL max (log scale)", "scale": alt.Scale(**LOG, padding=12)}
    y["axis"] = PLAIN
    lines = charts.theory(shown, x, alt.Y("predicted:Q", **y), detail="series:N")
    points = _points(shown, x, y, "gain", _colour(shown))
    # Names where the curves are apart: above the upper one, below the lower one.
    at = shown[shown["batch"] == 4]
    labels = [
        _named(at.iloc[:1], x, y, "gain", align="right", dx=-6, dy=-8),
        _named(at.iloc[1:], x, y, "gain", align="left", dx=6, dy=12),
    ]
    scales = shown["scale"].unique()
    rules = [charts.rule(float(scale), f"B = {scale:.0f}", scale=widths) for scale in scales]
    return Panel(
        "batches",
        "When does a larger batch stop helping?",
        alt.layer(*rules, lines, *points, *labels).properties(height=300),
        "Fall of the loss in one step at its best size, as a share of that without noise; ± standard "
        "error. Dashed: theory. At the noise scale (rules) half of the gain is lost; later is when the "
        "squared error is 100 times smaller.",
        "Best gain of one step against the batch size, early and late in training.",
    )


def _bars(table: pd.DataFrame, value: str) -> pd.DataFrame:
    """The rows that a log scale can show, with one standard error on each side."""
    known = _positive(table, value)
    low = (known[value] - known["standard_error"]).clip(lower=known[value] / 10)
    return known.assign(low=low, high=known[value] + known["standard_error"])


def _positive(table: pd.DataFrame, value: str) -> pd.DataFrame:
    """Chains that diverged have no place in a chart."""
    return table[(table[value] > 0) & (table[value] < 1e90)]


def _bounded(table: pd.DataFrame) -> pd.Series:
    return table["predicted"].where(table["predicted"] < 1e90)


def _lost(table: pd.DataFrame) -> str:
    lost = table["diverged"].dropna()
    if lost.empty:
        return ""
    return f" At {len(lost)} settings chains diverged, the first after {lost.min():.0f} steps."


def _colour(shown: pd.DataFrame) -> alt.Color:
    order = list(dict.fromkeys(shown["series"]))
    return alt.Color("series:N", scale=alt.Scale(domain=order, range=COLORS[: len(order)]), legend=None)


def _points(
    shown: pd.DataFrame, x: alt.X, y: dict[str, Any], value: str, colour: Any
) -> list[alt.Chart]:
    base = alt.Chart(shown).encode(x=x, color=colour)
    bar = base.mark_rule(strokeWidth=1.5, clip=True).encode(y=alt.Y("low:Q", **y), y2="high:Q")
    point = base.mark_point(filled=True, size=45, opacity=1, clip=True)
    return [bar, point.encode(y=alt.Y(f"{value}:Q", **y), tooltip=_tooltip(value))]


def _tooltip(value: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("series:N"),
        alt.Tooltip(f"{value}:Q", title="measured", format=".4g"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".2g"),
        alt.Tooltip("predicted:Q", title="theory", format=".4g"),
    ]


def _named(ends: pd.DataFrame, x: alt.X, y: dict[str, Any], value: str, **place: Any) -> alt.Chart:
    """The name of each series beside one of its points."""
    text = alt.Chart(ends).mark_text(fontSize=12, fontWeight="bold", color=charts.ink(), **place)
    return text.encode(x=x, y=alt.Y(f"{value}:Q", **y), text="series:N")


def _octaves(low: float, high: float, margin: float) -> alt.Scale:
    return alt.Scale(type="log", base=2, domain=[low / margin, high * margin], nice=False)


def _ticks() -> alt.Axis:
    return alt.Axis(values=[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096], format="~g")
