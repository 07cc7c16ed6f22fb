"""Do forecasts of learning curves come true, and what does a curve cost beside scikit-learn's own?

For each data set and learner, 10 splits: a test part of 25 % and a pool. Ten random orders of one half
of the pool give curves up to that half on the same test part; the power law forecasts the risk of the
learner fitted to the whole pool. Its 95 % interval has the variance of the forecast mean and that of
one fit. A fit differs from its mean by the luck of its rows, v for a half, and by the learner's own
chance, s² (a forest of 30 trees on diabetes: 3 to 5 % of its risk). Where rows add up, half and pool
differ by half the difference of two such halves, so by v/2, and the pool's fit has an s² of its own. The
orders' first halves, samples without replacement from twice as many rows, vary by v + s² at a quarter of
the pool, where s² is no less: that is at least v/2 + s² and is taken for it, with Student's quantile,
since it is estimated from ten orders. Then the seconds of
`sklearn.model_selection.learning_curve` for the same estimator, sizes, splits and error, and Ermine's.
Then the decomposition into bias, variance and noise: a whole run of `bias-variance`, with its checks
and the exact curve where there is one, beside mlxtend's `bias_variance_decomp` at each of the same
settings, 200 rounds each. Ermine draws the noise anew; mlxtend draws the rows again, and its squared
bias holds the noise of the test targets. Left out, and said, where mlxtend (0.25.0) is not installed.

Last, the default double descent of the linear model with 50 replicates a point, over the time of the
decompositions alone of the same matrices.

    python benchmarks/generalization.py [coverage] [time] [decomposition] [descent]
"""

import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import learning_curve
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures
from sklearn.tree import DecisionTreeRegressor

from core import run
from core.experiment import silent
from core.experiments.generalization import double_descent
from core.experiments.generalization.bias_variance import Config
from core.learners.fitting import fit, warned
from core.learners.models import Model
from core.learners.power_law import power_law, resamples
from core.learners.preparing import transformer
from core.learners.rows import Rows, Source
from core.learners.splits import Split, split
from core.linear import descent
from core.linear.curves import curve

SETS = ("breast-cancer", "wine", "diabetes", "digits")
LEARNERS = ("auto", "forest")
SPLITS, ORDERS, POINTS, SHARE = 10, 10, 8, 0.25
ROUNDS = 200


def main() -> None:
    """Prints the tables that were asked for, or all."""
    asked = sys.argv[1:] or ["coverage", "time", "decomposition", "descent"]
    if "descent" in asked:
        _descent()
    if "decomposition" in asked:
        for shape in ("polynomial", "neighbours", "tree"):
            _decomposition(shape)
    for data in SETS:
        rows = Source(data).draw(np.random.default_rng(0))
        for learner in LEARNERS:
            model = Model(learner, trees=30)
            if "coverage" in asked:
                _coverage(data, rows, model)
            if "time" in asked:
                _time(data, rows, model)


def _descent(replicates: int = 50, rounds: int = 5) -> None:
    """CPU seconds of a run over those of one decomposition of each of its designs, of two kinds: the
    singular values and vectors of the design, or the eigenvalues and vectors of its smaller Gram matrix
    (the products that make it are not counted)."""
    config = double_descent.Config(replicates=replicates)
    points, _ = descent.points(config.samples, config.features, "features")
    x = np.random.default_rng(0).standard_normal((replicates, *points.most))
    designs = [fits.used for fits in points.fits(x)]
    grams = [fits.gram for fits in points.fits(x)]
    ways: dict[str, Callable[[], object]] = {
        "the run": lambda: double_descent.run(config, silent),
        "singular value decompositions": lambda: [
            np.linalg.svd(used, full_matrices=False) for used in designs
        ],
        "eigendecompositions": lambda: [np.linalg.eigh(gram) for gram in grams],
    }
    seconds = {name: min(_seconds(way) for _ in range(rounds)) for name, way in ways.items()}
    of = seconds.pop("the run")
    for name, alone in seconds.items():
        print(f"double descent {of:.2f} s CPU, {name} alone {alone:.2f} s: ratio {of / alone:.2f}")


def _seconds(way: Callable[[], object]) -> float:
    began = time.process_time()
    way()
    return time.process_time() - began


def _coverage(data: str, rows: Rows, model: Model) -> None:
    found = [_forecast(rows, model, np.random.default_rng([seed, 7])) for seed in range(SPLITS)]
    covered = sum(low <= measured <= high for _, low, high, measured in found)
    means = np.mean(found, axis=0)
    name = model.name(rows.classes is not None)
    print(
        f"{data:14} {name:9} covered {covered:2} of {SPLITS}, mean forecast {means[0]:.4g} "
        f"({means[1]:.4g} to {means[2]:.4g}), measured {means[3]:.4g}",
        flush=True,
    )


def _forecast(rows: Rows, model: Model, rng: np.random.Generator) -> tuple[float, float, float, float]:
    """Forecast, its limits, and the risk measured at the full size of one split."""
    cut = split(rows, SHARE, rng)
    full, half = cut.train.size, cut.train[: cut.train.size // 2]
    sizes = _sizes(half.size)
    curve = np.empty((ORDERS, sizes.size))
    for r in range(ORDERS):
        order = _order(rows, half, rng)
        curve[r] = [_risk(rows, model, order[:n], cut.test, r) for n in sizes]
    law = power_law(sizes, curve, resamples(ORDERS, rng), rng)
    forecast, low, high = (float(v[0]) for v in law.interval(np.array([full])))
    one = float(stats.t.ppf(0.975, ORDERS - 1)) * curve[:, -3].std(ddof=1)
    low, high = forecast - np.hypot(forecast - low, one), forecast + np.hypot(high - forecast, one)
    return forecast, low, high, _risk(rows, model, cut.train, cut.test, 99)


def _sizes(largest: int) -> np.ndarray:
    return np.unique(np.round(largest * 2.0 ** (-np.arange(POINTS) / 2)).astype(int))


def _order(rows: Rows, at: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The rows `at` in a random order, classes spread evenly."""
    part = Rows(rows.inputs[at], rows.target[at], rows.classes)
    cut = split(part, 1e-9, rng)
    return at[np.concatenate([cut.train, cut.test])]


def _risk(rows: Rows, model: Model, train: np.ndarray, test: np.ndarray, seed: int) -> float:
    with warned():
        return fit(rows, rows.target, model, train, test, seed, lambda: None).test.risk


def _time(data: str, rows: Rows, model: Model) -> None:
    cuts = [split(rows, SHARE, np.random.default_rng(seed)) for seed in range(3)]
    sizes = _sizes(min(cut.train.size for cut in cuts))
    began = time.process_time()
    ours = np.array([[_errors(rows, model, cut, n) for n in sizes] for cut in cuts])
    middle = time.process_time()
    theirs = _theirs(rows, model, cuts, sizes)
    ended = time.process_time()
    same = np.nanmax(np.abs(ours - theirs))
    name = model.name(rows.classes is not None)
    print(
        f"{data:14} {name:9} Ermine {middle - began:.2f} s CPU, scikit-learn {ended - middle:.2f} s, "
        f"largest difference {same:.1g}",
        flush=True,
    )


def _errors(rows: Rows, model: Model, cut: Split, n: int) -> float:
    with warned():
        found = fit(rows, rows.target, model, cut.train[:n], cut.test, 0, lambda: None).test
    return found.risk if rows.classes is None else found.error


def _theirs(rows: Rows, model: Model, cuts: list[Split], sizes: np.ndarray) -> np.ndarray:
    classes = rows.classes is not None
    estimator = make_pipeline(transformer(rows), model.estimator(classes, int(sizes[0]), 0))
    scoring = "accuracy" if classes else "neg_mean_squared_error"
    with warned():
        _, _, scores = learning_curve(
            estimator, rows.inputs, rows.target, train_sizes=sizes, cv=cuts, scoring=scoring
        )
    return (1 - scores if classes else -scores).T


def _decomposition(learner: str) -> None:
    try:
        from mlxtend.evaluate import bias_variance_decomp
    except ImportError:
        print("mlxtend is not installed: its decomposition is left out")
        return
    run("bias-variance", learner=learner, replicates=20, seed=1)  # imports what is imported late
    began = time.process_time()
    tables = run("bias-variance", learner=learner, replicates=ROUNDS)
    middle = time.process_time()
    config = Config(learner=learner)
    x, grid = ((np.arange(n) + 0.5) / n for n in (config.samples, 200))
    rng = np.random.default_rng(0)
    y, new = (curve(config.function, at) + config.noise * rng.normal(size=at.size) for at in (x, grid))
    settings = [float(v) for v in tables["decomposition"]["setting"].unique()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for setting in settings:
            estimator = _estimator(learner, int(setting))
            bias_variance_decomp(
                estimator,
                x[:, None],
                y,
                grid[:, None],
                new,
                loss="mse",
                num_rounds=ROUNDS,
                random_seed=0,
            )
    ended = time.process_time()
    print(
        f"{learner:12} {len(settings)} settings, {ROUNDS} rounds: Ermine {middle - began:.2f} s CPU, "
        f"mlxtend {ended - middle:.2f} s, ratio {(ended - middle) / (middle - began):.1f}",
        flush=True,
    )


def _estimator(learner: str, setting: int) -> Any:
    if learner == "polynomial":
        return make_pipeline(PolynomialFeatures(setting), LinearRegression())
    if learner == "neighbours":
        return KNeighborsRegressor(setting)
    return DecisionTreeRegressor(max_leaf_nodes=max(2, setting), random_state=0)


if __name__ == "__main__":
    main()
