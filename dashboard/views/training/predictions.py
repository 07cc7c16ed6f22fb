"""The panels of what a trained network makes of its test rows: mistakes, honesty, hard rows."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Panel, Tables, rows

# Pictures in a row, and their distance in pixels of their own.
ACROSS, WIDE, HIGH = 4, 10, 11
# Classes up to which a confusion matrix can be read, and up to which its cells have room for a number.
READABLE, NUMBERED = 50, 12
MOST_MARKS = 2000


def confusion(tables: Tables) -> Panel | None:
    """Which classes are mistaken for which; None for a number."""
    cells = rows(tables, "confusion")
    names = _classes(tables)
    if cells.empty or not 2 <= len(names) <= READABLE:
        return None
    right = cells["target"] == cells["predicted"]
    wrong = cells[~right].sort_values("rows", ascending=False, kind="stable")
    flat = alt.Axis(labelAngle=0 if sum(map(len, names)) <= 40 else -90)
    ordered: dict[str, Any] = {"sort": names, "scale": alt.Scale(domain=names)}
    place = {
        "x": alt.X("predicted:N", title="predicted class", axis=flat, **ordered),
        "y": alt.Y("target:N", title="class", **ordered),
    }
    percent = alt.Tooltip("share:Q", format=".2%", title="share of the class")
    tip = ["target:N", "predicted:N", "rows:Q", percent]
    ramp = alt.Scale(domain=[0, max(0.01, wrong["share"].max() if len(wrong) else 0)], range=[0.1, 0.8])
    layers = [
        alt.Chart(wrong)
        .mark_rect(color=charts.TEST)
        .encode(**place, opacity=alt.Opacity("share:Q", scale=ramp, legend=None), tooltip=tip),
        alt.Chart(cells[right]).mark_rect(color=charts.FLOOR, opacity=0.15).encode(**place, tooltip=tip),
    ]
    if len(names) <= NUMBERED:
        text = alt.Chart(cells).mark_text(color=charts.ink(), fontSize=11)
        layers.append(text.encode(**place, text="rows:Q", tooltip=tip))
    said = "No row is mistaken."
    if len(wrong):
        most = wrong.iloc[0]
        said = f"Most often {most['target']} is taken for {most['predicted']}: {most['rows']:,} times."
    return Panel(
        "confusion",
        "Which classes are mistaken for which",
        alt.layer(*layers).properties(height=min(460, 140 + 32 * len(names))),
        "Test rows of all replicates that did not diverge; the stronger the colour, the larger the "
        f"share of the class. {said}",
        f"Number of test rows by class and predicted class. {said}",
    )


def reliability(tables: Tables) -> Panel | None:
    """Whether probabilities are honest; None for a number."""
    bins, overall = rows(tables, "reliability"), rows(tables, "overall")
    if bins.empty or "calibration error" not in set(overall["quantity"]):
        return None
    about = 2 * bins["standard_error"]
    bins = bins.assign(
        low=(bins["confidence"] - about).clip(0, 1), high=(bins["confidence"] + about).clip(0, 1)
    )
    least = min(0.5, float(bins["lower"].min()))
    span = alt.Scale(domain=[least, 1])
    axis = alt.Axis(format=".0%")
    x = alt.X("confidence:Q", title="probability of the predicted class", scale=span, axis=axis)
    tip = [
        alt.Tooltip("confidence:Q", format=".3g", title="mean probability"),
        alt.Tooltip("right:Q", format=".3g", title="share right"),
        alt.Tooltip("standard_error:Q", format=".2g", title="standard error if honest"),
        alt.Tooltip("rows:Q"),
    ]
    line = pd.DataFrame({"confidence": [least, 1.0], "right": [least, 1.0]})
    y = alt.Y("right:Q", title="share right", scale=alt.Scale(domain=[0, 1]), axis=axis)
    base = alt.Chart(bins)
    layers = [
        base.mark_rule(color=charts.FLOOR, strokeWidth=6, opacity=0.35).encode(
            x=x, y=alt.Y("low:Q", title="share right"), y2="high:Q"
        ),
        charts.theory(line, x, y),
        base.mark_point(filled=True, color=charts.TEST, size=60, opacity=1).encode(
            x=x, y=y, tooltip=tip
        ),
    ]
    at = overall.set_index("quantity")
    found = at.loc["calibration error"]
    measured = charts.number(found["value"], found["standard_error"])
    honest = charts.number(at.loc["calibration error if honest", "value"])
    return Panel(
        "reliability",
        "Do its probabilities mean what they say",
        alt.layer(*layers).properties(height=320),
        f"Test rows by the probability of their predicted class. Dashed: honest probabilities, and in "
        f"grey where 95 % of their bins would lie. Mean distance {measured}; honest ones would come to "
        f"{honest}.",
        f"Share of test rows that are right by predicted probability; the mean distance is {measured}, "
        f"that of honest probabilities {honest}.",
    )


def hardest(tables: Tables) -> Panel | None:
    """The test rows that cost most, as pictures; None where rows are no pictures."""
    worst, pixels = rows(tables, "hardest"), rows(tables, "pictures")
    if worst.empty or pixels.empty:
        return None
    corner = {"left": (worst["place"] - 1) % ACROSS * WIDE, "top": (worst["place"] - 1) // ACROSS * HIGH}
    at = worst.assign(**corner)
    at["said"] = at["target"] + ", said " + at["predicted"]
    at = at.assign(right=at["left"] + 8, bottom=at["top"] + 8)
    shown = pixels[pixels["ink"] > 0].merge(at[["place", "left", "top"]], on="place")
    shown = shown.assign(x=shown["left"] + shown["across"], y=shown["top"] + shown["down"])
    shown = shown.assign(x2=shown["x"] + 1, y2=shown["y"] + 1)
    lines = -(-len(at) // ACROSS)
    across = alt.Scale(domain=[-1, ACROSS * WIDE - 1], nice=False)
    down = alt.Scale(domain=[-3, lines * HIGH - 2], nice=False, reverse=True)
    ink, bare = charts.ink(), {"axis": None}
    probability = alt.Tooltip("probability:Q", format=".2g", title="probability of its class")
    tip = ["row:Q", "target:N", "predicted:N", probability, alt.Tooltip("loss:Q", format=".3g")]
    frame = {
        "x": alt.X("left:Q", scale=across, **bare),
        "x2": "right:Q",
        "y": alt.Y("top:Q", scale=down, **bare),
        "y2": "bottom:Q",
    }
    layers = [
        alt.Chart(shown)
        .mark_rect(color=ink, strokeWidth=0)
        .encode(
            x=alt.X("x:Q", scale=across, **bare),
            x2="x2:Q",
            y=alt.Y("y:Q", scale=down, **bare),
            y2="y2:Q",
            opacity=alt.Opacity("ink:Q", scale=alt.Scale(domain=[0, 16], range=[0, 1]), legend=None),
        ),
        alt.Chart(at)
        .mark_rect(fill="transparent", stroke=charts.FLOOR, strokeWidth=0.5)
        .encode(**frame, tooltip=tip),
        alt.Chart(at)
        .mark_text(align="left", baseline="bottom", dy=-3, color=ink, fontSize=11)
        .encode(x=frame["x"], y=frame["y"], text="said:N"),
    ]
    most, least = (charts.number(at["loss"].iloc[i]) for i in (0, -1))
    return Panel(
        "hardest",
        "Which rows cost most",
        alt.layer(*layers).properties(height=120 * lines),
        f"Test rows of the first replicate that did not diverge, by loss: {most} to {least} nats.",
        "Pictures of the test rows with the greatest loss: " + "; ".join(at["said"].head(4)) + ".",
    )


def scatter(tables: Tables) -> Panel | None:
    """Predicted against true numbers; None for classes."""
    found = rows(tables, "predictions")
    if found.empty or not pd.api.types.is_float_dtype(found["target"]):
        return None
    shown = found.iloc[:: -(-len(found) // MOST_MARKS)]
    ends = [found[["target", "predicted"]].min().min(), found[["target", "predicted"]].max().max()]
    fit: dict[str, Any] = {"scale": alt.Scale(zero=False)}
    x, y = alt.X("predicted:Q", title="predicted", **fit), alt.Y("target:Q", title="target", **fit)
    line = charts.theory(pd.DataFrame({"predicted": ends, "target": ends}), x, y)
    tip = [
        "row:Q",
        *(alt.Tooltip(f"{name}:Q", format=".4g") for name in ("target", "predicted", "loss")),
    ]
    dots = alt.Chart(shown).mark_point(filled=True, color=charts.TEST, size=25, opacity=0.6)
    return Panel(
        "scatter",
        "How far its predictions are off",
        (dots.encode(x=x, y=y, tooltip=tip) + line).properties(height=320),
        "Test rows of the first replicate that did not diverge; dashed: predicted exactly.",
        "True against predicted number for the test rows of one network.",
    )


def _classes(tables: Tables) -> list[str]:
    """Names in the order of the outputs."""
    known = rows(tables, "network")
    if known.empty:
        cells = rows(tables, "confusion")
        return sorted({*cells["target"], *cells["predicted"]}) if len(cells) else []
    return list(known.loc[known["name"].str.startswith("class "), "value"])
