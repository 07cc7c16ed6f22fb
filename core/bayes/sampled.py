"""A sampled posterior: its tables as the draws come, and its predictions of values left out."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core import theory
from core.bayes import leaving_out, sampling_checks, sampling_layout, sampling_tables
from core.bayes.closed_forms import Closed, closed
from core.bayes.conjugate import Floats
from core.bayes.nuts import Draws
from core.bayes.pointwise import densities
from core.bayes.quadrature import Integral
from core.bayes.target import Target
from core.experiment import Frames
from core.families.result import Fit

# Draws that values are left out with, at most.
USED = 4000


def described(
    target: Target, fit: Fit, drawn: Draws, found: Integral | None, truth: Mapping[str, float]
) -> Frames:
    """The tables of the parameters, from the draws so far and the posterior without sampling."""
    u = target.at(drawn.q.swapaxes(0, 1))
    natural = target.natural(u)
    names = tuple(fit.parameters)
    return {
        "posterior": sampling_tables.posterior(natural, fit, found, truth),
        "chains": sampling_tables.chains(drawn),
        "bins": sampling_tables.bins(natural, names),
        "marginals": sampling_tables.marginals(target, u, fit, found),
        "draws": sampling_tables.draws(natural, drawn, names),
    }


class Scored(NamedTuple):
    """Of values left out in turn: tables, checks and notes; and the closed form, where there is one."""

    tables: Frames
    rows: list[theory.Row]
    notes: list[str]
    closed: Closed | None


def scored(
    target: Target, u: Floats, found: Integral | None, kept: int, watch: Callable[[float], None]
) -> Scored:
    """The first `kept` values, each left out in turn, from draws u (chain, draw, k)."""
    chains, draws, k = u.shape
    some: NDArray[np.int64] = np.unique(np.linspace(0, draws - 1, USED // chains).astype(np.int64))
    given = u[:, some]
    logs = densities(target.family, target.x[:kept], given.reshape(-1, k))
    n = float(target.weights.sum())
    weights = target.weights[:kept] * (n / target.weights[:kept].sum())
    made = leaving_out.left_out(logs.reshape(chains, some.size, kept), weights, watch)
    form = closed(target, kept) if target.prior.conjugate else None
    exact = form.left_out if form else found.left_out if found else None
    # A density of standardised values is one of the data's own unit after this.
    unit = np.log(target.stretch)
    seen = found.seen - unit if found else None
    own = None if exact is None else exact - unit
    moved = made._replace(elpd=made.elpd - unit, lppd=made.lppd - unit)
    rows, notes = sampling_checks.left_out(moved, weights, own, n)
    if kept < target.x.size:
        notes.append(f"Of {target.x.size:,} values a random {kept:,} are left out, one at a time.")
    table = {
        "value": target.shift + target.stretch * target.x[:kept],
        "times": weights,
        "elpd": moved.elpd,
        "exact": np.nan if own is None else own,
        "pareto_k": made.pareto_k,
    }
    tables = {
        "left_out": sampling_layout.LEFT_OUT.frame(table),
        "scores": sampling_tables.scores(moved, weights, seen, own),
    }
    return Scored(tables, rows, notes, form)
