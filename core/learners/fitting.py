"""What are the risks of a learner that is fitted to these rows?

Risk is −log p of the true class in nats, with p = 99 % of the learner's probability and 1 % spread
equally, so that a certain mistake of a tree costs log(100 K) and not infinity; of a number, squared
error. Learners without probabilities (ridge for classes, support vector machines) have an error only.
"""

import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.learners.models import Model
from core.learners.portions import learn
from core.learners.preparing import prepared
from core.learners.rows import Rows

Ints = NDArray[np.int64]
SPREAD = 0.01
PAUSE = 0.1
# Training rows on which training risk is measured, at most.
MEASURED = 2000


class Risks(NamedTuple):
    """Mean risk (NaN where there are no probabilities) and share of errors (NaN for a number) of one
    fit on one set of rows."""

    risk: float
    error: float


class Fit(NamedTuple):
    """Risks on the training rows and on the test rows."""

    train: Risks
    test: Risks


def fit(
    rows: Rows,
    target: NDArray[Any],
    model: Model,
    train: Ints,
    test: Ints,
    seed: int,
    tick: Callable[[], None],
) -> Fit:
    """Fits on `train` and measures on both; `target` (n,) is what the training rows are told.

    `tick` is called every 0.1 s, from this thread, while the learner is at work in another: what it
    raises ends the wait, and the fit under way ends as soon as core.learners.portions lets it.
    """
    return _meanwhile(lambda stop: _fit(rows, target, model, train, test, seed, stop), tick)


def _fit(
    rows: Rows,
    target: NDArray[Any],
    model: Model,
    train: Ints,
    test: Ints,
    seed: int,
    stop: Callable[[], bool],
) -> Fit:
    seen = train[:MEASURED]
    inputs, new = prepared(rows, train, test)
    told = target[train]
    if rows.classes is None:
        center, spread = told.mean(), told.std() or 1.0
        scaled = (told - center) / spread
        made = learn(model.estimator(0, train.size, seed), inputs, scaled, stop)
        errors = [
            np.mean((made.predict(x) * spread + center - rows.target[at]) ** 2)
            for x, at in ((inputs[: seen.size], seen), (new, test))
        ]
        return Fit(*(Risks(float(e), np.nan) for e in errors))
    if np.unique(told).size < 2:
        # One class seen: it is predicted, whatever the learner.
        only = np.full(1, told[0])
        return Fit(*(_certain(rows, only, at) for at in (seen, test)))
    made = learn(model.estimator(len(rows.classes), train.size, seed), inputs, told, stop)
    # What a row is, not what the learner was told, is what it is measured by in testing.
    return Fit(
        _classified(rows, made, inputs[: seen.size], told[: seen.size]),
        _classified(rows, made, new, rows.target[test]),
    )


def _classified(rows: Rows, made: Any, inputs: NDArray[np.float64], labels: Ints) -> Risks:
    if not hasattr(made, "predict_proba"):
        return Risks(np.nan, float(np.mean(made.predict(inputs) != labels)))
    shares = made.predict_proba(inputs)
    error = float(np.mean(made.classes_[shares.argmax(axis=1)] != labels))
    assert rows.classes is not None
    every = np.zeros((len(labels), len(rows.classes)))
    every[:, made.classes_] = shares
    return Risks(_nats(every, labels), error)


def _certain(rows: Rows, only: Ints, at: Ints) -> Risks:
    assert rows.classes is not None
    every = np.zeros((at.size, len(rows.classes)))
    every[:, only] = 1.0
    return Risks(_nats(every, rows.target[at]), float(np.mean(rows.target[at] != only)))


def _nats(shares: NDArray[np.float64], labels: Ints) -> float:
    said = (1 - SPREAD) * shares[np.arange(labels.size), labels] + SPREAD / shares.shape[1]
    return float(-np.log(said).mean())


def _meanwhile(work: Callable[[Callable[[], bool]], Fit], tick: Callable[[], None]) -> Fit:
    found: list[Fit] = []
    failed: list[BaseException] = []
    stop = threading.Event()

    def carry_out() -> None:
        try:
            found.append(work(stop.is_set))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=carry_out, daemon=True)
    thread.start()
    try:
        thread.join(PAUSE)
        while thread.is_alive():
            tick()
            thread.join(PAUSE)
    except BaseException:
        stop.set()
        raise
    if failed:
        raise failed[0]
    return found[0]


@contextmanager
def warned() -> Iterator[Callable[[], list[str]]]:
    """Within, warnings are kept; the function says how many fits were stopped before they
    converged, or diverged, in sentences."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield lambda: _said(caught)


def _said(caught: list[warnings.WarningMessage]) -> list[str]:
    early = sum(w.category.__name__ == "ConvergenceWarning" for w in caught)
    steps = [int(str(w.message)) for w in caught if w.category.__name__ == "Diverged"]
    said = [f"{early:,} fits were stopped before they converged."] if early else []
    if steps:
        said.append(
            f"{len(steps):,} trainings of the network diverged, the first after {min(steps):,} steps; "
            "a lower `learning_rate` helps."
        )
    return said


class Pace:
    """Says when a table is to be reported again: not more often than every 0.15 s."""

    def __init__(self) -> None:
        self.last = time.monotonic() - 0.05

    def due(self) -> bool:
        """Whether it is time, which starts the wait anew."""
        now = time.monotonic()
        if now - self.last < 0.15:
            return False
        self.last = now
        return True
