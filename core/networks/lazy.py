"""How do networks of one width train by gradient descent, and what do their kernels predict of it?

Networks as in `core.networks.infinite`, several at once in 32 bits, on squared error ½ Σ (s f − y)². The
step is taken as η/s², so that the outputs s f move by η Θ whatever the scale s; small s makes weights
move further ("rich"), large s less ("lazy"). While the kernel stays Θ, the residual r = s f − y obeys

    r_t = (I − η Θ)^t r_0,      r*_t − r*_0 = −Θ* Θ⁻¹ (I − (I − η Θ)^t) r_0   at other points.

NumPy, not JAX: the work is in a few matrix products, and nothing has to be compiled for each width.

Sources: Lee et al., arXiv:1902.06720, equations 8 to 11; Chizat, Oyallon & Bach, arXiv:1812.07956,
for the scale.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from core.networks.infinite import GAIN
from core.networks.mean_field import FUNCTIONS, Floats, Name, Singles

# Mean squared residual, in units of the start, from which a network counts as diverged.
DIVERGED = 1e6


class Pass(NamedTuple):
    """Activations (network, sample, unit) of each layer, the inputs first, derivatives of the outputs
    by the pre-activations of each hidden layer, and outputs (network, sample)."""

    active: list[Singles]
    back: list[Singles]
    outputs: Singles


@dataclass
class Networks:
    """Weights of several networks: (network, inputs, units) of each hidden layer, (network, units) of
    the last. `rates` multiply the step of each layer, the last included."""

    name: Name
    hidden: list[Singles]
    last: Singles
    rates: tuple[float, ...]

    def outputs(self, inputs: Singles) -> Singles:
        """f (network, sample)."""
        return self._forward(inputs)[1]

    def look(self, inputs: Singles) -> Pass:
        """All that gradients and kernels are made of."""
        active, outputs, states = self._forward(inputs)
        slope, width = FUNCTIONS[self.name].slope, np.float32(np.sqrt(self.last.shape[1]))
        back = [self.last[:, None] / width * slope(states[-1], active[-1])]
        for layer in reversed(range(1, len(self.hidden))):
            factor = np.float32(np.sqrt(GAIN / self.hidden[layer].shape[1]))
            sent = factor * (back[0] @ self.hidden[layer].transpose(0, 2, 1))
            back.insert(0, sent * slope(states[layer - 1], active[layer]))
        return Pass(active, back, outputs)

    def step(self, seen: Pass, residual: Singles, size: float) -> None:
        """Weights −= size · rates · Σ_i residual_i ∂f_i/∂weights, in place."""
        pulled = residual[..., None]
        width = np.float32(np.sqrt(self.last.shape[1]))
        moved = np.sum(pulled * seen.active[-1], axis=1) / width
        self.last -= np.float32(size * self.rates[-1]) * moved
        for weight, rate, active, back in zip(
            self.hidden, self.rates, seen.active, seen.back, strict=False
        ):
            factor = size * rate * np.sqrt(GAIN / weight.shape[1])
            weight -= np.float32(factor) * (active.swapaxes(-1, -2) @ (pulled * back))

    def kernels(self, inputs: Singles, others: Singles | None = None) -> Floats:
        """Tangent kernels (network, sample, other), each layer's part times its rate."""
        one = self.look(inputs)
        two = one if others is None else self.look(others)
        total = self.rates[-1] * _product(one.active[-1], two.active[-1]) / self.last.shape[1]
        for layer, weight in enumerate(self.hidden):
            same = GAIN / weight.shape[1] * _product(one.active[layer], two.active[layer])
            total = total + self.rates[layer] * same * _product(one.back[layer], two.back[layer])
        return np.asarray(total, float)

    def _forward(self, inputs: Singles) -> tuple[list[Singles], Singles, list[Singles]]:
        active, states = [inputs], []
        for weight in self.hidden:
            states.append(np.float32(np.sqrt(GAIN / weight.shape[1])) * (active[-1] @ weight))
            active.append(FUNCTIONS[self.name].value(states[-1]))
        width = np.float32(np.sqrt(self.last.shape[1]))
        return active, (active[-1] @ self.last[..., None])[..., 0] / width, states


def draw(
    name: Name, features: int, width: int, hidden: int, count: int, rng: np.random.Generator, ntk: bool
) -> Networks:
    """`count` networks with standard normal weights. Without `ntk` they train as in the standard
    parametrisation with a step divided by the width: a layer of few inputs is then slow."""
    sizes = [features, *[width] * hidden]
    weights = [rng.standard_normal((count, n, m), dtype=np.float32) for n, m in pairwise(sizes)]
    rates = [1.0 if ntk else n / width / GAIN for n in sizes[:-1]]
    last = rng.standard_normal((count, width), dtype=np.float32)
    return Networks(name, weights, last, (*rates, 1.0))


class Predicted(NamedTuple):
    """Residuals (network, step, sample) on the training points and on others."""

    train: Floats
    test: Floats


def predict(
    kernel: Floats, cross: Floats, train: Floats, test: Floats, rate: float, steps: Floats
) -> Predicted:
    """Residuals after each number of `steps` if the kernel stays as it is.

    `kernel` (sample, sample) and `cross` (other, sample) may have a leading axis of networks; `train`
    and `test` are residuals (network, sample) at the start. Kernels that are not positive definite
    to rounding are taken as they are: directions of eigenvalue 0 do not move.
    """
    values, vectors = np.linalg.eigh(kernel)
    along = np.einsum("...sk,...s->...k", vectors, train)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        left = (1 - rate * values)[..., None, :] ** steps[:, None]
        small = np.abs(values) < 1e-9 * np.max(np.abs(values), axis=-1, keepdims=True)
        gone = np.where(
            small[..., None, :],
            rate * steps[:, None],
            (1 - left) / np.where(small, 1, values)[..., None, :],
        )
        on = np.einsum("...tk,...sk->...ts", left * along[..., None, :], vectors)
        moved = np.einsum("...tk,...sk->...ts", gone * along[..., None, :], vectors)
        off = test[:, None] - np.einsum("...ts,...os->...to", moved, cross)
    return Predicted(on, off)


def _product(left: Singles, right: Singles) -> Singles:
    return left @ np.swapaxes(right, -1, -2)
