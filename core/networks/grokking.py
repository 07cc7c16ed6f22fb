"""Modular addition that is fitted early and known late: tables and checks.

Networks start and train together; what is known before training is measured on more of them. The
sums modulo p stand once in each row and each column of their table, so that who goes by what stood
beside a, or beside b, leaves out the right answer: while training pairs are learned by heart, new
ones are right no more often than by chance, rather less.

Sources: Power et al., arXiv:2201.02177; Gromov, arXiv:2301.02679; core.networks.modular.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from core.experiment import Frames, Report
from core.networks import modular
from core.networks.grokking_tables import FITTED, RIGHT, TABLES
from core.networks.modular import Draw, Network, Seen
from core.theory import Row, bound, empirical_law, exact, identity

Floats = NDArray[np.float64]

# Positions at which networks are measured, and untrained networks for what holds before training.
MEASURED, UNTRAINED = 50, 50
# New pairs count as known late from this multiple of the steps of training pairs on; a unit as one of
# a single frequency when that has half of its power, against 22 % for random weights at p = 31.
LATE, GATHERED = 3.0, 0.5
# A network whose answers to new pairs are chance is above the limit once in a thousand.
RARE = 0.001
POWER, GROMOV = "Power et al., arXiv:2201.02177", "Gromov, arXiv:2301.02679"
SYMMETRY = "symmetry of the outputs of random weights"
MOMENTS = "moments of Gaussian weights, derived in core.networks.grokking"
RENYI = "Rényi (1953), Acta Math. Hung. 4, 191–231: exponential order statistics"


@dataclass(frozen=True)
class Problem:
    """The `modulus` p, the `share` of pairs trained on, hidden units `width`, and the optimiser's
    settings; with `arbitrary` answers there is no sum to find."""

    modulus: int
    share: float
    width: int
    learning_rate: float
    decay: float
    steps: int
    networks: int
    arbitrary: bool
    seed: int


def run(problem: Problem, report: Report) -> tuple[Frames, list[Row]]:
    """The tables and the checks; work grows as networks · steps · share · p³ · width."""
    trained, fresh = np.random.SeedSequence([problem.seed, 2]).spawn(2)
    draws = [
        modular.draw(
            problem.modulus,
            problem.share,
            problem.width,
            problem.arbitrary,
            np.random.default_rng(stream),
        )
        for stream in trained.spawn(problem.networks)
    ]
    found = Found(problem, draws)
    found.add(0, [one.network for one in draws])
    report(0.0, "compiling the training", found.tables())
    positions = sorted({0, *np.geomspace(1, problem.steps, MEASURED).round().astype(int).tolist()})
    for step, networks in modular.train(draws, problem.learning_rate, problem.decay, positions):
        if networks and step:
            found.add(step, networks)
        said = f"training {problem.networks} networks, step {step:,} of {problem.steps:,}"
        report(0.02 + 0.9 * step / problem.steps, said, found.tables() if networks else None)
    tables = found.tables()
    return tables, _checks(problem, found, tables, _before(problem, fresh, report))


class Found:
    """What was measured of the networks so far, and their spectra at the start and now."""

    def __init__(self, problem: Problem, draws: Sequence[Draw]) -> None:
        self._problem, self._draws = problem, draws
        self._steps: list[int] = []
        self.seen: list[list[Seen]] = []
        self._spectra: dict[str, Floats] = {}

    def add(self, step: int, networks: Sequence[Network]) -> None:
        """Measures the networks at this step."""
        self._steps.append(step)
        pairs = zip(networks, self._draws, strict=True)
        self.seen.append([modular.look(n, one.answers, (one.train, one.test)) for n, one in pairs])
        when = "end" if step else "start"
        self._spectra[when] = np.array([modular.first_spectrum(one) for one in networks])

    def tables(self) -> Frames:
        """All tables but `delay` and `checks`."""
        every = self._risk()
        made = {
            "risk": every,
            "summary": _summary(every),
            "theory": _theory(self._problem.modulus),
            "networks": pd.DataFrame([self._learned(i) for i in range(len(self._draws))]),
            "weights": self._weights(),
            "spectrum": self._spectrum(),
        }
        return {name: TABLES[name].frame(frame) for name, frame in made.items()}

    def _risk(self) -> pd.DataFrame:
        rows = [
            (i, split, step, one.risk[k], one.accuracy[k])
            for step, seen in zip(self._steps, self.seen, strict=True)
            for i, one in enumerate(seen)
            for k, split in enumerate(("train", "test"))
        ]
        return pd.DataFrame(rows, columns=["replicate", "split", "time", "risk", "accuracy"])

    def _weights(self) -> pd.DataFrame:
        rows = [
            (i, step, one.norm, one.concentration, one.phases)
            for step, seen in zip(self._steps, self.seen, strict=True)
            for i, one in enumerate(seen)
        ]
        return pd.DataFrame(rows, columns=["replicate", "time", "norm", "concentration", "phases"])

    def _learned(self, i: int) -> dict[str, float]:
        steps = np.array(self._steps, float)
        train, test = np.array([seen[i].accuracy for seen in self.seen]).T
        fitted, known = crossing(steps, train, FITTED), crossing(steps, test, RIGHT)
        by_heart, lost = np.flatnonzero(train >= FITTED), np.flatnonzero(np.isnan(train))
        new, chance = self._draws[i].test.size, 1 / self._problem.modulus
        return {
            "replicate": i,
            "train": fitted,
            "test": known,
            "delay": known / fitted,
            "memorised": float(test[by_heart[0]]) if by_heart.size else np.nan,
            "limit": float(scipy.stats.binom.isf(RARE, new, chance)) / new,
            "diverged": float(steps[lost[0]]) if lost.size else np.nan,
        }

    def _spectrum(self) -> pd.DataFrame:
        p = self._problem.modulus
        ranks = np.arange(1, (p + 1) // 2)
        parts = []
        for when, shares in self._spectra.items():
            error = shares.std(axis=0, ddof=1) / np.sqrt(len(shares))
            predicted = modular.random_spectrum(p) if when == "start" else np.nan
            parts.append((when, shares.mean(axis=0), error, predicted))
        built = modular.first_spectrum(modular.built(p))
        parts.append(("built", built, np.nan, (ranks == 1).astype(float)))
        names = ("network", "share", "standard_error", "predicted")
        frames = [pd.DataFrame(dict(zip(names, part, strict=True)) | {"rank": ranks}) for part in parts]
        return pd.concat(frames, ignore_index=True)


def crossing(steps: Floats, accuracy: Floats, level: float) -> float:
    """The step at which `accuracy` first reaches `level`, between two steps by a straight line in
    the logarithm of the step; NaN if it does not."""
    above = np.flatnonzero(accuracy >= level)
    if not above.size:
        return np.nan
    i = int(above[0])
    if i == 0 or steps[i - 1] == 0:
        return float(steps[i])
    (t0, t1), (a0, a1) = np.log(steps[i - 1 : i + 1]), accuracy[i - 1 : i + 1]
    return float(np.exp(t0 + (t1 - t0) * (level - a0) / (a1 - a0)))


def _summary(every: pd.DataFrame) -> pd.DataFrame:
    groups = every.groupby(["split", "time"], sort=False)[["risk", "accuracy"]]
    mean = groups.mean()
    error = groups.std() / np.sqrt(every["replicate"].nunique())
    return mean.join(error.add_suffix("_error")).reset_index()


def _theory(p: int) -> pd.DataFrame:
    """Before training. A unit's input is a sum of two weights of variance 1/2p, so of variance 1/p, and
    its square has mean square 3/p²; an output, of as many weights of variance 1/width, has variance
    3/p², and the p of them add 3/p to the 1 of an output of nothing."""
    return pd.DataFrame({"split": ["train", "test"], "time": 0.0, "risk": 1 + 3 / p, "accuracy": 1 / p})


def _before(problem: Problem, stream: np.random.SeedSequence, report: Report) -> tuple[Floats, Floats]:
    """Risk and accuracy on all pairs, and spectrum, of untrained networks (network, ·)."""
    pairs, found, spectra = modular.sums(problem.modulus), [], []
    every = np.arange(pairs.size)
    for i, seed in enumerate(stream.spawn(UNTRAINED)):
        network = modular.untrained(problem.modulus, problem.width, np.random.default_rng(seed))
        seen = modular.look(network, pairs, (every, every))
        found.append((seen.risk[0], seen.accuracy[0]))
        spectra.append(modular.first_spectrum(network)[:3])
        if i % 10 == 9:
            report(0.93 + 0.06 * i / UNTRAINED, "measuring untrained networks")
    return np.array(found), np.array(spectra)


def _checks(problem: Problem, found: Found, tables: Frames, before: tuple[Floats, Floats]) -> list[Row]:
    return [*_exactly(problem.modulus, *before), *_trained(problem, found, tables)]


def _exactly(p: int, found: Floats, spectra: Floats) -> list[Row]:
    """The network built by hand, and what random weights do."""
    mean, error = found.mean(axis=0), found.std(axis=0, ddof=1) / np.sqrt(UNTRAINED)
    many = {"replicates": UNTRAINED}
    return [
        identity(
            f"A network built by hand of {3 * (p - 1)} units, each of one frequency, gives every sum",
            np.eye(p)[modular.sums(p)],
            modular.outputs(modular.built(p)),
            source=f"{GROMOV}; made exact in core.networks.modular",
        ),
        exact(
            "Before training, mean risk is 1 + 3/p", 1 + 3 / p, mean[0], error[0], source=MOMENTS, **many
        ),
        exact(
            "Before training, 1/p of the pairs are right",
            1 / p,
            mean[1],
            error[1],
            source=SYMMETRY,
            **many,
        ),
        exact(
            "Before training, a unit's three strongest frequencies have the power they have at random",
            modular.random_spectrum(p)[:3],
            spectra.mean(axis=0),
            spectra.std(axis=0, ddof=1) / np.sqrt(UNTRAINED),
            source=RENYI,
            **many,
        ),
    ]


def _trained(problem: Problem, found: Found, tables: Frames) -> list[Row]:
    """What training does: no theorem."""
    many, last, when = problem.networks, found.seen[-1], tables["networks"]
    limit = float(when["limit"].iloc[0])
    gathered = np.array([one.concentration for one in last])
    often = 0.05
    return [
        bound(
            f"When {FITTED:.0%} of training pairs are right, at most {limit:.3f} of new ones are: "
            "no more than by chance",
            limit,
            float(when["memorised"].median()),
            violations=int((~(when["memorised"] <= limit)).sum()),
            source=POWER,
            trials=many,
            allowed=often,
        ),
        empirical_law(
            "In the end new pairs are right",
            1.0,
            [one.accuracy[1] for one in last],
            source=POWER,
            tolerance=-np.log(RIGHT),
        ),
        bound(
            f"New pairs are right after at least {LATE:g} times the steps of training pairs",
            LATE,
            float(when["delay"].median()),
            violations=int((~(when["delay"] >= LATE)).sum()),
            source=POWER,
            trials=many,
            allowed=often,
        ),
        bound(
            f"In the end units have at least {GATHERED:g} of their power at one frequency",
            GATHERED,
            float(np.median(gathered)),
            violations=int((gathered < GATHERED).sum()),
            source=GROMOV,
            trials=many,
            allowed=often,
        ),
        empirical_law(
            "In the end a unit's output phase is the sum of its input phases (mean cosine 1)",
            1.0,
            [one.phases for one in last],
            source=GROMOV,
            tolerance=0.05,
        ),
    ]
