"""Simulated mixtures whose components lie a given distance apart."""

import numpy as np

from core.mixtures.kinds import KINDS, Floats

# Spread of a component in its kind's coordinate: log x of gammas and log-normals, 2 √x of Poissons.
SPREAD = {"normal": 1.0, "student-t": 1.0, "lognormal": 0.3, "gamma": 0.25, "poisson": 1.0}
# Degrees of freedom: of Student t components, and of those with heavy tails.
DF, HEAVY = 6.0, 2.0


def truth(name: str, groups: int, separation: float) -> Floats:
    """The mixture (1 + p, groups) of kind `name`: weights in proportion to 2, 3, …, neighbours
    `separation` spreads apart in the kind's coordinate."""
    place, spread = np.arange(groups) * separation, np.full(groups, SPREAD[name])
    weights = (np.arange(groups) + 2.0) / np.sum(np.arange(groups) + 2.0)
    theta = {
        "normal": [place, spread],
        "student-t": [np.full(groups, DF), place, spread],
        "lognormal": [place * spread, spread],
        "gamma": [spread**-2, np.exp(place * spread) * spread**2],
        "poisson": [(2.0 + place) ** 2 / 4 + 1],
    }[name]
    return np.vstack([weights, *theta])


def draw(name: str, mixture: Floats, n: int, heavy: bool, generator: np.random.Generator) -> Floats:
    """n values of the mixture; with `heavy` tails the coordinate of a value follows Student t about
    that of its component's middle."""
    kind, group = KINDS[name], generator.choice(mixture.shape[1], n, p=mixture[0])
    if heavy:
        middle = kind.coordinate(kind.mean(mixture[1:]))[group]
        z = middle + SPREAD[name] * generator.standard_t(HEAVY, n)
        return _back(name, z)
    x: Floats = np.zeros(n)
    for j, theta in enumerate(mixture[1:].T):
        x[group == j] = kind.draw(generator, theta, int((group == j).sum()))
    return x


def _back(name: str, z: Floats) -> Floats:
    """From the coordinate to the value. Logarithms stop at ±50, far inside what a float holds."""
    if name in ("lognormal", "gamma"):
        return np.exp(np.clip(z, -50, 50))
    return np.round(np.maximum(z, 0) ** 2 / 4) if name == "poisson" else z
