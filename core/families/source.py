"""Where the values that families are fitted to come from: fields of a `Config`, and the values."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core import families
from core.datasets.columns import BUNDLED, column
from core.experiment import Config, field
from core.families.names import Truth, choosing

SIMULATED = {"data": ("simulated",)}


class Column(Config):
    """A column of numbers: simulated from a family, bundled, or of a file."""

    data: str = field(
        "simulated",
        "The column to describe: simulated, bundled, or of a file of your own.",
        section="data",
        kind="data",
        names={"simulated": "Simulated sample", **BUNDLED},
    )
    column: str = field(
        "", "Column of the file; empty where there is only one.", section="data", kind="column"
    )
    truth: Truth = field(
        "gamma",
        "Family that the simulated values are drawn from.",
        label="True family",
        section="data",
        when=SIMULATED,
    )
    shape: float = field(
        2.0,
        "True shape; sdlog of the log-normal, df of Student t, size of the negative binomial.",
        label="True shape",
        section="data",
        when={**SIMULATED, "truth": choosing("shape")},
        ge=0.1,
        le=50.0,
    )
    scale: float = field(
        3.0,
        "True scale, in the unit of the values; the median of the log-normal, the mean of counts.",
        label="True scale",
        section="data",
        when={**SIMULATED, "truth": choosing("scale")},
        scale="log",
        ge=0.01,
        le=1000.0,
    )
    location: float = field(
        0.0,
        "True location, in the unit of the values.",
        label="True location",
        section="data",
        when={**SIMULATED, "truth": choosing("location")},
        ge=-1000.0,
        le=1000.0,
    )


class Source(Column):
    """A column of the user's own, a bundled one, or draws from a known family."""

    values: Literal["automatic", "measurements", "counts"] = field(
        "automatic",
        "What the numbers are; whole numbers of 0 or more with a 0 among them are counts to automatic.",
        section="more",
    )
    samples: int = field(
        1000,
        "Number of simulated values n.",
        section="data",
        scale="log",
        when=SIMULATED,
        ge=10,
        le=1_000_000,
    )
    contamination: float = field(
        0.0,
        "Share of the simulated values replaced by draws 10 times as large.",
        section="assumption",
        when=SIMULATED,
        step=0.01,
        ge=0.0,
        le=0.5,
    )


@dataclass(frozen=True)
class Values:
    """The values (n,), whether they are `counts`, sentences on how they were read, and the parameters
    by name of the family that they were drawn from, none for data."""

    values: NDArray[np.float64]
    counts: bool
    notes: tuple[str, ...]
    truth: Mapping[str, float]

    @cached_property
    def ordered(self) -> NDArray[np.float64]:
        """The values (n,), smallest first."""
        return np.sort(self.values)


def values(config: Source, draw: np.random.Generator) -> Values:
    """The values that `config` asks for; `draw` is used where they are simulated.

    Raises:
        InputError: a column that is not there or that holds no numbers.
    """
    if config.data == "simulated":
        truth = families.simulation.parameters(
            config.truth, shape=config.shape, scale=config.scale, location=config.location
        )
        x = families.simulation.draw(config.truth, truth, config.samples, config.contamination, draw)
        counts = (
            families.find(config.truth).discrete
            if config.values == "automatic"
            else config.values == "counts"
        )
        return Values(x, counts, (), truth)
    read = column(config.data, config.column)
    counts, note = families.ranking.kind_of(read.values, config.values)
    seen = () if note else families.noticed.noticed(read.values, counts)
    return Values(read.values, counts, (*read.notes, *note, *seen), {})
