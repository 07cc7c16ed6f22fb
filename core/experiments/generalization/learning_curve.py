"""Would more data help this model, or is it limited by its capacity or by noise?

A learner of scikit-learn, Hebb's rule or a neural network is fitted to more and more rows of a data
set. Each replicate is a split of its own (of a synthetic design, new rows), and its training rows are
added in a random order that keeps the shares of classes, whole groups, or the past before the future.
Missing values, texts and scales are handled by a pipeline fitted on the training rows alone. Risk of
classes is −log p in nats, with 1 % of p spread equally so that one certain mistake is not infinite; of a
number, squared error.

Theory. Test risk is fitted by R(n) = a n^−b + c, an empirical law. It is put to the test by a fit to
the sizes up to half of the largest, which must forecast the mean risk at the larger ones: agreement is
|log(measured/forecast)|, and the tolerance is the width of the 99 % interval of their difference, by
the bootstrap over replicates of core.learners.power_law. Two-fold cross-validation of the training rows
has exactly the expected risk of half as many (core.learners.crossing). On four designs the curve itself
is known (core.learners.known): least squares on a linear model, exactly; the linear discriminant between
two Gaussian classes and Hebb's rule with a teacher perceptron, for p and n → ∞ at fixed p/n; one nearest
neighbour between the Gaussian classes, for n → ∞.

The forecast assumes that rows to come are like those that were seen, and that nothing new begins
between half of the data and all of it, as at n = p for least squares.

Sources: Viering & Loog, arXiv:2103.10948; Cortes et al. (1993), NIPS 6, 327–334; Nadeau & Bengio
(2003), Machine Learning 52, 239–281; Luntz & Brailovsky (1969), Technicheskaya Kibernetica 3; Raudys &
Young (2004), J. Multivariate Analysis 89, 1–35; Vallet (1989), Europhysics Letters 8, 747–751; Cover &
Hart (1967), IEEE Trans. Information Theory 13, 21–27; Snapp & Venkatesh (1998), Annals of Statistics 26,
850–878.
"""

from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.datasets.labelled import Task
from core.experiment import Config as Base
from core.experiment import Frames, Report, field
from core.learners import curve_tables, fields
from core.learners.names import Learner

# Imported late, by what needs them: SciPy and scikit-learn take a second to load.
if TYPE_CHECKING:
    from core.learners.setting import Setting

VERSION = 2


class Config(Base):
    data: str = fields.data("breast-cancer")
    target: str = fields.TARGET
    task: Task = fields.TASK
    group: str = fields.GROUP
    time: str = fields.TIME
    samples: int = fields.SAMPLES
    features: int = fields.FEATURES
    noise: float = fields.NOISE
    distance: float = fields.DISTANCE
    learner: Learner = fields.learner("auto")
    penalty: float = fields.PENALTY
    neighbours: int = fields.NEIGHBOURS
    trees: int = fields.TREES
    depth: int = fields.DEPTH
    cost: float = fields.COST
    width: int = fields.WIDTH
    layers: int = fields.LAYERS
    learning_rate: float = fields.LEARNING_RATE
    weight_decay: float = fields.WEIGHT_DECAY
    steps: int = fields.STEPS
    measure: Literal["auto", "risk", "error"] = field(
        "auto",
        "What the curve is of: risk, or share of errors; auto is risk where the learner has one.",
        section="more",
    )
    drift: float = field(
        0.0,
        "Share of training rows beyond half of the largest size whose target is another row's; the "
        "forecast assumes that they are like the earlier ones.",
        section="assumption",
        ge=0,
        le=1,
        step=0.05,
    )
    points: int = field(
        10, "Number of sizes, each √2 times the one before.", section="more", ge=6, le=16
    )
    test_share: float = fields.TEST_SHARE
    rows: int = fields.ROWS
    replicates: int = field(
        10, "Splits, each with its own order of training rows.", section="training", ge=4, le=100
    )


TABLES = curve_tables.TABLES
BREAKS: dict[str, dict[str, Any]] = {
    "Later rows are of another kind": {"drift": 0.6},
    "The forecast begins before n = p": {
        "data": "linear-model",
        "learner": "linear",
        "features": 110,
        "samples": 320,
        "replicates": 20,
    },
}

RIVALS: tuple[Learner, ...] = ("auto", "knn", "forest")


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as replicates · fits to all sizes.

    Raises:
        InputError: data, columns or a learner that cannot be used, or fewer than 12 rows.
    """
    report(0.0, "loading the learners")
    from core import theory
    from core.learners import closed, crossing
    from core.learners.fitting import Pace, warned
    from core.learners.setting import setting

    report(0.0, "reading the data")
    seeds = np.random.SeedSequence(config.seed).spawn(2 + config.replicates)
    rngs = [np.random.default_rng(seed) for seed in seeds]
    it = setting(config, [rngs[0], *rngs[2:]], report)
    sizes = _sizes(config, it)
    found = np.full((config.replicates, 2, sizes.size, 2), np.nan)
    rivals = np.full((len(RIVALS), config.replicates), np.nan)
    known = closed.closed(config, it)
    tables: Frames = {"theory": closed.drawn(known, sizes, TABLES["theory"])}
    half, fold = int(sizes[-3]), np.full((config.replicates, 2), np.nan)
    with_folds = crossing.crossed(it, half)
    pace = Pace()
    with warned() as stopped:
        for r in range(config.replicates):
            for k in range(sizes.size):
                done = (r + k / sizes.size) / config.replicates
                words = f"fitting replicate {r + 1} of {config.replicates}, {sizes[k]:,} samples"
                if pace.due():
                    report(0.9 * done, words, {**tables, **curve_tables.measured(it, sizes, found)})
                found[r, :, k] = _fit(
                    config, it, sizes, r, k, lambda d=done, s=words: report(0.9 * d, s)
                )
            tick = partial(report, 0.9 * done, "fitting other learners")
            _rivals(it, sizes[-1], r, rivals, tick)
            if with_folds:
                fold[r] = crossing.folds(it, _told(config, it, sizes, r), r, half, tick)
        trouble = stopped()
    report(0.92, "fitting the power law", {**tables, **curve_tables.measured(it, sizes, found)})
    made, checks, said = _answer(config, it, sizes, found, rivals, rngs[1])
    tested = found[:, 1, :, 0 if it.measure == "risk" else 1]
    rows, unchecked = closed.against(known, sizes, tested, config.features)
    checks = [*checks, *([crossing.check(it, half, tested[:, -3], fold)] if with_folds else []), *rows]
    notes = [*it.notes, *said, *unchecked, *trouble]
    rest = {"checks": theory.checks(checks), "notes": TABLES["notes"].frame({"note": notes})}
    return {
        name: {**tables, **curve_tables.measured(it, sizes, found), **made, **rest}[name]
        for name in TABLES
    }


def _sizes(config: Config, it: "Setting") -> NDArray[np.int64]:
    sizes = np.unique(np.round(it.largest * 2.0 ** (-np.arange(config.points) / 2)).astype(np.int64))
    return sizes[sizes >= 3]


def _fit(
    config: Config, it: "Setting", sizes: NDArray[np.int64], r: int, k: int, tick: Any
) -> NDArray[np.float64]:
    """(split, measure) of replicate r at size k."""
    from core.learners.fitting import fit

    rows, cut, told = it.rows[r], it.splits[r], _told(config, it, sizes, r)
    seed = int(config.seed * 1000 + r) % 2**31
    return np.array(fit(rows, told, it.model, cut.train[: sizes[k]], cut.test, seed, tick))


def _told(config: Config, it: "Setting", sizes: NDArray[np.int64], r: int) -> NDArray[Any]:
    """What the training rows of replicate r are told to be."""
    rows, cut = it.rows[r], it.splits[r]
    if not config.drift:
        return rows.target
    late = cut.train[int(sizes[-1]) // 2 :]
    rng = np.random.default_rng([config.seed, r, 3])
    moved = late[rng.random(late.size) < config.drift]
    told = rows.target.copy()
    told[moved] = rng.choice(rows.target[cut.train], moved.size)
    return told


def _rivals(it: "Setting", top: int, r: int, rivals: NDArray[np.float64], tick: Any) -> None:
    """Test risk of the rivals at the largest size of replicate r, into `rivals` (rival, replicate)."""
    from core.learners.fitting import fit
    from core.learners.models import Model

    rows, cut = it.rows[r], it.splits[r]
    own = it.model.name(it.classes)
    for i, name in enumerate(RIVALS):
        rival = Model(name, trees=30)
        if rival.name(it.classes) != own:
            got = fit(rows, rows.target, rival, cut.train[:top], cut.test, r, tick)
            rivals[i, r] = getattr(got.test, it.measure)


def _answer(
    config: Config,
    it: "Setting",
    sizes: NDArray[np.int64],
    found: NDArray[np.float64],
    rivals: NDArray[np.float64],
    rng: np.random.Generator,
) -> tuple[Frames, list[dict[str, Any]], list[str]]:
    """The tables of fit, forecast and limits, the checks, and what could not be checked."""
    from core.learners.forecasts import curves, held_out, limited
    from core.learners.power_law import FEWEST, power_law, resamples
    from core.learners.verdict import LIMITS, parts

    curve = found[:, 1, :, 0 if it.measure == "risk" else 1]
    picks = resamples(config.replicates, rng)
    law = power_law(sizes, curve, picks, rng, it.overlap)
    top = int(sizes[-1])
    half = sizes <= top / 2 + 1
    checks: list[dict[str, Any]] = []
    forecasts, laws, said = [], {"all": law}, []
    if half.sum() >= FEWEST:
        laws["half"] = power_law(sizes[half], curve[:, half], picks, rng, it.overlap)
        for k in np.flatnonzero(~half):
            known = int(sizes[half][-1])
            row, ahead = held_out(it, int(sizes[k]), curve[:, k], laws["half"], known, picks)
            checks.append(row)
            forecasts.append(ahead)
    else:
        said.append(f"There are too few rows to hold the largest sizes out: {top} for training.")
    twice = (float(a[0]) for a in law.interval(np.array([2 * top])))
    forecasts.append(["twice", 2 * top, *twice, np.nan])
    names = [it.model.__class__(name).name(it.classes) for name in RIVALS]
    means = rivals.mean(axis=1)
    best = int(np.nanargmin(means))
    made = parts(law, top, rivals[best], picks)
    frames: dict[str, Any] = {
        "curve": curves(sizes, laws),
        "fit": {"parameter": list("abc"), "value": law.parameters, **limited(*law.errors())},
        "forecast": pd.DataFrame(forecasts, columns=list(TABLES["forecast"].columns)),
        "limits": {
            "limit": LIMITS,
            "value": made.values,
            **limited(made.low, made.high),
            "sure": made.sure,
            "rival": names[best],
        },
    }
    return {name: TABLES[name].frame(frame) for name, frame in frames.items()}, checks, said
