"""How near does a student network come to the teacher network that made its targets?

Inputs of `INPUTS` independent standard normal numbers; the teacher has a hidden layer of `UNITS` tanh
units with orthogonal weights of length 1.5, and targets of variance 1 before their noise of variance σ².
A student is trained from several random starts by Adam on batches of 64 rows, with a step size that
falls to 0 along a cosine; of the starts, the one of least training error counts.

Where the student has as many units as the teacher, so that its P parameters are all needed and the truth
is among its functions, least squares has as n → ∞, errors without the noise of the new targets,

    test risk → σ² P / n        training risk → σ² (1 − P / n).

Source: Murata, Yoshizawa & Amari (1994), IEEE Transactions on Neural Networks 5, 865–872.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import numpy as np
from numpy.typing import NDArray

from core.networks.fixed import Fixed, units, widened
from core.networks.initialization import initialize, stack
from core.networks.mlp import count
from core.networks.optimizers import Settings
from core.networks.program import Data, Program, bucket
from core.networks.training import start, walk

INPUTS, UNITS, LENGTH, BATCH, RATE = 4, 2, 1.5, 64, 0.05
TESTED, CENTERED = 2000, 100_000
Floats = NDArray[np.float64]


class Teacher(NamedTuple):
    """Weights (input, unit), biases (unit,), and what makes its outputs of mean 0 and variance 1."""

    weights: Floats
    biases: Floats
    center: float
    spread: float

    def __call__(self, inputs: Floats) -> Floats:
        """Outputs (..., n) at inputs (..., n, input)."""
        return (_raw(inputs, self.weights, self.biases) - self.center) / self.spread


class Errors(NamedTuple):
    """Of each sample and width (sample, width): error on new inputs, and on the training rows."""

    test: Floats
    train: Floats


def teacher(rng: np.random.Generator) -> Teacher:
    """A random teacher."""
    weights = LENGTH * np.linalg.qr(rng.standard_normal((INPUTS, UNITS)))[0]
    biases = 0.5 * rng.standard_normal(UNITS)
    found = _raw(rng.standard_normal((CENTERED, INPUTS)), weights, biases)
    return Teacher(weights, biases, float(found.mean()), float(found.std()))


def parameters(width: int) -> int:
    """Weights and biases of a student."""
    return count((INPUTS, width, 1))


def students(
    inputs: Floats,
    targets: Floats,
    rows: int,
    widths: Sequence[int],
    rngs: Sequence[np.random.Generator],
    truth: tuple[Floats, Floats],
    *,
    starts: int,
    steps: int,
    tick: Callable[[], None],
) -> Errors:
    """Students of the first `rows` of `inputs` (sample, n, input) and `targets` (sample, n), tested on
    new inputs and their noiseless targets, `truth`. `rngs`, one a sample, draw the starts; `tick` is
    called about every 0.1 s."""
    samples, each, wide = len(inputs), len(widths) * starts, max(widths)
    own = [w for w in widths for _ in range(starts)]
    sizes = [(INPUTS, w, 1) for w in own]
    drawn = [initialize(rng, s, "sigma", sigma_w=LENGTH, sigma_b=0.5) for rng in rngs for s in sizes]
    there = np.stack([np.asarray(units((w,), (wide,))[0]) for w in own] * samples)
    room = ((0, 0), (0, bucket(inputs.shape[1]) - inputs.shape[1]), (0, 0))
    seen, told = (
        jax.device_put(np.repeat(np.pad(v, room).astype(np.float32), each, axis=0))
        for v in (inputs, targets[..., None])
    )
    data = Data(seen, told, jax.device_put(np.int32(rows)))
    program = Program("tanh", "gaussian", "adam", BATCH, schedule="cosine")
    settings = Settings.shared(len(drawn), RATE, total=steps)
    networks = stack([widened(params, (wide,)) for params in drawn])
    fixed = Fixed((), (jax.device_put(there),))
    state = start(program, settings, data, networks, range(len(drawn)), fixed)
    for reached in walk(program, settings, data, state, [steps]):
        tick()
        state = reached
    leaves = [np.asarray(leaf, float) for layer in state.networks() for leaf in layer[:2]]
    found = [leaf.reshape(samples, len(widths), starts, *leaf.shape[1:]) for leaf in leaves]
    test, train = np.empty((2, samples, len(widths)))
    for r in range(samples):
        for k in range(len(widths)):
            tried = [[leaf[r, k, s] for leaf in found] for s in range(starts)]
            missed = [_missed(t, inputs[r, :rows], targets[r, :rows]) for t in tried]
            best = int(np.argmin(missed))
            train[r, k], test[r, k] = missed[best], _missed(tried[best], *truth)
    return Errors(test, train)


def _missed(leaves: Sequence[Floats], inputs: Floats, targets: Floats) -> float:
    first, biases, last, offset = leaves
    made = np.tanh(inputs @ first + biases) @ last[:, 0] + offset[0]
    return float(((made - targets) ** 2).mean())


def _raw(inputs: Floats, weights: Floats, biases: Floats) -> Floats:
    signs = np.where(np.arange(biases.size) % 2, -1.0, 1.0)
    return np.asarray(np.tanh(inputs @ weights + biases) @ signs)
