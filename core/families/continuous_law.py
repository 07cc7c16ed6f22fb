"""Distribution objects that behave as scipy's do, for laws that scipy lacks."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats

from core.families.family import Floats

Function = Callable[..., Floats]


def law(
    name: str,
    shapes: str,
    support: tuple[float, float],
    *,
    logpdf: Function,
    logcdf: Function,
    logsf: Function,
    ppf: Function,
    isf: Function,
    rvs: Function | None = None,
) -> Any:
    """A distribution with these functions of (x, *shapes), or of (p, *shapes) for the last two; its
    values are drawn by `rvs` of (*shapes, size, random_state), or through `ppf`."""
    functions = {
        "_logpdf": logpdf,
        "_logcdf": logcdf,
        "_logsf": logsf,
        "_ppf": ppf,
        "_isf": isf,
        "_pdf": lambda x, *a: np.exp(logpdf(x, *a)),
        "_cdf": lambda x, *a: np.exp(logcdf(x, *a)),
        "_sf": lambda x, *a: np.exp(logsf(x, *a)),
    }
    if rvs:
        functions["_rvs"] = rvs
    kind = type(name, (stats.rv_continuous,), {k: staticmethod(f) for k, f in functions.items()})
    return kind(a=support[0], b=support[1], name=name, shapes=shapes)
