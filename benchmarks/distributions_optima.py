"""Losing optima: log-likelihoods of Ermine's fits held against those of others on the same samples.

Samples are drawn from each family at typical parameters and fitted by that family. The others:

- `scipy`: its `fit` of the same family with the same free parameters, the location held where Ermine
  holds it; a family whose free parameters are not scipy's own, or which scipy lacks, is searched by
  `scipy.optimize.minimize` (Nelder–Mead) from moderate values; counts by `scipy.stats.fit`;
- `scipy, from the truth`: the same searches from the parameters the sample was drawn with;
- `truth`: those parameters themselves, not fitted;
- the peers, asked for that family alone. Where they free a location that Ermine holds at 0, they are
  held against Ermine's family with a location of its own; where they free more, against nothing.

Each is judged by the density of scipy, or of Ermine's own law where scipy has none; where it seems to
win, its parameters are put into Ermine's density too, and the smaller gain counts. A likelihood that
rises without bound has no maximum to lose: such cases are counted apart, as `endless`.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from distributions_workers import Row, Worker
from scipy import optimize, stats

from core.experiment import InputError
from core.families import Fit, find, fit
from core.families.family import Family
from core.families.jets import each
from core.families.located import can_be, is_located, located
from tests.families import test_continuous, test_fitting

TRUTH = test_fitting.TYPICAL | test_continuous.TYPICAL
# A gain of this much relative to the log-likelihood is a loss of Ermine's.
LOSS = 1e-9
OTHERS = ("scipy", "scipy, from the truth", "truth")


@dataclass(frozen=True)
class Case:
    """A sample of `size` values of a family."""

    name: str
    size: int
    seed: int

    @property
    def family(self) -> Family:
        return find(self.name)

    @property
    def truth(self) -> Mapping[str, float]:
        return TRUTH[self.name]

    @cached_property
    def sample(self) -> np.ndarray:
        # The same sample whichever others are drawn.
        rng = np.random.default_rng([17, self.size, self.seed, *self.name.encode()])
        return np.asarray(self.family.frozen(self.truth).rvs(self.size, random_state=rng), float)

    def log_likelihood(self, law: Any) -> float:
        """Of the sample under a frozen law of scipy's."""
        with warnings.catch_warnings(action="ignore"):
            logs = law.logpmf(self.sample) if self.family.discrete else law.logpdf(self.sample)
        return float(np.sum(logs))


@dataclass(frozen=True)
class Arguments:
    """scipy's arguments of a family as functions of its parameters: which ones move, (m,), and the
    values (m,) of those that are held."""

    moves: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, family: Family, truth: Mapping[str, float]) -> "Arguments":
        """Seen from how they move when the parameters do."""
        at = np.array([p.free(truth[p.name]) for p in family.parameters])
        rng = np.random.default_rng(0)
        tried = [at, *(at + 0.1 * rng.normal(size=at.size) for _ in range(3))]
        found = np.array([_flat(family, u) for u in tried])
        return cls(np.ptp(found, axis=0) > 0, found[0])


def _flat(family: Family, u: np.ndarray) -> list[float]:
    """scipy's shape arguments, location and scale at an unconstrained point (k,)."""
    shapes, location, scale = family.to_scipy(*_natural(family, u))
    return [*map(float, shapes), float(location), float(scale)]


def _natural(family: Family, u: np.ndarray) -> list[float]:
    return [float(p.value(np.asarray(v))) for p, v in zip(family.parameters, u, strict=True)]


@dataclass(frozen=True)
class Rival:
    """A law that another found for a sample of `family`, which is the case's own or that one with a
    location of its own; none where it failed, and why."""

    other: str
    family: Family
    law: Any
    failure: str = ""


def compared(case: Case, workers: Mapping[str, Worker]) -> Iterator[Row]:
    """A row for each of the others: its log-likelihood, Ermine's, and its gain relative to that."""
    ours: dict[str, tuple[Fit | None, str]] = {}
    for rival in _rivals(case, workers):
        name = rival.family.name
        if name not in ours:
            ours[name] = _ours(case, name)
        made, note = ours[name]
        own = case.log_likelihood(made.distribution) if made else np.nan
        theirs = case.log_likelihood(rival.law) if rival.law is not None else np.nan
        gain = (theirs - own) / max(abs(own), 1.0)
        if made and gain > LOSS / 10:
            gain = min(gain, _confirmed(case, rival, made))
        # Where there is no maximum nothing is lost.
        endless = bool(gain > LOSS) and _endless(case, rival)
        yield {
            "family": name,
            "n": case.size,
            "seed": case.seed,
            "other": rival.other,
            "ermine": own,
            "theirs": theirs,
            "gain": gain,
            "loss": bool(gain > LOSS) and not endless,
            "endless": endless,
            "note": note,
            "failure": rival.failure,
            "parameters_ermine": _words(made.distribution) if made else "",
            "parameters_theirs": _words(rival.law) if rival.law is not None else "",
        }


def _words(law: Any) -> str:
    return " ".join(f"{float(v):.10g}" for v in (*law.args, *law.kwds.values()))


def _ours(case: Case, name: str) -> tuple[Fit | None, str]:
    try:
        made = fit(case.sample, name)
    except InputError as error:
        return None, str(error)
    return made, "; ".join(made.notes)


def _endless(case: Case, rival: Rival) -> bool:
    """Whether the likelihood rises without bound where the rival stopped, as an end of the support comes
    to a value: the density there is infinite, or grows with the shapes."""
    scipy, (*shapes, _, scale) = rival.family.scipy, rival.law.args
    if scipy in ("genpareto", "genextreme"):
        return bool((shapes[0] if scipy == "genextreme" else -shapes[0]) > 1)
    if not is_located(rival.family):
        return False
    near, nearest = getattr(stats, scipy)(*shapes, 0, scale).logpdf(scale * np.array([1e-6, 1e-12]))
    first, second = rival.law.logpdf(np.sort(case.sample)[:2])
    return bool(nearest - near > 1 or first - second > np.log(100))


def _confirmed(case: Case, rival: Rival, made: Fit) -> float:
    """The relative gain by Ermine's own density, of parameters solved for scipy's arguments: scipy's
    loses digits far out, as that of F does where it is nearly gamma."""
    family = rival.family
    wanted = np.array(rival.law.args, float)

    def gap(u: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            found = np.array(_flat(family, u))[: wanted.size]
        size = np.where(np.isfinite(wanted) & (wanted != 0), np.abs(wanted), 1.0)
        return np.nan_to_num(np.where(np.isfinite(wanted), found - wanted, 0.0) / size, posinf=1e9)

    theirs = case.log_likelihood(rival.law)
    for given in ({"location": 0.0, **case.truth}, made.parameters):
        start = [p.free(given[p.name]) for p in family.parameters]
        solved = optimize.least_squares(gap, start, xtol=1e-15, ftol=1e-15, gtol=1e-15)
        if np.abs(solved.fun).max() < 1e-9:
            theirs = float(np.sum(each(family, case.sample, np.array(_natural(family, solved.x)))))
            break
    return (theirs - made.log_likelihood) / max(abs(made.log_likelihood), 1.0)


def _rivals(case: Case, workers: Mapping[str, Worker]) -> Iterator[Rival]:
    for other in OTHERS:
        yield Rival(other, case.family, *_theirs(case, other))
    for peer, worker in workers.items():
        if not case.family.scipy or case.family.discrete:
            continue
        answer = worker.fit(case.sample, [case.family.scipy])
        for name, (scipy, arguments) in answer["laws"].items():
            family = _alike(case, arguments) if scipy == case.family.scipy else None
            if family:
                yield Rival(f"{peer}: {name}", family, getattr(stats, scipy)(*arguments))


def _alike(case: Case, arguments: Sequence[float]) -> Family | None:
    """The family, with or without a location of its own, that scipy's `arguments` are of; none where
    they move what it holds."""
    known = Arguments.of(case.family, case.truth)
    if len(arguments) != known.values.size:
        return None  # a law of Ermine's own, under scipy's name
    moved = ~known.moves & (np.array(arguments) != known.values)
    if not moved.any():
        return case.family
    return located(case.family) if can_be(case.family) and moved.sum() == moved[-2] else None


def _theirs(case: Case, other: str) -> tuple[Any, str]:
    """The law another finds, or why there is none."""
    family = case.family
    if other == "truth":
        return family.frozen(case.truth), ""
    given = other == "scipy, from the truth"
    moves = Arguments.of(family, case.truth).moves
    direct = moves.sum() == len(family.parameters) and moves.size == _size(family.scipy)
    search: Callable[[Case, bool], Any] = _searched
    if direct and not family.discrete:
        search = _fitted
    elif direct and not given:
        search = _counted
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        try:
            return search(case, given), ""
        except Exception as error:  # whatever scipy raises is its failure
            return None, f"{type(error).__name__}: {error}"[:200]


def _size(scipy: str) -> int:
    """How many arguments scipy's family has, location and scale included; 0 where there is none."""
    return getattr(stats, scipy).numargs + 2 if scipy else 0


def _fitted(case: Case, given: bool) -> Any:
    """By `fit` of scipy's distribution."""
    known = Arguments.of(case.family, case.truth)
    names = [*(f"f{i}" for i in range(known.moves.size - 2)), "floc", "fscale"]
    held = {n: v for n, v, moves in zip(names, known.values, known.moves, strict=True) if not moves}
    law = getattr(stats, case.family.scipy)
    start: list[float] = []
    if given:
        *start, location, scale = known.values
        start = [v for v, moves in zip(start, known.moves, strict=False) if moves]
        held |= {} if "floc" in held else {"loc": location}
        held |= {} if "fscale" in held else {"scale": scale}
    return law(*law.fit(case.sample, *start, **held))


def _counted(case: Case, given: bool) -> Any:
    """By `scipy.stats.fit`, within a factor of 100 of the truth."""
    known = Arguments.of(case.family, case.truth)
    law = getattr(stats, case.family.scipy)
    size = known.moves.size - 2
    bounds = []
    for moves, value in zip(known.moves[:size], known.values[:size], strict=True):
        unit = 0 < value < 1
        ends = (1e-9, 1 - 1e-9) if unit else (max(value / 100, 1e-9), value * 100)
        bounds.append(ends if moves else (value, value))
    bounds.append((known.values[size], known.values[size]))

    def optimizer(function: Any, bounds: Any, *, integrality: Any) -> Any:
        return optimize.differential_evolution(function, bounds, rng=1, integrality=integrality)

    found = stats.fit(law, case.sample, bounds, optimizer=optimizer)
    return law(*found.params)


def _searched(case: Case, given: bool) -> Any:
    """By Nelder–Mead on scipy's density, in unconstrained coordinates."""
    family = case.family
    truth = np.array([p.free(case.truth[p.name]) for p in family.parameters])
    middle, spread = np.median(case.sample), np.std(case.sample)
    rough = {"location": middle, "scale": spread, "log_location": np.log(np.abs(middle) + 1)}
    plain = [p.free(0.5 if p.domain == "unit" else rough.get(p.role, 2.0)) for p in family.parameters]

    def loss(u: np.ndarray) -> float:
        names = dict(zip(family.names, _natural(family, u), strict=True))
        value = -case.log_likelihood(family.frozen(names))
        return value if np.isfinite(value) else 1e300

    free = [not p.whole for p in family.parameters]

    def moved(part: np.ndarray) -> np.ndarray:
        u = truth.copy()
        u[free] = part
        return u

    start = (truth if given else np.array(plain))[free]
    options = {"xatol": 1e-9, "fatol": 1e-10, "maxiter": 400 * max(1, start.size)}
    if not start.size:
        raise ValueError("all its parameters are whole numbers")
    found = optimize.minimize(
        lambda part: loss(moved(part)), start, method="Nelder-Mead", options=options
    )
    best = moved(found.x)
    return family.frozen(dict(zip(family.names, _natural(family, best), strict=True)))
