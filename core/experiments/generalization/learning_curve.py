"""Would more data help this model, or is it limited by its capacity or by noise?

A learner of scikit-learn is fitted to more and more rows of a data set. Each replicate is a split of
its own (of a synthetic design, new rows), and its training rows are added in a random order that keeps
the shares of classes, whole groups, or the past before the future. Missing values, texts and scales
are handled by a pipeline fitted on the training rows alone. Risk of classes is −log p in nats, with
1 % of p spread equally so that one certain mistake is not infinite; of a number, squared error.

Theory. Test risk is fitted by R(n) = a n^−b + c, an empirical law. It is put to the test by a fit to
the sizes up to half of the largest, which must forecast the mean risk at the largest: agreement is
|log(measured/forecast)|, and the tolerance is the width of the 99 % interval of their difference, by
the bootstrap over replicates of core.learners.power_law. On three designs the curve itself is known:
least squares on a linear model, exactly; the linear discriminant between two Gaussian classes, for p
and n → ∞ at fixed p/n; one nearest neighbour there, for n → ∞ (core.learners.known).

The forecast assumes that rows to come are like those that were seen, and that nothing new begins
between half of the data and all of it, as at n = p for least squares.

Sources: Viering & Loog, arXiv:2103.10948; Cortes et al. (1993), NIPS 6, 327–334; Nadeau & Bengio
(2003), Machine Learning 52, 239–281; Raudys & Young (2004), J. Multivariate Analysis 89, 1–35; Cover &
Hart (1967), IEEE Trans. Information Theory 13, 21–27.
"""

from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.datasets.labelled import Task
from core.experiment import CHECKS, Frames, Report, Table, field
from core.experiment import Config as Base
from core.learners import fields
from core.learners.names import Learner

# Imported late, by what needs them: SciPy and scikit-learn take a second to load.
if TYPE_CHECKING:
    from core.learners.setting import Setting

VERSION = 1


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


_AT = {"split": "train or test", "samples": "number of training samples n"}
_LIMITS = {"lower": "lower limit of the 95 % interval", "upper": "upper limit of the 95 % interval"}
_VALUE = "nats, squared units of the target, or a share for the error"
TABLES = {
    "risk": Table(
        "Risk of one replicate's fit to its first n training rows.",
        {
            "replicate": "number of the replicate, from 1",
            **_AT,
            "risk": "nats for classes, squared units of the target for a number; empty for a learner "
            "without probabilities",
            "error": "share of rows put in the wrong class; empty for a number",
        },
    ),
    "summary": Table(
        "Mean over replicates.",
        {
            **_AT,
            "measure": "risk or error, whichever the curve is of",
            "value": f"mean, {_VALUE}",
            "standard_error": "of the mean over replicates, same unit",
        },
    ),
    "curve": Table(
        "The power law a n^−b + c, fitted to all sizes and to those up to half of the largest.",
        {
            "fit": "all or half",
            "samples": _AT["samples"],
            "value": f"fitted mean test risk, {_VALUE}",
            **_LIMITS,
        },
    ),
    "fit": Table(
        "Parameters of the power law for all sizes.",
        {
            "parameter": "a, b or c",
            "value": "b has no unit; c as risk; a as risk × samples^b",
            **_LIMITS,
        },
    ),
    "forecast": Table(
        "Test risk as forecast, and as measured where it is.",
        {
            "forecast": "held out: at the largest size from sizes up to its half; twice: with twice "
            "the data from all sizes",
            "samples": _AT["samples"],
            "value": f"forecast mean, {_VALUE}",
            **_LIMITS,
            "measured": "mean measured there; empty where it is not",
        },
    ),
    "limits": Table(
        "What the test risk at the largest size is made of.",
        {
            "limit": "data, capacity or noise",
            "value": f"this part of the risk, {_VALUE}",
            **_LIMITS,
            "sure": "share of bootstrap draws in which this part is the largest",
            "rival": "the learner whose risk says what capacity could save",
        },
    ),
    "theory": Table(
        "What theory predicts for the mean test risk or error.",
        {
            "formula": "exact (finite n) or limit",
            "name": "what the formula is of",
            "samples": _AT["samples"],
            "value": f"predicted, {_VALUE}",
        },
    ),
    "checks": CHECKS,
    "notes": Table("What was assumed, left out or went wrong.", {"note": "a sentence"}),
}

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
    from core import theory
    from core.learners.fitting import Pace, warned
    from core.learners.setting import setting

    report(0.0, "reading the data")
    seeds = np.random.SeedSequence(config.seed).spawn(2 + config.replicates)
    rngs = [np.random.default_rng(seed) for seed in seeds]
    it = setting(config, [rngs[0], *rngs[2:]], report)
    sizes = _sizes(config, it)
    found = np.full((config.replicates, 2, sizes.size, 2), np.nan)
    rivals = np.full((len(RIVALS), config.replicates), np.nan)
    tables: Frames = {"theory": _theory(config, it, sizes)}
    pace = Pace()
    with warned() as stopped:
        for r in range(config.replicates):
            for k in range(sizes.size):
                done = (r + k / sizes.size) / config.replicates
                words = f"fitting replicate {r + 1} of {config.replicates}, {sizes[k]:,} samples"
                if pace.due():
                    report(0.9 * done, words, {**tables, **_measured(it, sizes, found)})
                found[r, :, k] = _fit(
                    config, it, sizes, r, k, lambda d=done, s=words: report(0.9 * d, s)
                )
            _rivals(it, sizes[-1], r, rivals, partial(report, 0.9 * done, "fitting other learners"))
        trouble = stopped()
    report(0.92, "fitting the power law", {**tables, **_measured(it, sizes, found)})
    made, checks, said = _answer(config, it, sizes, found, rivals, rngs[1])
    notes = [*it.notes, *said, *trouble]
    rest = {"checks": theory.checks(checks), "notes": TABLES["notes"].frame({"note": notes})}
    return {name: {**tables, **_measured(it, sizes, found), **made, **rest}[name] for name in TABLES}


def _sizes(config: Config, it: "Setting") -> NDArray[np.int64]:
    sizes = np.unique(np.round(it.largest * 2.0 ** (-np.arange(config.points) / 2)).astype(np.int64))
    return sizes[sizes >= 3]


def _fit(
    config: Config, it: "Setting", sizes: NDArray[np.int64], r: int, k: int, tick: Any
) -> NDArray[np.float64]:
    """(split, measure) of replicate r at size k."""
    from core.learners.fitting import fit

    rows, cut = it.rows[r], it.splits[r]
    target = rows.target
    if config.drift:
        late = cut.train[int(sizes[-1]) // 2 :]
        rng = np.random.default_rng([config.seed, r, 3])
        moved = late[rng.random(late.size) < config.drift]
        target = target.copy()
        target[moved] = rng.choice(rows.target[cut.train], moved.size)
    seed = int(config.seed * 1000 + r) % 2**31
    return np.array(fit(rows, target, it.model, cut.train[: sizes[k]], cut.test, seed, tick))


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


def _measured(it: "Setting", sizes: NDArray[np.int64], found: NDArray[np.float64]) -> Frames:
    replicates = len(found)
    index = pd.MultiIndex.from_product(
        [range(1, replicates + 1), ("train", "test"), sizes], names=["replicate", "split", "samples"]
    )
    risk = pd.DataFrame(found.reshape(-1, 2), columns=["risk", "error"], index=index).reset_index()
    risk = risk[risk[it.measure].notna()]
    grouped = risk.groupby(["split", "samples"], sort=False)[it.measure]
    summary = grouped.agg(value="mean", standard_error="sem").reset_index().assign(measure=it.measure)
    return {"risk": TABLES["risk"].frame(risk), "summary": TABLES["summary"].frame(summary)}


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
    checks, forecasts, laws = _against_theory(config, it, sizes, curve), [], {"all": law}
    said: list[str] = []
    if half.sum() >= FEWEST:
        laws["half"] = power_law(sizes[half], curve[:, half], picks, rng, it.overlap)
        row, forecast = held_out(it, top, curve[:, -1], laws["half"], picks)
        checks, forecasts = [row, *checks], [forecast]
    else:
        said.append(f"There are too few rows to hold the largest sizes out: {top} for training.")
    ahead = (float(a[0]) for a in law.interval(np.array([2 * top])))
    forecasts.append(["twice", 2 * top, *ahead, np.nan])
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


def _known(config: Config, it: "Setting", samples: NDArray[np.int64]) -> tuple[str, str, Any] | None:
    """The formula for this design and learner, its name, and its values; None where there is none."""
    from core.learners import known

    learner = it.model.name(it.classes)
    if config.data == "linear-model" and learner == "linear":
        return "exact", "least squares", known.least_squares(samples, config.features, config.noise)
    if config.data == "gaussians" and it.measure == "error":
        if learner == "linear":
            values = known.discriminant(samples, config.features, config.distance)
            return "limit", "linear discriminant", values
        if learner == "knn" and config.neighbours == 1:
            limit = known.nearest_neighbour(config.distance)
            return "limit", "one nearest neighbour, n → ∞", np.full(samples.size, limit)
    return None


def _theory(config: Config, it: "Setting", sizes: NDArray[np.int64]) -> pd.DataFrame:
    fine = np.unique(np.round(np.geomspace(sizes[0], 2 * sizes[-1], 120)).astype(np.int64))
    found = _known(config, it, fine)
    if found is None:
        return TABLES["theory"].empty()
    formula, name, values = found
    frame = pd.DataFrame({"formula": formula, "name": name, "samples": fine, "value": values})
    return TABLES["theory"].frame(frame[frame["value"].notna()])


def _against_theory(
    config: Config, it: "Setting", sizes: NDArray[np.int64], curve: NDArray[np.float64]
) -> list[dict[str, Any]]:
    """The check of the closed form, where there is one for this design and learner."""
    from core import theory

    found = _known(config, it, sizes)
    if found is None or "n → ∞" in found[1]:
        return []
    formula, _, values = found
    # Risk near n = p + 2 has no variance, and the limit is far where n is not well above p.
    apart = sizes >= config.features + max(8, config.features // (8 if formula == "exact" else 1))
    if not apart.any():
        return []
    means, error = curve.mean(axis=0)[apart], curve.std(axis=0, ddof=1)[apart] / np.sqrt(len(curve))
    if formula == "exact":
        claim = "Mean test risk of least squares at each n is σ²(1 + 1/n)(n − 2)/(n − p − 2)"
        source, count = "Breiman & Freedman (1983), JASA 78, 131–136", config.replicates
        return [theory.exact(claim, values[apart], means, error, source=source, replicates=count)]
    claim = "Mean error of the linear discriminant is near its limit at γ = p/n"
    # Finite p, and the standard error of what is measured.
    tolerance = 0.03 + 3 * float(np.median(error / values[apart]))
    source = "Raudys & Young (2004), J. Multivariate Analysis 89, section 3"
    return [theory.asymptotic(claim, values[apart], means, source=source, tolerance=tolerance)]
