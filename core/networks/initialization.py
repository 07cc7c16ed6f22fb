"""Initial weights. Biases are zero.

Sources: LeCun, Bottou, Orr and Müller (1998), Efficient BackProp; Glorot and Bengio (AISTATS 2010);
He, Zhang, Ren and Sun (arXiv:1502.01852); Saxe, McClelland and Ganguli (arXiv:1312.6120) for
orthogonal weights.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import DTypeLike, NDArray

from core.networks.mlp import Layer, Params
from core.networks.names import Initialization

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
    dtype: DTypeLike = np.float32,
) -> Params:
    """Weights for layers `sizes` wide, ends included: Gaussian of the scheme's variance, or
    orthonormal rows or columns. The last layer's weights are multiplied by `output_scale`.

    The draws are made in 64 bits, so that a `float32` network is the rounding of a `float64` one.
    """
    weights = [_weight(rng, inputs, outputs, scheme) for inputs, outputs in pairwise(sizes)]
    weights[-1] = output_scale * weights[-1]
    # Converted by numpy: on the way through JAX each shape would compile a program of its own.
    pairs = [(w.astype(dtype), np.zeros(w.shape[1], dtype)) for w in weights]
    return tuple(Layer(jnp.asarray(weight), jnp.asarray(bias)) for weight, bias in pairs)


def stack(replicates: Sequence[Params]) -> Params:
    """Parameters of several networks of one shape as one tree with a leading replicate axis."""
    stacked: Params = jax.tree.map(lambda *leaves: jnp.asarray(np.stack(leaves)), *replicates)
    return stacked


def _weight(rng: np.random.Generator, inputs: int, outputs: int, scheme: str) -> NDArray[np.float64]:
    if scheme != "orthogonal":
        return rng.normal(scale=np.sqrt(VARIANCES[scheme](inputs, outputs)), size=(inputs, outputs))
    tall = rng.normal(size=(max(inputs, outputs), min(inputs, outputs)))
    q, r = np.linalg.qr(tall)
    # The sign of r's diagonal makes q uniform over orthonormal frames (Mezzadri, math-ph/0609050).
    q = q * np.sign(np.diag(r))
    return np.asarray(q if inputs >= outputs else q.T)
