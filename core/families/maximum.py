"""Maximum likelihood, exact or censored, with standard errors from the observed information."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from core.experiment import InputError
from core.families import located, registry
from core.families.family import DOMAINS, Family, Floats
from core.families.jets import Chunk, chunks, each
from core.families.likelihood import OneSample, bounded, box, held, unconstrained
from core.families.newton import Peak, climb
from core.families.prepare import THINNED, frame, pieces, thin
from core.families.quiet import quiet
from core.families.result import Fit, Standard, Starts
from core.families.sample import Sample

# Expected further gain in mean log-likelihood; (2 · 1e-10)^½ is 1.4e-5 of a standard deviation / √n.
CONVERGED = 1e-10
# So many values of a sample of more than so many are searched first: a step costs as many times less.
PARTS = ((THINNED, 2 * THINNED), (32 * THINNED, 256 * THINNED))
# Values of sizes this far apart have squares that no double holds.
FAR = 1e100
# Searches that end within this of the best mean log-likelihood have found the same maximum.
SAME = 1e-6


@quiet()
def maximum(family: Family, sample: Sample, fixed: Mapping[int, float], free: tuple[int, ...]) -> Fit:
    """The fit of largest likelihood to a checked sample, with parameters held by index."""
    shift, stretch = frame(family, sample)
    inside = {i: family.parameters[i].standardise(v, shift, stretch) for i, v in fixed.items()}
    if family.closed:
        return _closed(family, sample, shift, stretch, free, inside)
    peak, starts = _search(family, sample, shift, stretch, free, inside)
    found = _finish(family, sample, shift, stretch, free, inside, peak, starts)
    last = len(family.parameters) - 1
    if located.is_located(family) and last in free and not sample.partial:
        return _from_the_smallest(family, sample, fixed, free, found)
    return found


def _from_the_smallest(
    family: Family, sample: Sample, fixed: Mapping[int, float], free: tuple[int, ...], found: Fit
) -> Fit:
    """`found`, or the fit whose location is the smallest value: where the density is finite and above 0
    at the start of its support the likelihood is highest there, and has no derivative."""
    base = registry.find(family.name.removesuffix(located.PLUS))
    end = float(sample.left.min())
    others = tuple(i for i in free if i < len(base.parameters))
    if not base.support.closed or not others or sample.left.max() == end:
        return found
    rest = replace(sample, left=sample.left - end, right=sample.right - end)
    within = maximum(base, rest, fixed, others)
    lower = within.log_likelihood <= found.log_likelihood + 1e-9 * abs(found.log_likelihood)
    if not np.isfinite(within.log_likelihood) or (lower and located.UNBOUNDED not in found.notes):
        return found
    peak = within.peak
    k = len(others)
    hessian, covariance = np.full((2, k + 1, k + 1), np.nan)
    hessian[:k, :k], covariance[:k, :k] = peak.hessian, within.covariance
    standard = Standard(end, peak.stretch, free, np.r_[peak.u, 0.0], np.r_[peak.theta, 0.0], hessian)
    notes = (located.AT_SMALLEST, *within.notes)
    return made(
        family,
        sample,
        standard,
        covariance,
        within.log_likelihood,
        within.score,
        notes,
        starts=within.starts,
    )


def _search(
    family: Family,
    sample: Sample,
    shift: float,
    stretch: float,
    free: tuple[int, ...],
    inside: Mapping[int, float],
) -> tuple[Peak, Starts]:
    """The best end of the searches from every start, and how many of them it is the end of; of a large
    sample they search a part first."""
    x, w = thin(*sample.representative())
    z = (x - shift) / stretch
    try:
        starts = np.array(family.start(z, w), np.float64)
    except ArithmeticError:
        raise _unlikely(family, sample) from None
    points = np.array([unconstrained(family, s) for s in starts])[:, list(free)]
    limits, moving = box(family, free), bounded(family, free)
    # A number of trials is held at each number tried.
    most = next((v for i, v in inside.items() if family.parameters[i].whole), np.inf)
    data = pieces(family, sample, shift, stretch, most)

    def ends(data: tuple[Chunk, ...], points: Floats, total: float) -> tuple[Peak, Starts]:
        measure = OneSample(family, free, data, held(family, inside), total)
        return _best(climb(measure, points, limits, moving, total), family, sample)

    agreeing: Starts | None = None
    for size, least in PARTS:
        if sample.left.size > least and not (sample.partial or family.discrete):
            y, v = thin(sample.left, sample.weights, size)
            part = tuple(chunks("density", (y - shift) / stretch, v))
            best, found = ends(part, points, float(v.sum()))
            points, agreeing = best.u[None], agreeing or found
    peak, found = ends(data, points, sample.total)
    agreeing = agreeing or found
    corners = [] if inside else family.corners(z, w)
    if not corners:
        return peak, agreeing
    points = np.array([unconstrained(family, c) for c in corners])
    measure = OneSample(family, free, data, held(family, inside), sample.total)
    return _higher(peak, points, measure(None, points)[0], limits), agreeing


def _higher(peak: Peak, corners: Floats, losses: Floats, limits: Floats) -> Peak:
    """The search's end, or the corner (k,) that is higher: beyond some limits (k, 2), and with nothing
    known of its curvature."""
    best = int(np.argmin(np.where(np.isfinite(losses), losses, np.inf)))
    if not losses[best] < peak.loss - 1e-12 * (1 + abs(peak.loss)):
        return peak
    u = corners[best]
    beyond = (u <= limits[:, 0]) | (u >= limits[:, 1])
    nothing = np.zeros_like(peak.gradient)
    return peak._replace(
        u=u,
        loss=losses[best],
        gradient=nothing,
        hessian=np.zeros_like(peak.hessian),
        edge=beyond,
        decrement=nothing.sum(),
    )


def _best(peaks: Peak, family: Family, sample: Sample) -> tuple[Peak, Starts]:
    loss = peaks.loss
    if located.is_located(family):
        # Beside a maximum inside the family the likelihood can rise without bound at the smallest value.
        inside = np.abs(peaks.decrement) < CONVERGED
        loss = np.where(inside, loss, np.inf) if inside.any() else loss
    best = int(np.argmin(loss))
    if not np.isfinite(peaks.loss[best]):
        raise _unlikely(family, sample)
    return peaks.row(best), (int((loss <= loss[best] + SAME).sum()), loss.size)


def _unlikely(family: Family, sample: Sample) -> InputError:
    """What is said where no start has a finite likelihood."""
    size = np.abs(sample.representative()[0])
    low, high = float(size[size > 0].min()), float(size.max())
    why = (
        f": its values are of sizes from {low:.3g} to {high:.3g}, too far apart"
        if low < high / FAR
        else ""
    )
    return InputError(f"`sample` has no finite likelihood under {family.name} at any start{why}.")


def _finish(
    family: Family,
    sample: Sample,
    shift: float,
    stretch: float,
    free: tuple[int, ...],
    inside: Mapping[int, float],
    peak: Peak,
    starts: Starts,
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
    regular = bool(within.any() and np.isfinite(curved).all() and (np.linalg.eigvalsh(curved) > 0).all())
    if regular:
        inverse = np.linalg.inv(curved)
        # Of a matrix that is singular to rounding the inverse may have no positive diagonal.
        regular = bool((np.diag(inverse) > 0).all())
    if regular:
        covariance[np.ix_(within, within)] = inverse * np.outer(slope[within], slope[within])
    exact = float(sample.weights[sample.exact].sum())
    notes = _notes(family, theta, shift, stretch, free, peak, regular)
    if starts[0] < starts[1] and not located.is_located(family):
        notes = (*notes, f"{starts[0]} of {starts[1]} starts of the search reach this maximum")
    return made(
        family,
        sample,
        Standard(shift, stretch, free, np.asarray(peak.u), theta, np.asarray(peak.hessian)),
        covariance,
        -float(peak.loss) * sample.total - exact * float(np.log(stretch)),
        float(np.sqrt(2 * max(float(peak.decrement), 0.0) * sample.total)),
        notes,
        starts=starts,
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
    if located.is_located(family) and not abs(peak.decrement) < CONVERGED:
        notes = [located.UNBOUNDED]
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
    return made(family, sample, standard, np.diag(error**2), loglik, 0.0, (caution,) if caution else ())


def made(
    family: Family,
    sample: Sample,
    standard: Standard,
    covariance: Floats,
    log_likelihood: float,
    score: float,
    notes: tuple[str, ...],
    method: str = "mle",
    starts: Starts = (1, 1),
) -> Fit:
    """A fit in the data's own unit."""
    natural = [
        float(p.restore(v, standard.shift, standard.stretch))
        for p, v in zip(family.parameters, standard.theta, strict=True)
    ]
    errors = dict.fromkeys(family.names, 0.0)
    variances = np.where(np.isfinite(np.diag(covariance)), np.diag(covariance), np.nan)
    errors |= {family.names[i]: float(np.sqrt(variances[k])) for k, i in enumerate(standard.free)}
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
        method=method,
        starts=starts,
    )
