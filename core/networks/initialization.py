"""Initial weights and biases.

    lecun        weights of variance 1 / inputs                 biases 0
    glorot       2 / (inputs + outputs)                         0
    he           2 / inputs                                     0
    orthogonal   orthonormal rows or columns                    0
    sigma        σ_w² / inputs                                  of variance σ_b²

In the NTK parametrisation the same network is written with weights of variance 1 and fixed factors
(`scales`): training moves it differently, its initial outputs are the same for the same draws.

Sources: LeCun, Bottou, Orr and Müller (1998), Efficient BackProp; Glorot and Bengio (AISTATS 2010);
He, Zhang, Ren and Sun (arXiv:1502.01852); Saxe, McClelland and Ganguli (arXiv:1312.6120) for
orthogonal weights; Poole et al. (arXiv:1606.05340) for (σ_w, σ_b); Jacot, Gabriel and Hongler
(arXiv:1806.07572) for the NTK parametrisation.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import numpy as np
from numpy.typing import DTypeLike, NDArray

from core.networks.fixed import Scale
from core.networks.mlp import Layer, Normalized, Params
from core.networks.names import Initialization, Normalization, Parametrization

Tree = TypeVar("Tree")

# Variance of a weight, from the number of inputs and outputs of its layer.
VARIANCES: Mapping[str, Callable[[int, int], float]] = {
    "lecun": lambda inputs, outputs: 1 / inputs,
    "glorot": lambda inputs, outputs: 2 / (inputs + outputs),
    "he": lambda inputs, outputs: 2 / inputs,
}


def initialize(
    rng: np.random.Generator,
    sizes: Sequence[int],
    scheme: Initialization,
    *,
    output_scale: float = 1.0,
    sigma_w: float = 1.0,
    sigma_b: float = 0.0,
    parametrization: Parametrization = "standard",
    normalization: Normalization = "none",
    dtype: DTypeLike = np.float32,
) -> Params:
    """Parameters for layers `sizes` wide, ends included. The last layer's weights and biases are
    multiplied by `output_scale`; hidden layers that are normalised begin with gain 1 and shift 0;
    `sigma_w` and `sigma_b` are for the scheme "sigma" only.

    The draws are made in 64 bits, so that a `float32` network is the rounding of a `float64` one.
    """
    pairs = list(pairwise(sizes))
    weights = [_weight(rng, inputs, outputs, scheme, sigma_w) for inputs, outputs in pairs]
    weights[-1] = output_scale * weights[-1]
    biases = [_bias(rng, outputs, scheme, sigma_b) for _, outputs in pairs]
    biases[-1] = output_scale * biases[-1]
    if parametrization == "ntk":
        factors = scales(sizes, scheme, sigma_w=sigma_w, sigma_b=sigma_b, dtype=np.float64)
        weights = [w / np.asarray(f.weight) for w, f in zip(weights, factors, strict=True)]
        biases = [b / (float(f.bias) or 1.0) for b, f in zip(biases, factors, strict=True)]
    # Converted by numpy, and put as they are: else each shape would compile a program of its own.
    layers = [
        tuple(jax.device_put(p.astype(dtype)) for p in pair)
        for pair in zip(weights, biases, strict=True)
    ]
    if normalization == "none":
        return tuple(Layer(*layer) for layer in layers)
    hidden = (
        Normalized(*layer, *(jax.device_put(np.full(w, v, dtype)) for v in (1, 0)))
        for layer, w in zip(layers[:-1], sizes[1:-1], strict=True)
    )
    return (*hidden, Layer(*layers[-1]))


def scales(
    sizes: Sequence[int],
    scheme: Initialization,
    *,
    sigma_w: float = 1.0,
    sigma_b: float = 0.0,
    dtype: DTypeLike = np.float32,
) -> tuple[Scale, ...]:
    """The NTK parametrisation's factors of each layer: a weight's initial standard deviation, and
    for biases 1, or `sigma_b` with the scheme "sigma" (0: no biases)."""
    bias = sigma_b if scheme == "sigma" else 1.0
    return tuple(
        Scale(*(jax.device_put(np.asarray(f, dtype)) for f in (_deviation(i, o, scheme, sigma_w), bias)))
        for i, o in pairwise(sizes)
    )


def stack(replicates: Sequence[Tree]) -> Tree:
    """Trees of arrays of one shape, parameters of networks say, as one with a leading replicate axis."""
    stacked: Tree = jax.tree.map(lambda *leaves: jax.device_put(np.stack(leaves)), *replicates)
    return stacked


def _deviation(inputs: int, outputs: int, scheme: str, sigma_w: float) -> float:
    if scheme == "sigma":
        return sigma_w / float(np.sqrt(inputs))
    if scheme == "orthogonal":
        return 1 / float(np.sqrt(max(inputs, outputs)))
    return float(np.sqrt(VARIANCES[scheme](inputs, outputs)))


def _bias(rng: np.random.Generator, outputs: int, scheme: str, sigma_b: float) -> NDArray[np.float64]:
    return sigma_b * rng.standard_normal(outputs) if scheme == "sigma" else np.zeros(outputs)


def _weight(
    rng: np.random.Generator, inputs: int, outputs: int, scheme: str, sigma_w: float
) -> NDArray[np.float64]:
    if scheme != "orthogonal":
        return rng.normal(scale=_deviation(inputs, outputs, scheme, sigma_w), size=(inputs, outputs))
    tall = rng.normal(size=(max(inputs, outputs), min(inputs, outputs)))
    q, r = np.linalg.qr(tall)
    # The sign of r's diagonal makes q uniform over orthonormal frames (Mezzadri, math-ph/0609050).
    q = q * np.sign(np.diag(r))
    return np.asarray(q if inputs >= outputs else q.T)
