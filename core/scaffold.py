"""The three files of a new experiment, small and whole: they run and pass the contract as written."""

import keyword
import re
from pathlib import Path

from core.experiment import InputError

CORE = '''"""Does the mean of n draws have variance sigma^2 / n?

Setup: `replicates` samples of `samples` normal values with standard deviation `noise`.
Theory: the variance of a mean of n independent values is sigma^2 / n, exactly.
Source: any text on probability; replace it by yours.
"""

import numpy as np

from core.experiment import CHECKS, Frames, Report, Table, field
from core.experiment import Config as Base
from core.theory import checks, exact

VERSION = 1


class Config(Base):
    """What a run of this experiment can vary."""

    samples: int = field(20, "Values in each sample.", ge=2, le=1_000)
    noise: float = field(1.0, "Standard deviation of a value.", gt=0, le=100)
    replicates: int = field(2000, "Samples drawn.", section="more", ge=100, le=20_000)
    dependence: float = field(
        0.0, "Correlation between values: theory assumes none.", section="assumption", ge=0, le=0.9
    )


TABLES = {
    "means": Table("A row per sample.", {"replicate": "number of the sample", "mean": "its mean"}),
    "checks": CHECKS,
}

BREAKS = {"Dependent values": {"dependence": 0.5}}


def run(config: Config, report: Report) -> Frames:
    """Draws the samples and holds the variance of their means against theory."""
    rng = np.random.default_rng(config.seed)
    shape = config.replicates, config.samples
    shared = rng.normal(size=(config.replicates, 1))
    own = rng.normal(size=shape)
    r = config.dependence
    means = config.noise * (np.sqrt(r) * shared + np.sqrt(1 - r) * own).mean(axis=1)
    report(1.0, "samples drawn")
    variance = means.var(ddof=1)
    error = variance * np.sqrt(2 / (config.replicates - 1))
    predicted = config.noise**2 / config.samples
    row = exact("Variance of the mean", predicted, variance, error, source="sigma^2 / n")
    means_table = {"replicate": np.arange(config.replicates), "mean": means}
    return {"means": TABLES["means"].frame(means_table), "checks": checks([row])}
'''

VIEW = '''"""The page of this experiment: words and charts."""

import altair as alt

from core.experiment import Config
from dashboard.shell.charts import TEST, number
from dashboard.shell.view import Figure, Panel, Tables, rows

WHY = r"""
The variance of the mean of $n$ independent values is $\\sigma^2 / n$.
"""


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """The measured variance."""
    checks = rows(tables, "checks")
    if checks.empty:
        return []
    row = checks.iloc[0]
    return [Figure("variance of the mean", number(row["measured"], row["standard_error"]))]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """A histogram of the means."""
    means = rows(tables, "means")
    if means.empty:
        return []
    chart = (
        alt.Chart(means.head(5000))
        .mark_bar(color=TEST)
        .encode(x=alt.X("mean:Q", bin=alt.Bin(maxbins=40), title="mean of a sample"), y="count()")
    )
    caption = f"Means of {len(means):,} samples; the chart shows at most the first 5,000."
    return [Panel("means", "How the means scatter", chart, caption, "A histogram of sample means.")]
'''

TEST = '''"""The science of {name}."""

import pytest

from core import run


def test_variance_of_the_mean_is_as_predicted():
    assert run("{name}")["checks"]["holds"].all()


@pytest.mark.parametrize("dependence", [0.3, 0.9])
def test_dependence_turns_the_check_red(dependence):
    assert not run("{name}", dependence=dependence)["checks"]["holds"].any()
'''


def scaffold(name: str, chapter: str, root: Path) -> list[Path]:
    """Writes core file, view and test of experiment `name` below `root`, a checkout of Ermine.

    Raises:
        InputError: not a checkout, a name that is no name, or a file that is there already.
    """
    for what, value in (("NAME", name), ("--chapter", chapter)):
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", value) or keyword.iskeyword(value):
            raise InputError(
                f"`{what}` must be lower-case words joined by hyphens, such as double-descent; "
                f"it was {value}."
            )
    experiments = root / "core" / "experiments"
    if not experiments.is_dir():
        raise InputError(f"`ermine new` must be run in a checkout of Ermine; {root} is none.")
    module, folder = name.replace("-", "_"), chapter.replace("-", "_")
    targets = {
        experiments / folder / f"{module}.py": CORE,
        root / "dashboard" / "views" / folder / f"{module}.py": VIEW,
        root / "tests" / "experiments" / folder / f"test_{module}.py": TEST.format(name=name),
    }
    # In every chapter: pages, commands and links know an experiment by its name alone.
    for path in [*experiments.glob(f"*/{module}.py"), *targets]:
        if path.exists():
            raise InputError(f"`NAME` must be new; {path.relative_to(root)} is there already.")
    for path, text in targets.items():
        _package(path.parent, chapter, is_test="tests" in path.parts)
        path.write_text(text)
    return list(targets)


def _package(folder: Path, chapter: str, *, is_test: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    initial = folder / "__init__.py"
    if not is_test and not initial.exists():
        title = chapter.replace("-", " ").capitalize()
        initial.write_text(f'"""{title}: what this chapter asks."""\n')
