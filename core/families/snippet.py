"""The Python statement that makes a fitted distribution, to be run elsewhere."""

import math
from collections.abc import Mapping

import scipy.stats

from core.families import registry


def statement(family: str, parameters: Mapping[str, float]) -> str:
    """Python that makes `distribution`, a frozen one with scipy's methods: scipy's own where it has the
    family and its functions hold, else by Ermine's. Numbers are written with every digit."""
    known = registry.find(family)
    if known.law or not known.scipy:
        given = ", ".join(f"{name!r}: {_written(parameters[name])}" for name in known.names)
        return f"from core.families import find; distribution = find({known.name!r}).frozen({{{given}}})"
    shapes, location, scale = known.to_scipy(*(float(parameters[n]) for n in known.names))
    names = getattr(scipy.stats, known.scipy).shapes
    values = dict(zip(names.split(", ") if names else (), shapes, strict=True))
    values["loc"] = location
    if not known.discrete:
        values["scale"] = scale
    given = ", ".join(f"{name}={_written(value)}" for name, value in values.items())
    return f"from scipy import stats; distribution = stats.{known.scipy}({given})"


def _written(value: float) -> str:
    number = float(value)
    return repr(number) if math.isfinite(number) else f"float('{number}')"
