"""The networks' part of the page of double descent: risk against width, steps or samples."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows

# Along which column, what its axis says, and the name of the threshold there.
AXES = {
    "width": ("ratio", "parameters per training value, P / (n K) (log scale)", "P = n K"),
    "steps": ("step", "step of Adam (log scale)", ""),
    "network_samples": ("samples", "training samples n (log scale)", "n = P / K"),
}
TITLES = {
    "width": "Risk as the network widens",
    "steps": "Risk as training goes on",
    "network_samples": "Risk as the samples grow",
}
UNIT = "squared units of the target, summed over the classes"
COLOURS = {"test": charts.TEST, "test, true labels": charts.THIRD, "train": charts.TRAIN}
LOG = alt.Axis(tickCount=5, format="~g")
TICKS = alt.Axis(values=[x * 10**k for k in range(-2, 5) for x in (1, 2, 5)], format="~g")


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """Where the test risk peaks, how high, and where it ends."""
    summary, thresholds = rows(tables, "summary"), rows(tables, "thresholds")
    if summary.empty or thresholds.empty:
        return []
    axis, _, name = AXES[config.case]
    at = thresholds.set_index("labels").loc["noisy"]
    test = summary[(summary["split"] == "test") & (summary["labels"] == "noisy")]
    place = charts.number(at["peak"])
    if name:
        gloss = f"predicted: {charts.number(at['predicted'])}, where {name}"
    else:
        gloss = f"labels are fitted at step {charts.number(at['interpolation'])}"
    where = {"ratio": "Peak at P / (n K)", "samples": "Peak at n", "step": "Peak at step"}[axis]
    peak = test[test[axis] == at["peak"]]
    figures = [Figure(where, place, f"highest mean test risk; {gloss}")]
    if len(peak):
        figures.append(Figure("Risk at the peak", _number(peak.iloc[0]), f"mean test risk; {UNIT}"))
    gloss = f"mean test risk at the last point; {UNIT}"
    return [*figures, Figure("Risk at the end", _number(test.iloc[-1]), gloss)]


def panel(tables: Tables, config: Config) -> Panel | None:
    """Test risk on noisy and on true labels, and training risk."""
    summary, theory = rows(tables, "summary"), rows(tables, "theory")
    if summary.empty or theory.empty:
        return None
    axis, title, _ = AXES[config.case]
    shown = _series(summary, axis)
    if shown.empty:
        return None
    mean = float(theory.loc[theory["formula"] == "mean", "risk"].iloc[0])
    scale = alt.Scale(
        type="log", domain=[float(shown[axis].min()), float(shown[axis].max())], nice=False
    )
    x = alt.X(f"{axis}:Q", title=title, scale=scale, axis=TICKS)
    least = _floor(shown)
    # Room above the highest curve for the name of the threshold.
    top = 1.6 * max(float(shown["risk"].max()), mean)
    heights = alt.Scale(type="log", domain=[least, top], nice=False)
    y = {"title": "risk, squared units (log scale)", "scale": heights, "axis": LOG}
    layers = [charts.rule(mean, "", axis="y", scale=heights)]
    layers += _thresholds(rows(tables, "thresholds"), config, scale)
    layers += _curves(shown[shown["risk"] > least], axis, x, y)
    chart = alt.layer(*layers).properties(height=440)
    caption = (
        f"Mean of {config.networks} networks at each point, with the band of the test risk from the "
        f"10th to the 90th percentile. {config.label_noise:.0%} of the training labels are wrong; "
        "purple: the same networks on the true labels. Test labels are true. Thin line: always "
        "predicting the mean. The training risk goes on below this scale. "
    )
    return Panel(
        "networks", TITLES[config.case], chart, caption + _what(config), _finding(tables, config)
    )


def _what(config: Config) -> str:
    if config.case == "steps":
        return (
            "No theory places this peak; labels are fitted where the training "
            "risk is under 5 % of that of the mean."
        )
    return (
        "The rule is where parameters are as many as training values; that the peak is near it is an "
        "empirical law, not a theorem."
    )


def _series(summary: pd.DataFrame, axis: str) -> pd.DataFrame:
    """What is drawn, with the name of its curve; the training risk on true labels is not."""
    shown = summary[
        (summary[axis] > 0) & ~((summary["split"] == "train") & (summary["labels"] == "true"))
    ]
    true = shown["labels"] == "true"
    shown = shown.assign(curve=shown["split"].where(~true, "test, true labels"))
    return shown.dropna(subset=["risk"])


def _floor(shown: pd.DataFrame) -> float:
    """Below the least test risk and some of the training risk, which leaves the chart there."""
    positive = shown[shown["risk"] > 0]
    test, train = (positive.loc[positive["split"] == part, "risk"] for part in ("test", "train"))
    return float(min(0.4 * test.min() if len(test) else 1e-3, 0.4 * train.max() if len(train) else 1))


def _thresholds(thresholds: pd.DataFrame, config: Config, scale: alt.Scale) -> list[Any]:
    noisy = thresholds[thresholds["labels"] == "noisy"] if len(thresholds) else thresholds
    if noisy.empty:
        return []
    name = AXES[config.case][2]
    if name:
        return [charts.rule(float(noisy["predicted"].iloc[0]), name, scale=scale)]
    at = float(noisy["interpolation"].iloc[0])
    return [charts.rule(at, "labels fitted", scale=scale)] if at > 0 else []


def _curves(shown: pd.DataFrame, axis: str, x: alt.X, y: dict[str, Any]) -> list[Any]:
    present = [name for name in COLOURS if name in set(shown["curve"])]
    scale = alt.Scale(domain=present, range=[COLOURS[name] for name in present])
    colour = alt.Color("curve:N", scale=scale, legend=None)
    base = alt.Chart(shown).encode(x=x, color=colour)
    tooltip = [
        alt.Tooltip("curve:N"),
        alt.Tooltip(f"{axis}:Q", format=".4g"),
        alt.Tooltip("parameters:Q"),
        alt.Tooltip("samples:Q"),
        alt.Tooltip("risk:Q", title="mean risk", format=".4g"),
        alt.Tooltip("standard_error:Q", title="standard error", format=".2g"),
    ]
    band = base.transform_filter("datum.split == 'test'").mark_area(opacity=0.15, clip=True)
    shape = alt.Shape("curve:N", legend=None, scale=alt.Scale(domain=present))
    point = base.mark_point(filled=True, size=36, clip=True, opacity=1)
    return [
        band.encode(y=alt.Y("lower:Q", **y), y2="upper:Q"),
        base.mark_line(strokeWidth=1.5, opacity=0.7, clip=True).encode(y=alt.Y("risk:Q", **y)),
        point.encode(y=alt.Y("risk:Q", **y), shape=shape, tooltip=tooltip),
        *(_named(shown[shown["curve"] == name], axis, x, y, colour) for name in present),
    ]


def _named(curve: pd.DataFrame, axis: str, x: alt.X, y: dict[str, Any], colour: alt.Color) -> alt.Chart:
    """The name of a curve at its right end: above or below it, or where training risk leaves."""
    train = curve["curve"].iloc[0] == "train"
    below = curve["curve"].iloc[0] == "test, true labels"
    place: dict[str, Any] = {"align": "right", "dy": 18 if below else -16}
    if train:
        # Above n = P / K it is the left end that leaves.
        falls = curve.nlargest(1, axis)["risk"].iloc[0] < curve.nsmallest(1, axis)["risk"].iloc[0]
        place = {"align": "right" if falls else "left", "dx": -8 if falls else 8}
    row = curve.nsmallest(1, "risk") if train else curve.nlargest(1, axis)
    text = alt.Chart(row).mark_text(fontSize=12, fontWeight="bold", **place)
    return text.encode(x=x, y=alt.Y("risk:Q", **y), color=colour, text="curve:N")


def _finding(tables: Tables, config: Config) -> str:
    axis, _, _ = AXES[config.case]
    at = rows(tables, "thresholds")
    said = f"Test and training risk of networks against {axis}."
    if at.empty:
        return said
    noisy = at[at["labels"] == "noisy"].iloc[0]
    return (
        f"{said} On wrong labels the test risk is highest at {noisy['peak']:.3g}: {noisy['risk']:.3g}."
    )


def _number(row: pd.Series) -> str:
    return charts.number(row["risk"], row["standard_error"])
