"""What PAC-Bayes promises for stochastic networks, beside their true risk: tables and checks."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core import theory
from core.bounds import pac_bayes, stochastic_network, tables
from core.bounds.populations import Population, Rows
from core.bounds.promises import Promise
from core.bounds.stochastic_network import Posterior
from core.bounds.trials import LENGTHS, trained
from core.experiment import Frames, Report
from core.theory import Row

Floats = NDArray[np.float64]

# Fresh samples that stand for a law with no end of rows; positions at which a training is measured, by
# so many draws; draws for the mean log ratio.
FRESH, MEASURED, FEW, RATIOS = 4000, 12, 50, 200
# Seconds between tables: to make them takes some hundredths of one.
PAUSE = 0.3
DZIUGAITE = "Dziugaite & Roy, arXiv:1703.11008"
CLAIMS = {
    "network": ("The PAC-Bayes limit on a stochastic network", DZIUGAITE),
    "network_root": ("McAllester's looser form of it", "McAllester (2003); Maurer, arXiv:cs/0411099"),
    "pac_bayes": (
        "PAC-Bayes' limit on a linear Gibbs classifier",
        "Langford (2005); Maurer, arXiv:cs/0411099",
    ),
}
# A limit says something when it is below the risk of tossing a coin.
COIN = 0.5


@dataclass(frozen=True)
class Problem:
    """Hidden units `width`, updates, `draws` of the network for its Gibbs error, `networks` at each
    size, the `penalty` of the linear classifier, δ, and whether the prior is centred on weights that
    were `fitted` to the sample, which no bound allows."""

    width: int
    steps: int
    draws: int
    networks: int
    penalty: float
    delta: float
    fitted: bool


@dataclass
class Found:
    """What the networks trained so far gave: rows of `NETWORKS`, promises at each level of δ, and the
    distance of the mean log ratio from KL with its standard error."""

    levels: list[float]
    rows: list[Row] = field(default_factory=list)
    ends: list[Row] = field(default_factory=list)
    ratios: list[tuple[float, float]] = field(default_factory=list)
    told: float = 0.0

    def news(self) -> Frames | None:
        """The tables so far, where they were last asked for longer than `PAUSE` ago."""
        if time.monotonic() - self.told < PAUSE:
            return None
        made = self.tables()
        self.told = time.monotonic()
        return made

    def tables(self) -> Frames:
        """Tables of the sizes and networks so far."""
        every = tables.GUARANTEES.frame(self._guarantees())
        return {
            "networks": tables.NETWORKS.frame(self.rows),
            "guarantees": every,
            "violations": tables.pooled(every) if len(every) else tables.VIOLATIONS.empty(),
        }

    def _guarantees(self) -> list[Row]:
        if not self.ends:
            return []
        made = []
        of = ["samples", "delta", "bound"]
        for _, own in pd.DataFrame(self.ends).groupby(of, sort=False):
            n, level, name = own[of].iloc[0]
            error, risk, limit = (own[c].to_numpy(float) for c in ("error", "risk", "limit"))
            it = Promise(error, risk, risk - error, limit - error)
            made.append(tables.row(name, n, level, it))
        return made


def run(
    people: Population, problem: Problem, sizes: list[int], seed: int, report: Report
) -> tuple[Frames, list[Row]]:
    """The tables and the checks; work grows as networks · (steps + draws) · n · width · d."""
    found = Found(sorted({*tables.ASKED, problem.delta}))
    total, done = len(sizes) * problem.networks, 0
    seeds = iter(np.random.SeedSequence([seed, 3]).spawn(total))
    for n in sizes:
        for number in range(1, problem.networks + 1):

            def say(share: float, n: int = n, done: int = done) -> None:
                report((done + share) / total, f"training networks on {n:,} samples", found.news())

            rng = np.random.default_rng(next(seeds))
            _one(people, problem, n, number, max(sizes), rng, found, say)
            done += 1
    made = found.tables()
    report(1.0, "checking", made)
    return made, _checks(problem, found, made)


def _one(
    people: Population,
    problem: Problem,
    n: int,
    number: int,
    room: int,
    rng: np.random.Generator,
    found: Found,
    say: Callable[[float], None],
) -> None:
    """Draws a sample, trains a network on it, and holds its limits against its true risk."""
    inputs, labels = people.draw(rng, n)
    whole = (people.inputs, people.labels) if isinstance(people, Rows) else people.draw(rng, FRESH)
    parts = (stochastic_network.rows(inputs, labels, room), stochastic_network.rows(*whole, 0))
    start = stochastic_network.centre(people.dimension, problem.width, rng)
    own = [int(s) for s in rng.integers(0, 2**32, 4)]
    known = {"samples": n, "network": number}
    say(0.0)
    if problem.fitted:
        last = start
        for _, posterior in _train(problem, parts[0], n, start, own[0], 0.0, [problem.steps]):
            last = np.asarray(posterior.mean)
            say(0.0)
        start = last
    positions = sorted({round(problem.steps * s**2) for s in np.linspace(0, 1, MEASURED + 1)})
    for step, posterior in _train(problem, parts[0], n, start, own[1], 1.0, positions):
        if step in positions:
            drawn = stochastic_network.errors(posterior, parts, problem.width, FEW, own[2])
            few = np.concatenate(list(drawn))
            row = _measured(problem, n, posterior, start, few[:, 0])
            found.rows.append({**known, "step": step, "risk": np.nan, **row})
        say(0.6 * step / problem.steps)
    blocks = []
    for block in stochastic_network.errors(posterior, parts, problem.width, problem.draws, own[3]):
        blocks.append(block)
        say(0.6 + 0.4 * len(blocks) * len(block) / problem.draws)
    errors = np.concatenate(blocks)
    row = _measured(problem, n, posterior, start, errors[:, 0])
    # The last measurement while training is replaced by this one, of all draws.
    found.rows[-1] = {**known, "step": problem.steps, "risk": float(errors[:, 1].mean()), **row}
    _ends(people, problem, n, found, errors.mean(axis=0), row, (inputs, labels))
    logs = stochastic_network.ratios(posterior, start, int(row["scale"]), RATIOS, rng)
    away = float(logs.mean() - n * row["divergence"]), float(logs.std(ddof=1) / np.sqrt(RATIOS))
    found.ratios.append(away)


def _train(
    problem: Problem,
    counted: stochastic_network.Rows,
    n: int,
    start: NDArray[np.floating],
    seed: int,
    cost: float,
    positions: list[int],
) -> Iterator[tuple[int, Posterior]]:
    task = stochastic_network.task(counted, n, start, problem.steps, problem.delta, cost)
    return stochastic_network.train(task, problem.width, seed, positions)


def _measured(
    problem: Problem,
    n: int,
    posterior: Posterior,
    start: NDArray[np.floating],
    errors: NDArray[np.floating],
) -> Row:
    cost, j = stochastic_network.divergence(posterior, start)
    mean, draws = float(errors.mean()), len(errors)
    # While it trains, by few draws at the price of all: else the limit would leap at the end.
    limit = pac_bayes.stochastic(mean, problem.draws, cost, j, n, problem.delta)
    return {"draws": draws, "error": mean, "divergence": cost / n, "scale": j, "limit": float(limit)}


def _ends(
    people: Population,
    problem: Problem,
    n: int,
    found: Found,
    means: Floats,
    row: Row,
    sample: tuple[Floats, Floats],
) -> None:
    """Limits, measured errors and true risks of the network and of a linear classifier."""
    cost, draws, price = n * row["divergence"], row["draws"], pac_bayes.scale_share(row["scale"])
    inputs, labels = sample
    weights = trained(inputs[None], labels[None], problem.penalty)[0]
    angles = labels * (inputs @ weights) / np.maximum(np.linalg.norm(inputs, axis=1), 1e-300)
    linear = np.array([pac_bayes.gibbs_errors(angles, v).mean() for v in LENGTHS])
    truth = people.gibbs(weights[None], LENGTHS)[0]
    for level in found.levels:
        seen = pac_bayes.sampled(means[0], draws, pac_bayes.ON_DRAWS * level)
        rest = (1 - pac_bayes.ON_DRAWS) * level
        root = pac_bayes.mcallester(seen, cost - np.log(price), n, rest)
        limit = pac_bayes.stochastic(means[0], draws, cost, row["scale"], n, level)
        lines = pac_bayes.seeger(linear, pac_bayes.gaussian(LENGTHS), n, level)
        best = int(lines.argmin())
        values = {
            "network": (means[0], means[1], limit),
            "network_root": (means[0], means[1], root),
            "pac_bayes": (linear[best], truth[best], lines[best]),
        }
        for name, it in values.items():
            numbers = dict(zip(("error", "risk", "limit"), map(float, it), strict=True))
            found.ends.append({"samples": n, "delta": level, "bound": name, **numbers})


def _checks(problem: Problem, found: Found, made: Frames) -> list[Row]:
    every, pooled = made["guarantees"], made["violations"]
    pooled = pooled[pooled["delta"] == problem.delta].set_index("bound")
    rows = []
    for name, (claim, source) in CLAIMS.items():
        last = every[(every["bound"] == name) & (every["delta"] == problem.delta)].iloc[-1]
        counts = {c: int(pooled[c][name]) for c in ("violations", "trials")}
        said = f"{claim} is broken in at most δ of samples (gap / bound {last['tightness']:.2g})"
        rows.append(
            theory.bound(
                said, last["promised"], last["gap"], **counts, allowed=problem.delta, source=source
            )
        )
    ends = pd.DataFrame(found.ends)
    at = (ends["samples"] == ends["samples"].max()) & (ends["delta"] == problem.delta)
    limits = ends.loc[at & (ends["bound"] == "network"), "limit"]
    away = np.array(found.ratios)
    return [
        *rows,
        theory.bound(
            f"At the largest n the limit says something: it is below {COIN:g}, that of tossing a coin",
            COIN,
            float(limits.median()),
            violations=int((limits >= COIN).sum()),
            trials=len(limits),
            allowed=0.05,
            source=DZIUGAITE,
        ),
        theory.exact(
            "The mean of ln posterior/prior over draws is KL, for every network",
            np.zeros(len(away)),
            away[:, 0],
            away[:, 1],
            source="definition of KL; its closed form for Gaussians",
            replicates=RATIOS,
        ),
    ]
