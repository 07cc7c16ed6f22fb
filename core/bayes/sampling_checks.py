"""What theory says of a sampled posterior, held against the draws."""

import numpy as np
import pandas as pd

from core import theory
from core.bayes.closed_forms import Closed
from core.bayes.conjugate import Floats
from core.bayes.leaving_out import RELIABLE, LeftOut
from core.bayes.quadrature import Integral
from core.bayes.sampling_tables import error_of_mean, error_of_sd
from core.families.result import Fit

TRAPEZOID = "Trefethen & Weideman (2014), SIAM Review 56, 385 (quadrature)"
GELMAN = "Gelman et al. (2013), Bayesian Data Analysis, sections 2.6, 2.7, 3.3"
MISES = "van der Vaart (1998), Asymptotic Statistics, theorem 10.1 (Bernstein–von Mises)"
VEHTARI = "Vehtari, Gelman & Gabry (2017), Statistics and Computing 27, 1413"
WATANABE = "Watanabe (2010), JMLR 11, 3571, theorem 1"
BETANCOURT = "Hoffman & Gelman (2014), JMLR 15, 1593, section 3.2; Betancourt et al., arXiv:1411.6669"
# Values from which on a limit is tested, its part of the tolerance, and draws' part in standard errors.
ENOUGH, LIMIT, SURE = 100, 0.05, 3.09
# Averaged step sizes are a little cautious: rates of 0.62 to 1 count as near 0.8.
NEAR = 0.3


def moments(u: Floats, found: Integral | None, closed: Closed | None) -> list[theory.Row]:
    """Means and standard deviations of draws u (chain, draw, k), against the posterior without
    sampling; quadrature is tested too where both are known."""
    if found is None and closed is None:
        return []
    by_grid = found.moments(found.u) if found else None
    mean, sd = (closed.mean, closed.sd) if closed else by_grid or (np.nan, np.nan)
    source = GELMAN if closed else TRAPEZOID
    how = "in closed form" if closed else "by quadrature"
    every = range(u.shape[-1])
    rows = [
        theory.exact(
            f"Posterior means of the (log) parameters are those {how}",
            mean,
            u.mean(axis=(0, 1)),
            [error_of_mean(u[..., j]) for j in every],
            source=source,
        ),
        theory.exact(
            f"Posterior standard deviations of the (log) parameters are those {how}",
            sd,
            u.std(axis=(0, 1)),
            [error_of_sd(u[..., j]) for j in every],
            source=source,
        ),
    ]
    if closed and by_grid:
        claim = "Quadrature gives the means and standard deviations of the closed form"
        both = np.r_[closed.mean, closed.sd], np.concatenate(by_grid)
        rows.append(theory.identity(claim, *both, source=TRAPEZOID, tolerance=1e-6))
    return rows


def normal_limit(u: Floats, fit: Fit) -> tuple[list[theory.Row], list[str]]:
    """How far draws lie from the estimate, against its standard error: the worst parameter."""
    if not np.isfinite(fit.covariance).all():
        return [], ["The estimate has no standard errors: the normal limit is not tested."]
    if fit.n < ENOUGH:
        return [], [f"At fewer than {ENOUGH} values limits of many values are not tested."]
    error = fit.peak.errors(fit.n)
    squares = (u - fit.peak.u) ** 2
    far = np.sqrt(squares.mean(axis=(0, 1)))
    noise = np.array([error_of_mean(squares[..., j]) for j in range(error.size)]) / (2 * far)
    at = int(np.argmax(np.abs(far / error - 1)))
    sure = SURE * noise[at] / error[at]
    claim = "Draws lie one standard error of maximum likelihood from its estimate (root mean square)"
    row = theory.asymptotic(
        claim,
        error[at],
        far[at],
        source=MISES,
        tolerance=LIMIT + (sure if np.isfinite(sure) else 0.0),
        standard_error=noise[at],
    )
    return [row], []


def left_out(
    made: LeftOut, weights: Floats, exact: Floats | None, n: float
) -> tuple[list[theory.Row], list[str]]:
    """Leave-one-out by importance sampling against the exact one, and WAIC against it."""
    rows, notes = [], []
    bad = int((~(made.pareto_k <= RELIABLE)).sum())
    if bad:
        notes.append(
            f"{bad} of {made.pareto_k.size:,} values left out have no Pareto k̂ below {RELIABLE}: their "
            "importance weights are not reliable, and the leave-one-out score is not tested."
        )
    elif exact is not None:
        claim = "The leave-one-out score by importance sampling is the exact one"
        score = weights @ exact, weights @ made.elpd
        rows.append(theory.exact(claim, *score, made.error, source=VEHTARI))
    if n >= ENOUGH:
        claim = "WAIC and leave-one-out count the same effective parameters"
        used = weights @ (made.lppd - made.elpd), weights @ made.variance
        rows.append(theory.asymptotic(claim, *used, source=WATANABE, tolerance=2 * LIMIT))
    return rows, notes


def acceptance(chains: pd.DataFrame, target: float) -> theory.Row:
    """Of the chains, after the warm-up."""
    claim = "The acceptance rate of the chains is near the target of the warm-up"
    rates = chains["acceptance"].to_numpy()
    return theory.empirical_law(claim, target, rates, source=BETANCOURT, tolerance=NEAR)
