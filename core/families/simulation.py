"""A simulated sample, of a family given by a shape, a scale and a location at most."""

from typing import Any

import numpy as np

from core.families import registry
from core.families.family import Floats
from core.families.names import GIVEN, Truth


def parameters(family: Truth, *, shape: float, scale: float, location: float) -> dict[str, float]:
    """The family's parameters by name; `scale` is the median of the log-normal, the mean of counts."""
    values = {"shape": shape, "scale": scale, "location": location}
    made = {name: values[source] for name, source in GIVEN[family].items()}
    return {name: float(np.log(v)) if name == "meanlog" else v for name, v in made.items()}


def draw(
    family: Truth,
    truth: dict[str, float],
    samples: int,
    contamination: float,
    generator: np.random.Generator,
) -> Floats:
    """Values (n,) of the family, a share `contamination` of them multiplied by 10."""
    law: Any = registry.find(family).frozen(truth)
    x = np.asarray(law.rvs(samples, random_state=generator), float)
    return np.where(generator.random(samples) < contamination, 10 * x, x)
