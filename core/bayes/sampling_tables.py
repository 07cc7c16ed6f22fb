"""Draws of a posterior as tidy tables: summaries, chains, densities, predictions."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from arviz_stats.base.array import array_stats
from scipy import stats

from core.bayes import sampling_layout as layout
from core.bayes.conjugate import Floats
from core.bayes.leaving_out import LeftOut
from core.bayes.nuts import Draws
from core.bayes.pointwise import densities
from core.bayes.quadrature import Integral
from core.bayes.target import Target
from core.families.histogram import edges
from core.families.result import Fit

# Points of a curve, bins of a parameter, draws that predict, and nodes in a bin of the values.
POINTS, BINS, PREDICTING, NODES = 160, 40, 400, 8
_AT, _WEIGHT = np.polynomial.legendre.leggauss(NODES)


def error_of_sd(values: Floats) -> float:
    """Monte Carlo standard error of the standard deviation of draws (chain, draw): that of their mean
    squared distance from the mean, by the delta method."""
    squares = (values - values.mean()) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(error_of_mean(squares) / (2 * values.std()))


def error_of_mean(values: Floats) -> float:
    """Monte Carlo standard error of the mean of draws (chain, draw); not a number where they never
    move."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(array_stats.mcse(values, method="mean")) if np.ptp(values) > 0 else np.nan


def posterior(
    natural: Floats, fit: Fit, found: Integral | None, truth: Mapping[str, float]
) -> pd.DataFrame:
    """Draws (chain, draw, k) in the unit of the parameters, as the table `POSTERIOR`."""
    exact = np.full((2, natural.shape[-1]), np.nan)
    if found:
        exact = np.array(found.moments(found.target.natural(found.u)))
    rows = []
    for j, name in enumerate(fit.parameters):
        x = natural[..., j]
        moves = bool((np.ptp(x, axis=1) > 0).any())
        low, median, high = np.quantile(x, [0.05, 0.5, 0.95])
        rows.append(
            {
                "parameter": name,
                "mean": x.mean(),
                "sd": x.std(ddof=1),
                "low": low,
                "median": median,
                "high": high,
                "mcse_mean": error_of_mean(x),
                "mcse_sd": error_of_sd(x),
                "r_hat": _quietly(array_stats.rhat, x) if moves else np.nan,
                "ess_bulk": _quietly(array_stats.ess, x) if moves else np.nan,
                "ess_tail": _quietly(array_stats.ess, x, "tail", (0.05, 0.95)) if moves else np.nan,
                "exact_mean": exact[0, j],
                "exact_sd": exact[1, j],
                "estimate": fit.parameters[name],
                "standard_error": fit.standard_errors[name],
                "truth": truth.get(name, np.nan),
            }
        )
    return layout.POSTERIOR.frame(rows)


def _quietly(what: Any, x: Floats, method: str | None = None, prob: Any = None) -> float:
    """Of chains of which some may never move."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if method is None:
            return float(what(x))
        return float(what(x, method=method, prob=prob))


def chains(found: Draws) -> pd.DataFrame:
    """As the table `CHAINS`."""
    energy = found.energy.T
    with np.errstate(divide="ignore", invalid="ignore"):
        change = (np.diff(energy, axis=1) ** 2).mean(axis=1)
        bfmi = change / energy.var(axis=1)
    return layout.CHAINS.frame(
        {
            "chain": np.arange(1, found.step.shape[1] + 1),
            "step": found.step[-1],
            "acceptance": found.acceptance.mean(axis=0),
            "leapfrogs": found.leapfrogs.mean(axis=0),
            "divergences": found.divergent.sum(axis=0),
            "bfmi": bfmi,
        }
    )


def draws(natural: Floats, found: Draws, names: tuple[str, ...]) -> pd.DataFrame:
    """Draws (chain, draw, k) as the table `DRAWS`."""
    c, s, k = natural.shape
    return layout.DRAWS.frame(
        {
            "chain": np.repeat(np.arange(1, c + 1), s * k),
            "draw": np.tile(np.repeat(np.arange(1, s + 1), k), c),
            "parameter": np.tile(np.array(names, object), c * s),
            "value": natural.ravel(),
            "divergent": np.repeat(found.divergent.T.ravel(), k),
        }
    )


def bins(natural: Floats, names: tuple[str, ...]) -> pd.DataFrame:
    """Draws (chain, draw, k) as the table `BINS`, without the outermost thousandth at each end."""
    parts = []
    for j, name in enumerate(names):
        x = natural[..., j].ravel()
        low, high = np.quantile(x, [0.001, 0.999])
        if not high > low:
            continue
        count, cuts = np.histogram(x, np.linspace(low, high, BINS + 1))
        share = count / (x.size * np.diff(cuts))
        given = {"parameter": name, "left": cuts[:-1], "right": cuts[1:], "density": share}
        parts.append(pd.DataFrame(given))
    return layout.BINS.frame(pd.concat(parts) if parts else [])


def marginals(target: Target, u: Floats, fit: Fit, found: Integral | None) -> pd.DataFrame:
    """Densities over the reach of the draws u (chain, draw, k) and of the normal law, as the table
    `MARGINALS`."""
    regular = bool(np.isfinite(fit.covariance).all())
    errors = fit.peak.errors(fit.n) if regular else np.full(u.shape[-1], np.nan)
    parts = []
    for j, name in enumerate(fit.parameters):
        ends = np.quantile(u[..., j], [0.0005, 0.9995])
        if regular:
            ends = np.r_[ends, fit.peak.u[j] + 3.3 * errors[j] * np.array([-1.0, 1.0])]
        low, high = np.clip([ends.min(), ends.max()], *target.box[j])
        at = np.linspace(low, high, POINTS) if high > low else np.array([low])
        every = np.tile(target.mode, (at.size, 1))
        every[:, j] = at
        # A density of u becomes one of the parameter through the derivative.
        steep = target.slope(j, at)
        exact = found.marginal(j, at) if found else np.full(at.size, np.nan)
        curves = {
            "exact": exact,
            "limit": stats.norm.pdf(at, fit.peak.u[j], errors[j]),
            "prior": target.prior.density(at, j),
        }
        scaled = {key: value / steep for key, value in curves.items()}
        given = {"parameter": name, "value": target.natural(every)[:, j], **scaled}
        parts.append(pd.DataFrame(given))
    return layout.MARGINALS.frame(pd.concat(parts, ignore_index=True))


def binned(values: Floats, counts: bool) -> pd.DataFrame:
    """The values (n,) as the table `HISTOGRAM`, before anything is predicted."""
    cuts = edges(values, counts)
    left, right = cuts[:-1], cuts[1:]
    seen, _ = np.histogram(values, cuts)
    density = seen / (values.size * (right - left))
    none = np.full(seen.size, np.nan)
    return layout.HISTOGRAM.frame(
        {"left": left, "right": right, "count": seen, "density": density, "low": none, "high": none}
    )


def predicted(
    target: Target, u: Floats, values: Floats, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables `HISTOGRAM` and `PREDICTIVE` from points u (s, k) and the data (n,)."""
    u = u[np.unique(np.linspace(0, len(u) - 1, PREDICTING).astype(int))]
    counts = target.family.discrete
    table = binned(values, counts)
    left = table["left"].to_numpy()
    width = table["right"].to_numpy() - left
    nodes = left[:, None] + width[:, None] * (_AT + 1) / 2
    share = np.broadcast_to(_WEIGHT / 2, nodes.shape)
    if counts:
        # Whole numbers, each as often as it takes to fill the bin.
        nodes = np.ceil(left[:, None] + width[:, None] * (np.arange(NODES) + 0.5) / NODES - 0.5)
        share = np.full(nodes.shape, 1 / NODES)
    inside = target.family.support.outside
    z = (nodes.ravel() - target.shift) / target.stretch
    allowed = ~np.isin(z, inside(z))
    safe = np.where(allowed, z, target.x[0])
    density = np.where(allowed, np.exp(densities(target.family, safe, u)), 0.0) / target.stretch
    density = np.nan_to_num(density, posinf=0.0)
    chance = (density.reshape(len(u), *nodes.shape) * share).sum(axis=2) * width
    chance *= np.minimum(1.0, 1 / np.maximum(chance.sum(axis=1, keepdims=True), 1e-300))
    rest = np.maximum(0.0, 1 - chance.sum(axis=1, keepdims=True))
    every = rng.multinomial(values.size, np.concatenate([chance, rest], axis=1))[:, :-1]
    table["low"], table["high"] = np.quantile(every / (values.size * width), [0.05, 0.95], axis=0)
    _, first = np.unique(nodes.ravel(), return_index=True)
    some = first[np.unique(np.linspace(0, first.size - 1, 4 * POINTS).astype(int))]
    under, over = np.quantile(density[:, some], [0.05, 0.95], axis=0)
    curve = {"x": nodes.ravel()[some], "density": density[:, some].mean(axis=0)}
    return table, layout.PREDICTIVE.frame({**curve, "low": under, "high": over})


def scores(made: LeftOut, weights: Floats, seen: Floats | None, exact: Floats | None) -> pd.DataFrame:
    """The table `SCORES`; `exact` (m,) are leave-one-out log-densities without sampling and `seen`
    (m,) those given all values, where they are known."""
    kinds: dict[str, tuple[Floats, float, float]] = {
        "PSIS-LOO": (made.elpd, made.error, float(weights @ (made.lppd - made.elpd))),
        "WAIC": (made.waic, np.nan, float(weights @ made.variance)),
    }
    if exact is not None:
        used = np.nan if seen is None else float(weights @ (seen - exact))
        kinds["exact"] = (exact, 0.0, used)
    total = weights.sum()
    rows = []
    for name, (elpd, error, used) in kinds.items():
        mean = weights @ elpd / total
        spread = np.sqrt(weights @ (elpd - mean) ** 2)
        rows.append(
            {
                "method": name,
                "elpd": weights @ elpd,
                "standard_error": spread,
                "monte_carlo": error,
                "parameters": used,
            }
        )
    return layout.SCORES.frame(rows)
