"""Which family describes each column of a table, and how many of the verdicts are chance?

Set-up: every column of numbers is fitted with the families by maximum likelihood and given the one of
least AICc; the others within 2 are tied. Its p-value is that of the Anderson–Darling distance,
from draws of the fit that are fitted again. Over m columns the p-values are adjusted (Benjamini and
Hochberg): a verdict "not of this family" at false discovery rate q has an adjusted one of at most q.

Theory, measured on simulated tables as wide as this one, of which m₀ columns are of the family that
they are tested for: with p-values uniform under the null, at level q

    E[false alarms, each column tested by itself] = m₀ q,
    E[share of false among the rejected, adjusted] = q m₀ / m   for independent columns,

at most q m₀ / m under positive dependence. The draws B are so many that (B + 1) q / m is whole.

Sources: Benjamini & Hochberg 1995, JRSS B 57, 289, theorem 1; Benjamini & Yekutieli 2001, Annals of
Statistics 29, 1165; Stephens 1974, JASA 69, 730; Burnham & Anderson 2002.
"""

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from core import theory
from core.datasets.bundled import SETS
from core.experiment import CHECKS, Frames, Report, Table, field
from core.experiment import Config as Base

if TYPE_CHECKING:
    from core.families.distances import Floats
    from core.families.mistakes import Mistakes

VERSION = 1

Family = Literal["normal", "lognormal", "gamma", "weibull", "exponential", "gumbel", "logistic"]
SIMULATED = {"data": ("simulated",)}
# Columns of a simulated table, at most.
MOST = 100
BH = "Benjamini & Hochberg 1995, JRSS B 57, 289, theorem 1"


class Config(Base):
    data: str = field(
        "simulated",
        "The table: simulated, bundled, or a file of your own.",
        section="data",
        kind="data",
        names={"simulated": "Simulated columns", **SETS},
    )
    columns: int = field(
        20, "Number of simulated columns m.", section="data", when=SIMULATED, ge=2, le=MOST
    )
    others: int = field(
        5,
        "Columns of them that are of none of the families: two groups of values, apart.",
        label="Of no family",
        section="data",
        when=SIMULATED,
        ge=0,
        le=MOST,
    )
    samples: int = field(
        100, "Values n in a simulated column.", section="data", when=SIMULATED, ge=20, le=500
    )
    level: float = field(
        0.1, "Level q: of each test, and of false discoveries.", ge=0.01, le=0.25, step=0.01
    )
    families: tuple[Family, ...] = field(
        ("normal", "lognormal", "gamma", "weibull", "exponential", "gumbel", "logistic"),
        "Families to fit; those of positive values only where all are.",
        section="more",
        min_length=1,
    )
    replicates: int = field(
        200, "Simulated tables on which theory is measured, at most.", section="more", ge=20, le=1000
    )
    estimated: Literal["refitted", "ignored"] = field(
        "refitted",
        "Whether the draws behind a p-value are fitted again, as the column was.",
        label="Estimation",
        section="assumption",
    )
    memory: float = field(
        0.0,
        "Correlation of a simulated value with the one before it: rows that are not independent.",
        label="Correlation of rows",
        section="assumption",
        ge=0.0,
        le=0.95,
        step=0.05,
    )


TABLES = {
    "columns": Table(
        "A column a row, in the table's order.",
        {
            "column": "name",
            "samples": "finite values n",
            "distinct": "different values",
            "family": "family of least AICc; empty where none was fitted",
            "tied": "others within 2 of it in AICc",
            "parameters": "maximum likelihood estimates, in the unit of the column",
            "aicc": "AICc, nats × 2",
            "weight": "Akaike weight of the family",
            "p_value": "of the Anderson–Darling statistic, by refitted draws",
            "adjusted": "p-value adjusted for the number of columns (Benjamini–Hochberg)",
            "rank": "rank of the p-value, 1 for the least",
            "threshold": "level × rank / m, the line that p-values must fall below",
            "verdict": "consistent; not of this family, at the false discovery rate; or rejected only "
            "by itself, at the level",
            "truth": "family that a simulated column is of; other where of none",
            "note": "what to know",
        },
    ),
    "fits": Table(
        "Every family fitted to every column.",
        {
            "column": "name",
            "family": "family",
            "delta": "AICc above the column's best",
            "weight": "Akaike weight",
            "log_likelihood": "nats",
            "ad": "Anderson–Darling statistic",
        },
    ),
    "errors": Table(
        "Mistakes on simulated tables, each column tested for the family that it is of.",
        {
            "procedure": "each by itself, or adjusted",
            "quantity": "false alarms a table, share of the rejected that is false, or power",
            "predicted": "theory; empty for power",
            "measured": "mean over tables",
            "standard_error": "its standard error",
        },
    ),
    "checks": CHECKS,
    "notes": Table("What was assumed or left out.", {"note": "a sentence"}),
}

BREAKS = {
    "p-values that ignore the estimation": {"estimated": "ignored"},
    "Rows that follow one another": {"memory": 0.7},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run.

    Raises:
        InputError: more other columns than columns, or no column that can be fitted.
    """
    # Imported late: scipy's functions, when the command only lists the experiments.
    from core.families import batch, mistakes

    notes: list[str] = []
    report(0.0, "reading the columns")
    one, many = np.random.default_rng(config.seed).spawn(2)
    given = batch.read(config, one, notes)
    rows: list[dict[str, Any]] = []
    fits: list[dict[str, Any]] = []
    known: dict[Any, Floats] = {}
    for place, (name, x, truth) in enumerate(given):
        report(0.5 * place / len(given), f"fitting {name}")
        row, more = batch.described(config, name, x, truth, one, known, len(given))
        rows.append(row)
        fits += more
    table = batch.judged(pd.DataFrame(rows), config.level)
    tables = {"columns": TABLES["columns"].frame(table), "fits": TABLES["fits"].frame(fits)}
    report(0.5, "simulating tables", tables)
    m, wrong = _shape(config, table)
    made = mistakes.measured(
        config, m, wrong, many, lambda share: report(0.5 + 0.5 * share, "simulating tables", tables)
    )
    if made.tables < config.replicates:
        notes.append(f"Theory is measured on {made.tables} simulated tables, as many as time allows.")
    tables["errors"] = TABLES["errors"].frame(made.rows(config.level))
    tables["checks"] = theory.checks(_checks(config, made))
    tables["notes"] = TABLES["notes"].frame({"note": notes})
    return {name: tables[name] for name in TABLES}


def _shape(config: Config, table: pd.DataFrame) -> tuple[int, int]:
    """Columns of a simulated table, and how many of them are of no family."""
    m = min(MOST, max(2, int(table["p_value"].notna().sum())))
    wrong = (
        config.others if config.data == "simulated" else int((table["adjusted"] <= config.level).sum())
    )
    return m, min(wrong, m - 1)


def _checks(config: Config, made: "Mistakes") -> list[theory.Row]:
    m, right, q = made.columns, made.columns - made.wrong, config.level
    alarms = made.mean(made.alarms)
    share = made.mean(made.share)
    return [
        theory.exact(
            f"Testing {right} right columns at level q each, q × {right} are rejected a table",
            right * q,
            alarms[0],
            alarms[1],
            replicates=made.tables,
            source="uniform p-values: law of the fitted distance free of location and scale",
        ),
        theory.bound(
            "Of the rejected at false discovery rate q, a column picked at random is false in at most "
            "q m₀ / m of tables",
            q * right / m,
            share[0],
            violations=int(made.picked.sum()),
            trials=made.tables,
            allowed=q * right / m,
            source=BH,
        ),
    ]
