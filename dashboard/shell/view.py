"""What a view is: the words and charts of one experiment, nothing computed.

A view is a module `dashboard/views/<chapter>/<name>.py`, named as its experiment, that holds

- a docstring, `WHY` (Markdown: formula, assumptions, what to look for, sources with links),
- `verdict(tables, config) -> list[Figure]`: two to four numbers with their uncertainty and unit,
- `panels(tables, config) -> list[Panel]`: the chart that answers the question first,
- where there is one, `snippet(tables, config) -> str`: Python that makes what the run found, to be
  taken elsewhere; it stands under Export.

All are also called with the partial tables of a run under way: a table may be absent or empty,
and what cannot be drawn yet is left out of the list.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import altair as alt
import pandas as pd

from core.experiment import Config

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Figure:
    """A number of the verdict strip: what it is, its value as text (rounded, with uncertainty and
    unit), and a gloss."""

    label: str
    value: str
    help: str = ""


@dataclass(frozen=True)
class Panel:
    """A chart with the question it answers, a caption (what the band is, of how many) and a text
    that states the finding for those who do not see it. `key` is stable while the run goes on."""

    key: str
    title: str
    chart: Any  # any Altair chart: its classes share no useful base
    caption: str
    alt: str


class View(Protocol):
    """What the shell reads of a view's module."""

    WHY: str
    verdict: Callable[[Tables, Config], list[Figure]]
    panels: Callable[[Tables, Config], list[Panel]]


def rows(tables: Tables, name: str) -> pd.DataFrame:
    """The table if it is there yet, else an empty frame: `if rows(tables, "risk").empty: ...`."""
    return tables.get(name, pd.DataFrame())


__all__ = ["Config", "Figure", "Panel", "Tables", "View", "alt", "rows"]
