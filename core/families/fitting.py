"""Maximum likelihood fits of one family to one sample, exact or censored, with standard errors."""

import difflib
from collections.abc import Mapping

import numpy as np

from core.experiment import InputError
from core.families import registry
from core.families.family import DOMAINS, Family, Floats
from core.families.jets import Chunk, chunks, each
from core.families.likelihood import OneSample, bounded, box, held, unconstrained
from core.families.newton import Peak, climb
from core.families.prepare import frame, pieces, thin
from core.families.result import Fit, Standard
from core.families.sample import Given, Sample, check_support, read
from core.families.whole import profiled

# Expected further gain in mean log-likelihood; (2 · 1e-10)^½ is 1.4e-5 of a standard deviation / √n.
CONVERGED = 1e-10
# A sample of more chunks is searched in part first.
PART = 2


def fit(
    sample: Given,
    family: str,
    method: str = "mle",
    fixed: Mapping[str, float] | None = None,
    weights: Given = None,
) -> Fit:
    """Fits `family` to `sample` by maximum likelihood.

    `sample` is a column of numbers (n,), or for a censored one a pair (left, right) of columns
    with NaN for an open bound and equal bounds for an exact value. `fixed` holds parameters at
    given values, by name. `weights` (n,) count each value that many times.

    Raises:
        InputError: unknown family, method or parameter, a sample that cannot be used (see
            `core.families.sample.read`), values outside the family's support, fewer values than
            free parameters, or no start with a finite likelihood.
    """
    if method != "mle":
        raise InputError(f"`method` must be mle (maximum likelihood), not '{method}'.")
    chosen = registry.find(family)
    given = read(sample, weights)
    held = _held(chosen, fixed or {})
    free = tuple(i for i in range(len(chosen.parameters)) if i not in held)
    _check(chosen, given, free)
    trials = [i for i in free if chosen.parameters[i].whole and not chosen.closed]
    if trials:
        name = chosen.names[trials[0]]
        return profiled(
            lambda n: fit(sample, family, method, {**(fixed or {}), name: n}, weights),
            chosen.parameters[trials[0]],
            trials[0],
            max(1.0, float(given.left.max())),
        )
    shift, stretch = frame(chosen, given)
    inside = {i: chosen.parameters[i].standardise(v, shift, stretch) for i, v in held.items()}
    if chosen.closed:
        return _closed(chosen, given, shift, stretch, free, inside)
    peak = _search(chosen, given, shift, stretch, free, inside)
    return _finish(chosen, given, shift, stretch, free, inside, peak)


def _held(family: Family, fixed: Mapping[str, float]) -> dict[int, float]:
    held = {}
    for name, value in fixed.items():
        if name not in family.names:
            near = difflib.get_close_matches(name, family.names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(family.names)}."
            raise InputError(f"`fixed` must name parameters of {family.name}, not '{name}'; {hint}")
        index = family.names.index(name)
        if not family.parameters[index].allows(value):
            words = DOMAINS[family.parameters[index].domain].words
            raise InputError(f"`fixed` must hold {name} of {family.name} {words}, not at {value:g}.")
        if family.parameters[index].whole and value != np.round(value):
            raise InputError(
                f"`fixed` must hold {name} of {family.name} at a whole number, not at {value:g}."
            )
        held[index] = float(value)
    if len(held) == len(family.parameters):
        raise InputError(f"`fixed` must leave a parameter of {family.name} free, but names all of them.")
    return held


def _check(family: Family, sample: Sample, free: tuple[int, ...]) -> None:
    check_support(sample, family)
    if sample.left.size < len(free):
        raise InputError(
            f"`sample` must have at least {len(free)} values, as many as {family.name} has free "
            f"parameters, not {sample.left.size}."
        )
    if sample.censored and family.discrete:
        raise InputError(f"`sample` is censored, which is not supported for counts ({family.name}).")
    if sample.censored and family.closed:
        raise InputError(f"`sample` is censored, which is not supported for {family.name}.")


def _search(
    family: Family,
    sample: Sample,
    shift: float,
    stretch: float,
    free: tuple[int, ...],
    inside: Mapping[int, float],
) -> Peak:
    """The best end of the searches from every start; of a large sample they search a part first."""
    x, w = thin(*sample.representative())
    z = (x - shift) / stretch
    starts = np.array(family.start(z, w), np.float64)
    points = np.array([unconstrained(family, s) for s in starts])[:, list(free)]
    limits, moving = box(family, free), bounded(family, free)
    data = pieces(family, sample, shift, stretch)

    def ends(data: tuple[Chunk, ...], points: Floats, total: float) -> Peak:
        measure = OneSample(family, free, data, held(family, inside), total)
        return _best(climb(measure, points, limits, moving, total), family)

    if len(data) > PART and not (sample.censored or family.discrete):
        points = ends(tuple(chunks("density", z, w)), points, float(w.sum())).u[None]
    return ends(data, points, sample.total)


def _best(peaks: Peak, family: Family) -> Peak:
    best = int(np.argmin(peaks.loss))
    if not np.isfinite(peaks.loss[best]):
        raise InputError(f"`sample` has no finite likelihood under {family.name} at any start.")
    return peaks.row(best)


def _finish(
    family: Family,
    sample: Sample,
    shift: float,
    stretch: float,
    free: tuple[int, ...],
    inside: Mapping[int, float],
    peak: Peak,
) -> Fit:
    """The fit in the data's own unit, its standard errors by the delta method."""
    moving = [family.parameters[i] for i in free]
    found = {i: float(p.value(v)) for i, p, v in zip(free, moving, peak.u, strict=True)}
    theta = np.array([(found | dict(inside))[i] for i in range(len(family.parameters))])
    slope = np.array(
        [DOMAINS[p.domain].slope(theta[i]) * p.slope(stretch) for p, i in zip(moving, free, strict=True)]
    )
    within = ~np.asarray(peak.edge)
    covariance = np.full((len(free), len(free)), np.nan)
    curved = peak.hessian[np.ix_(within, within)] * sample.total
    regular = bool(within.any() and (np.linalg.eigvalsh(curved) > 0).all())
    if regular:
        covariance[np.ix_(within, within)] = np.linalg.inv(curved) * np.outer(
            slope[within], slope[within]
        )
    exact = float(sample.weights[sample.exact].sum())
    notes = _notes(family, theta, shift, stretch, free, peak, regular)
    return _fit(
        family,
        sample,
        Standard(shift, stretch, free, np.asarray(peak.u), theta, np.asarray(peak.hessian)),
        covariance,
        -float(peak.loss) * sample.total - exact * float(np.log(stretch)),
        float(np.sqrt(2 * max(float(peak.decrement), 0.0) * sample.total)),
        notes,
    )


def _notes(
    family: Family,
    theta: Floats,
    shift: float,
    stretch: float,
    free: tuple[int, ...],
    peak: Peak,
    regular: bool,
) -> tuple[str, ...]:
    notes = []
    for k, i in enumerate(free):
        if peak.edge[k]:
            p = family.parameters[i]
            value = p.restore(theta[i], shift, stretch)
            why = f": {p.beyond}" if p.beyond else ""
            notes.append(
                f"the likelihood still rises at the edge of the family, {p.name} = {value:.3g}{why}"
            )
    if not peak.edge.all() and not regular:
        notes.append("the likelihood is flat at its maximum, so that there are no standard errors")
    if not abs(peak.decrement) < CONVERGED:
        notes.append("the search ended before the score was zero")
    caution = family.caution(*theta)
    return (*notes, caution) if caution else tuple(notes)


def _closed(
    family: Family,
    sample: Sample,
    shift: float,
    stretch: float,
    free: tuple[int, ...],
    inside: Mapping[int, float],
) -> Fit:
    """A fit whose maximum is known, of a likelihood that has no derivative there."""
    assert family.closed is not None
    assert family.closed_error is not None
    z = (sample.left - shift) / stretch
    theta = np.asarray(family.closed(z, sample.weights, inside))
    loglik = float(np.dot(sample.weights, each(family, z, theta)))
    if not np.isfinite(loglik):
        raise InputError(f"`fixed` leaves {family.name} without a finite likelihood for these values.")
    error = family.closed_error(theta, sample.total)[list(free)] * stretch
    caution = family.caution(*theta)
    empty = np.full(len(free), np.nan)
    standard = Standard(shift, stretch, free, empty, theta, np.full((len(free), len(free)), np.nan))
    loglik -= sample.total * float(np.log(stretch))
    return _fit(family, sample, standard, np.diag(error**2), loglik, 0.0, (caution,) if caution else ())


def _fit(
    family: Family,
    sample: Sample,
    standard: Standard,
    covariance: Floats,
    log_likelihood: float,
    score: float,
    notes: tuple[str, ...],
) -> Fit:
    natural = [
        float(p.restore(v, standard.shift, standard.stretch))
        for p, v in zip(family.parameters, standard.theta, strict=True)
    ]
    errors = dict.fromkeys(family.names, 0.0)
    errors |= {family.names[i]: float(np.sqrt(covariance[k, k])) for k, i in enumerate(standard.free)}
    return Fit(
        family=family.name,
        parameters=dict(zip(family.names, natural, strict=True)),
        standard_errors=errors,
        covariance=covariance,
        log_likelihood=log_likelihood,
        free=tuple(family.names[i] for i in standard.free),
        n=sample.total,
        score=score,
        notes=notes,
        sample=sample,
        peak=standard,
    )
