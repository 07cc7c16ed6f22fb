"""Distribution functions of a family at many values under many parameters, a row for each set."""

from functools import partial

import jax
import numpy as np
from jax import Array
from scipy import stats

from core.families.family import Family, Floats
from core.families.quiet import quiet


def below(family: Family, x: Floats, theta: Floats) -> Floats:
    """P(X ≤ x) (r, n) at x (r, n), or at one row of values (n,) for all, under theta (r, p)."""
    x = np.broadcast_to(x, (len(theta), x.shape[-1]))
    if family.log_cdf is not None and not family.discrete and family.support.coordinate != "logit":
        return np.asarray(np.exp(_log_below(family, x, theta)))
    if family.law is not None or not hasattr(stats, family.scipy):
        laws = [family.frozen(dict(zip(family.names, row, strict=True))) for row in theta.tolist()]
        return np.array([law.cdf(row) for law, row in zip(laws, x, strict=True)], float)
    made = [family.to_scipy(*row) for row in theta.tolist()]
    shapes = [np.array([m[0][k] for m in made])[:, None] for k in range(len(made[0][0]))]
    location, scale = (np.array([m[k] for m in made], float)[:, None] for k in (1, 2))
    law = getattr(stats, family.scipy)
    with quiet():
        found = law.cdf(x, *shapes, loc=location, **({} if family.discrete else {"scale": scale}))
    return np.asarray(found, float)


@partial(jax.jit, static_argnames=("family",))
def _log_below(family: Family, x: Array, theta: Array) -> Array:
    return jax.vmap(lambda row, parameters: family.log_below(row, *parameters))(x, theta)
