"""What do the usual variances of initial weights do where layers differ in width?

A layer from n to m units has weights of variance 2/n (He), 2/(n + m) (Glorot) or 1/n (LeCun), and no
biases. With V = n · variance, the variance of pre-activations goes from q to V E φ² on its way forward,
and the squared norm of a gradient is multiplied by (m/n) V E φ'² on its way back.

Sources: LeCun, Bottou, Orr & Müller (1998), Efficient BackProp; Glorot & Bengio (AISTATS 2010); He,
Zhang, Ren & Sun, arXiv:1502.01852.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from core.networks.mean_field import FUNCTIONS, Floats, Name, Singles, square, squared_slope

VARIANCES: Mapping[str, Callable[[int, int], float]] = {
    "He": lambda inputs, outputs: 2 / inputs,
    "Glorot": lambda inputs, outputs: 2 / (inputs + outputs),
    "LeCun": lambda inputs, outputs: 1 / inputs,
}


def alternating(width: int, depth: int) -> list[int]:
    """Widths of depth + 1 layers: `width` and half of it by turns."""
    return [width if layer % 2 == 0 else max(1, width // 2) for layer in range(depth + 1)]


def measured(
    name: Name, widths: Sequence[int], weights: Singles, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Mean square of pre-activations, and log of the gradient's squared norm over that at the last
    layer, (layer, scheme), from pre-activations of variance 1 through corners of `weights` (layer,
    unit, unit), of variance 1."""
    function, scales = FUNCTIONS[name], _scales(widths).astype(np.float32)
    first = rng.standard_normal((1, widths[0]), dtype=np.float32)
    states = [np.repeat(first / np.sqrt(np.mean(first**2)), len(VARIANCES), axis=0)]
    for n, m, z, scale in zip(widths, widths[1:], weights, scales, strict=False):
        states.append(scale[:, None] * (function.value(states[-1]) @ z[:n, :m]))
    slope = np.repeat(rng.standard_normal((1, widths[-1]), dtype=np.float32), len(VARIANCES), axis=0)
    squared = [np.sum(slope**2, axis=1)]
    for layer in reversed(range(len(scales))):
        h, z = states[layer], weights[layer][: widths[layer], : widths[layer + 1]]
        slope = scales[layer][:, None] * (slope @ z.T) * function.slope(h, function.value(h))
        squared.append(np.sum(slope**2, axis=1))
    variance = np.array([np.mean(h.astype(np.float64) ** 2, axis=1) for h in states])
    back = np.array(squared[::-1], np.float64)
    # A network without a unit that is on has a gradient of zero.
    with np.errstate(divide="ignore"):
        return variance, np.log(back) - np.log(back[-1])


def predicted(name: Name, widths: Sequence[int]) -> tuple[Floats, Floats]:
    """The same as widths go to infinity in proportion."""
    variance, growth = [np.ones(len(VARIANCES))], []
    for n, m, scale in zip(widths, widths[1:], _scales(widths), strict=False):
        growth.append(np.log(m * scale**2 * squared_slope(name, variance[-1])))
        variance.append(n * scale**2 * square(name, variance[-1]))
    back = np.cumsum(np.array(growth)[::-1], axis=0)[::-1]
    return np.array(variance), np.concatenate([back, np.zeros((1, len(VARIANCES)))])


def _scales(widths: Sequence[int]) -> Floats:
    """Standard deviation of a weight, (layer, scheme)."""
    pairs = list(pairwise(widths))
    return np.sqrt([[variance(n, m) for variance in VARIANCES.values()] for n, m in pairs])
