"""What the charts of fitted families share: which are drawn, in which colour, how values are called."""

import re
from typing import Any

import altair as alt
import pandas as pd

from core.datasets.columns import BUNDLED
from dashboard.shell import charts
from dashboard.shell.view import Config, Panel, Tables, rows

DRAWN = 4
# Times the middle value.
HEAVY = 12.0
# Letters of an upright title.
LONGEST = 36


def ranked(tables: Tables) -> pd.DataFrame:
    """Families with a rank, best first."""
    fits = rows(tables, "fits")
    return fits if fits.empty else fits[fits["rank"] > 0].sort_values("rank")


def shown(tables: Tables, name: str, most: int = DRAWN) -> tuple[pd.DataFrame, list[str]]:
    """The rows of the best families, and their names in order."""
    fits, data = ranked(tables), rows(tables, name)
    if fits.empty or data.empty:
        return pd.DataFrame(), []
    best = list(fits["family"])[:most]
    return data[data["family"].isin(best)], best


def legend(columns: Any = alt.Undefined) -> alt.Legend:
    """A legend below the chart, without a title."""
    return alt.Legend(title=None, orient="bottom", columns=columns, padding=0, offset=8)


def colour(families: list[str]) -> alt.Color:
    """The same colour for a family in every chart."""
    scale = alt.Scale(domain=families, range=charts.SERIES[: len(families)])
    return alt.Color("family:N", scale=scale, legend=legend(2))


def counted(tables: Tables, config: Config) -> bool:
    """Whether the values are counts: the families that were compared say so."""
    return bool(rows(tables, "fits").get("family", pd.Series()).isin(config.count_families).any())


def told(titles: dict[str, str]) -> list[alt.Tooltip]:
    """Tooltips of these columns with their titles."""
    return [alt.Tooltip(f"{name}:Q", title=title, format=",.5~g") for name, title in titles.items()]


def panel(key: str, title: str, chart: alt.LayerChart, caption: str, height: int = 340) -> Panel:
    """A panel whose caption states its finding."""
    return Panel(key, title, chart.properties(height=height), caption, caption)


def named(config: Config) -> str:
    """What the values are, with their unit where it is known."""
    if config.data in BUNDLED:
        return re.sub(r" \([\d,]+\)$", "", BUNDLED[config.data])
    return config.column or (
        "simulated value" if config.data == "simulated" else "value, in its own unit"
    )


def short(named: str) -> str:
    """What values are called beside an upright axis: where that is long, by their unit."""
    return named if len(named) <= LONGEST else f"level, {named.rsplit(', ', 1)[-1][:LONGEST]}"


def heavy(values: "pd.Series[float]") -> bool:
    """Whether the largest of some values, all above 0, would leave no room for the others: their axis
    is then logarithmic."""
    return bool(values.min() > 0 and values.max() > HEAVY * values.median())


def decades() -> alt.Axis:
    """A logarithmic axis marked at powers of ten."""
    return alt.Axis(format="~s", values=[10.0**k for k in range(-12, 13)])


def diagonal(low: float, high: float, x: alt.X, y: alt.Y, *columns: str, **line: bool) -> alt.Chart:
    """Theory as a straight line of equal values."""
    return charts.theory(pd.DataFrame({name: [low, high] for name in columns}), x, y, **line)
