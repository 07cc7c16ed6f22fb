"""The two-dimensional classics: two classes (three for the blobs) that differ in how far from
linear their boundary is. Coordinates are of order one in every set, so that one `noise` suits all.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def synthetic(name: str, samples: int, noise: float, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Points (n, 2) and their classes (n,), balanced to within one point, in random order.

    `noise` is the standard deviation of the Gaussian noise added to both coordinates.
    """
    generate, classes = _GENERATORS[name]
    labels = rng.permutation(np.arange(samples, dtype=np.int64) % classes)
    points = generate(labels, rng)
    return points + noise * rng.standard_normal(points.shape), labels


def _moons(labels: Ints, rng: np.random.Generator) -> Floats:
    """Two half circles of radius 1 that reach into each other."""
    angle = np.pi * rng.random(labels.size)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    points: Floats = np.where(labels[:, None] == 0, upper, lower)
    return points


def _circles(labels: Ints, rng: np.random.Generator) -> Floats:
    """A circle of radius 0.5 inside one of radius 1."""
    angle = 2 * np.pi * rng.random(labels.size)
    radius = np.where(labels == 0, 1.0, 0.5)
    points: Floats = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return points


def _xor(labels: Ints, rng: np.random.Generator) -> Floats:
    """Uniform on four squares of side 1, each 0.2 from the axes; opposite squares share a class."""
    size = 0.2 + rng.random((labels.size, 2))
    first = rng.choice([-1.0, 1.0], labels.size)
    second = np.where(labels == 0, first, -first)
    points: Floats = size * np.stack([first, second], axis=1)
    return points


def _blobs(labels: Ints, rng: np.random.Generator) -> Floats:
    """Three Gaussians of standard deviation 0.25 about the corners of a triangle inside the
    unit circle."""
    angle = np.pi / 2 + 2 * np.pi * labels / 3
    centre = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return centre + 0.25 * rng.standard_normal(centre.shape)


def _spirals(labels: Ints, rng: np.random.Generator) -> Floats:
    """Two spirals of 1.75 turns out to radius 3, half a turn apart."""
    along = rng.random(labels.size)
    angle = 1.75 * 2 * np.pi * along + np.pi * labels
    points: Floats = 3 * along[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return points


_GENERATORS: Mapping[str, tuple[Callable[[Ints, np.random.Generator], Floats], int]] = {
    "moons": (_moons, 2),
    "circles": (_circles, 2),
    "xor": (_xor, 2),
    "blobs": (_blobs, 3),
    "spirals": (_spirals, 2),
}
