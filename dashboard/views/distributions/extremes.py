"""The page of extremes: return levels with profile intervals, thresholds, and how intervals cover."""

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

WHY = r"""
Of $m$ blocks of $b$ values each (days in years), the **maxima** have for large $b$ the generalised
extreme value law, and the **excesses** over a high threshold $u$ the generalised Pareto law, with one
tail index $\xi$: above 0 heavy tails, below 0 a largest possible value. With $\lambda$ exceedances a
block, the level that a maximum exceeds with probability $1/T$ is

$$
x_T = \mu + \sigma\,\frac{r^{\xi}-1}{\xi},\quad r = \frac{-1}{\log(1-1/T)},
\qquad\text{or}\qquad x_T = u + \sigma_u\,\frac{(\lambda r)^{\xi}-1}{\xi}.
$$

**Intervals.** The likelihood of $x_T$ is far from symmetric: large levels are excluded later than small
ones. The profile-likelihood interval holds all levels for which twice the log-likelihood falls by less
than 3.84; the Wald interval, $\hat x_T \pm 1.96$ standard errors, is symmetric and covers too seldom.

**Threshold.** Where the law of excesses is exact, $\xi$ and $\sigma_u - \xi u$ are the same over every
threshold; where they drift, the threshold is too low.

**What it assumes.** Independent values of one law. In clusters of $k$ the largest values come together:
the exceedances of a block vary more than they should, intervals are too short, and the level of
exceedances is too high by a factor $k$ in the period; block maxima are spared.

**What to look for.** At the default the upper end of the interval is twice as far away as the lower.
Choose normal values: their $\xi$ is 0, but at any size one can afford it looks negative.

Sources: [Coles (2001)](https://doi.org/10.1007/978-1-4471-3675-0);
[Smith (1987)](https://doi.org/10.1214/aos/1176350499);
[Pickands (1975)](https://doi.org/10.1214/aos/1176343003).
"""

LEVEL = "return level, unit of the values"
FALLEN = "2 × fall of log L, nats"
XI = "tail index ξ"
COVERED = "share of intervals that hold the true level"
WORDS = {"maxima": "block maxima", "exceedances": "exceedances"}
COLOURS = alt.Scale(domain=list(WORDS.values()), range=[charts.TRAIN, charts.TEST])
FALL = 3.84


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """The return level by both methods, with its interval, and the tail index."""
    levels, estimates = rows(tables, "return_levels"), rows(tables, "estimates")
    if levels.empty or estimates.empty:
        return []
    figures = []
    for method, words in WORDS.items():
        its = levels[(levels["method"] == method) & (levels["period"] == config.period)]
        if its.empty:
            continue
        low, high = (charts.number(float(its[name].iloc[0])) for name in ("low", "high"))
        value = charts.number(float(its["level"].iloc[0]))
        about = f"exceeded once in {config.period:g} blocks, 95 % profile interval {low} to {high}"
        figures.append(Figure(f"By {words}", f"{value} ({low} to {high})", about))
    of = estimates[estimates["method"] == "exceedances"].iloc[0]
    index = charts.number(float(of["xi"]), float(of["xi_error"]))
    return [*figures, Figure("Tail index ξ", index, "of exceedances; ± standard error")]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Return levels, the likelihood of one of them, thresholds, and estimates over fresh series."""
    made = []
    if not rows(tables, "return_levels").empty and not rows(tables, "maxima").empty:
        made.append(_returns(tables))
    if not rows(tables, "profile").empty:
        made.append(_profile(tables, config))
    if not rows(tables, "stability").empty:
        made.append(_stability(tables, config))
    if not rows(tables, "sampling").empty:
        made.append(_sampling(tables))
    return made


def _named(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(method=table["method"].map(WORDS))


def _colour(legend: bool = True) -> alt.Color:
    shown = alt.Legend(title=None, orient="bottom") if legend else None
    return alt.Color("method:N", scale=COLOURS, legend=shown)


def _returns(tables: Tables) -> Panel:
    levels, maxima = _named(rows(tables, "return_levels")), rows(tables, "maxima")
    # A band to where the levels themselves are, or it would be all that is seen.
    top = 2.5 * max(levels["level"].max(), maxima["value"].max()) - 1.5 * maxima["value"].min()
    levels = levels.assign(high=levels["high"].clip(upper=top), low=levels["low"].clip(lower=-abs(top)))
    x = alt.X("period:Q", title="return period, blocks (log scale)", scale=alt.Scale(type="log"))
    y = alt.Y("level:Q", title=LEVEL, scale=alt.Scale(zero=False))
    tooltip = [
        "method:N",
        *(alt.Tooltip(f"{n}:Q", format=".4g") for n in ("period", "level", "low", "high")),
    ]
    base = alt.Chart(levels)
    band = base.mark_area(opacity=0.15, clip=True).encode(
        x=x,
        y=alt.Y("low:Q", title=LEVEL, scale=alt.Scale(zero=False)),
        y2="high:Q",
        color=_colour(),
    )
    line = base.mark_line(strokeWidth=2, clip=True).encode(x=x, y=y, color=_colour(), tooltip=tooltip)
    points = alt.Chart(maxima.rename(columns={"value": "level"})).mark_point(
        color=charts.FLOOR, filled=True, size=28, opacity=0.9
    )
    layers = [band, line, points.encode(x=x, y=y, tooltip=["period:Q", "level:Q"])]
    truth = levels.dropna(subset=["true"]).drop_duplicates("period")
    if not truth.empty:
        layers.append(charts.theory(truth, x, alt.Y("true:Q", title=LEVEL)))
    last = levels[levels["period"] == levels["period"].max()]
    told = ", ".join(
        f"{row.method} {row.level:.3g} ({row.low:.3g} to {row.high:.3g})" for row in last.itertuples()
    )
    exact = " Dashed: exact." if not truth.empty else ""
    return Panel(
        "returns",
        "",
        alt.layer(*layers).properties(height=380),
        f"Grey: the {len(maxima)} block maxima. Lines: fits, bands 95 % profile intervals.{exact}",
        f"Return levels at {last['period'].iloc[0]:.3g} blocks: {told}.",
    )


def _profile(tables: Tables, config: Config) -> Panel:
    table = _named(rows(tables, "profile"))
    ceiling = 8.0
    x = alt.X("level:Q", title="return level held, unit of the values", scale=alt.Scale(zero=False))
    scale = alt.Scale(domain=[0, ceiling])
    y = alt.Y("fall:Q", title=FALLEN, scale=scale)
    seen = table[table["fall"] <= 1.2 * ceiling]
    line = alt.Chart(seen).mark_line(strokeWidth=2, clip=True).encode(x=x, y=y, color=_colour())
    wald = alt.Chart(table[table["quadratic"] <= 1.2 * ceiling]).mark_line(
        strokeWidth=1.5, strokeDash=[1, 3], clip=True
    )
    wald = wald.encode(x=x, y=alt.Y("quadratic:Q", title=FALLEN, scale=scale), color=_colour(False))
    return Panel(
        "profile",
        f"Which levels at {config.period:g} blocks does the sample exclude?",
        alt.layer(line, wald, charts.rule(FALL, "95 %", axis="y", scale=scale)).properties(height=260),
        "Lines: profile likelihood; levels under the rule are the interval. Fine dots: the "
        "parabola that the Wald interval takes it for.",
        "The profile likelihood rises more slowly above the estimate than below it.",
    )


def _stability(tables: Tables, config: Config) -> Panel:
    table = rows(tables, "stability")
    table = table.assign(
        low=table["xi"] - 1.96 * table["xi_error"], high=table["xi"] + 1.96 * table["xi_error"]
    )
    x = alt.X(
        "exceedances:Q", title="exceedances of the threshold (log scale)", scale=alt.Scale(type="log")
    )
    y = alt.Y("xi:Q", title=XI, scale=alt.Scale(zero=False))
    base = alt.Chart(table)
    bars = base.mark_rule(color=charts.TEST).encode(x=x, y=alt.Y("low:Q", title=XI), y2="high:Q")
    tooltip = [alt.Tooltip(f"{n}:Q", format=".4g") for n in ("threshold", "exceedances", "xi")]
    points = base.mark_point(color=charts.TEST, filled=True, size=45).encode(x=x, y=y, tooltip=tooltip)
    layers = [bars, points]
    index = {"pareto": config.tail, "student-t": 1 / config.df}.get(config.parent, 0.0)
    if config.data == "simulated":
        span = pd.DataFrame({"exceedances": [table["exceedances"].min(), table["exceedances"].max()]})
        layers.append(charts.theory(span.assign(xi=index), x, y, asymptotic=True))
    limit = " Dotted: the limit." if config.data == "simulated" else ""
    return Panel(
        "stability",
        "Does the tail index depend on the threshold?",
        alt.layer(*layers).properties(height=240),
        f"Points: ξ by the excesses over each threshold, ± 1.96 standard errors.{limit}",
        f"The tail index goes from {table['xi'].iloc[0]:.2g} at the lowest threshold to "
        f"{table['xi'].iloc[-1]:.2g} at the highest.",
    )


def _sampling(tables: Tables) -> Panel:
    table = _named(rows(tables, "sampling").dropna(subset=["xi"]))
    covers = table.groupby("method")[["profile_covers", "wald_covers"]].mean()
    long = covers.reset_index().melt("method", var_name="interval", value_name="share")
    long["interval"] = long["interval"].map({"profile_covers": "profile", "wald_covers": "Wald"})
    count = table["replicate"].nunique()
    long["error"] = (long["share"] * (1 - long["share"]) / count) ** 0.5
    long = long.assign(
        low=long["share"] - long["error"], high=(long["share"] + long["error"]).clip(upper=1)
    )
    x = alt.X("share:Q", title=COVERED, scale=alt.Scale(zero=False))
    y = alt.Y("interval:N", title=None)
    offset = alt.YOffset("method:N")
    base = alt.Chart(long)
    bars = base.mark_rule().encode(
        x=alt.X("low:Q", title=COVERED), x2="high:Q", y=y, yOffset=offset, color=_colour(False)
    )
    points = base.mark_point(filled=True, size=60).encode(x=x, y=y, yOffset=offset, color=_colour())
    chart = alt.layer(bars, points, charts.rule(0.95, "95 %"))
    told = ", ".join(f"{r.interval} of {r.method} {r.share:.1%}" for r in long.itertuples())
    return Panel(
        "sampling",
        "Do the intervals keep their word?",
        chart.properties(height=150),
        f"On {count} fresh series of the same law; ± standard error.",
        f"Coverage of nominal 95 % intervals: {told}.",
    )
