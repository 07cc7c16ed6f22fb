"""What optimisers are tried on: losses of a vector, with their starts, minimum and curvatures.

Losses are functions (position, data) → number, so that one compiled program serves all data of a
shape. Positions are padded with coordinates of curvature 0, which never move.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from core.numerics import QUICK_TO_COMPILE  # and 64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from core.optimization.names import Problem, Spacing
from core.optimization.quadratic import spectrum

Floats = NDArray[np.float64]
Loss = Callable[[Array, Any], Array]
# Units of the network's hidden layer; rows that logistic regression and the network learn from.
HIDDEN, ROWS, FEATURES, PENALTY = 8, 64, 10, 0.01


class Surface(NamedTuple):
    """A loss with its `data` and `starts` (replicate, coordinate); where it is known, the `minimum`
    (coordinate,), its loss `least`, and `curvatures`, the Hessian's eigenvalues there; and where the
    first two coordinates span a plane to draw, its `frame` (left, right, bottom, top), in which all
    else is at the minimum."""

    loss: Loss
    data: Any
    starts: Floats
    minimum: Floats | None
    least: float
    curvatures: Floats | None
    frame: tuple[float, float, float, float] | None


def surface(
    name: Problem,
    replicates: int,
    rng: np.random.Generator,
    *,
    dimension: int,
    condition: float,
    spacing: Spacing,
) -> Surface:
    """The surface called `name` with so many random starts; `dimension`, `condition` and `spacing`
    are those of the quadratic, whose first two coordinates are its flattest and stiffest."""
    if name == "quadratic":
        return _quadratic(replicates, rng, spectrum(spacing, dimension, condition))
    if name in _PLANES:
        loss, begin, minimum, spread, frame = _PLANES[name]
        starts = np.array(begin) + spread * rng.standard_normal((replicates, 2))
        # The first start is the one that the literature uses.
        starts[0] = begin
        return _known(loss, np.zeros(1), starts, np.array(minimum), frame)
    if name == "logistic":
        return _logistic(replicates, rng)
    inputs = rng.standard_normal((ROWS, 2))
    data = inputs, np.sin(2 * inputs[:, 0]) * inputs[:, 1]
    starts = rng.standard_normal((replicates, 4 * HIDDEN + 1))
    starts[:, 3 * HIDDEN :] /= np.sqrt(HIDDEN)
    return Surface(network, data, starts, None, 0.0, None, None)


def quadratic(x: Array, curvatures: Array) -> Array:
    """½ Σ λ x², in the eigenvectors of the Hessian."""
    return 0.5 * (curvatures * x**2).sum()


def rosenbrock(x: Array, data: Array) -> Array:
    """(1 − x)² + 100 (y − x²)². Rosenbrock (1960), The Computer Journal 3(3), 175–184."""
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def beale(x: Array, data: Array) -> Array:
    """Σ_k (c_k − x (1 − y^k))² with c = 1.5, 2.25, 2.625. Moré, Garbow & Hillstrom (1981), ACM
    Transactions on Mathematical Software 7(1), 17–41."""
    y = x[1] ** jnp.arange(1, 4)
    return ((jnp.array([1.5, 2.25, 2.625]) - x[0] * (1 - y)) ** 2).sum()


def ravine(x: Array, data: Array) -> Array:
    """x²/20 + 5 (y − sin x)²: a valley that winds, a hundred times steeper across than along."""
    return 0.05 * x[0] ** 2 + 5 * (x[1] - jnp.sin(x[0])) ** 2


def logistic(x: Array, data: tuple[Array, Array]) -> Array:
    """Mean logistic loss, nats, with `PENALTY`/2 ‖x‖²; data: inputs (row, feature), signs (row,)."""
    inputs, signs = data
    return jnp.logaddexp(0.0, -signs * (inputs @ x)).mean() + PENALTY / 2 * (x**2).sum()


def network(x: Array, data: tuple[Array, Array]) -> Array:
    """Half the mean squared error of a network of 2 inputs, `HIDDEN` tanh units and one output."""
    inputs, targets = data
    weight, bias = x[: 2 * HIDDEN].reshape(2, HIDDEN), x[2 * HIDDEN : 3 * HIDDEN]
    hidden = jnp.tanh(inputs @ weight + bias)
    return 0.5 * ((hidden @ x[3 * HIDDEN : 4 * HIDDEN] + x[-1] - targets) ** 2).mean()


# Loss, usual start, minimum, spread of further starts, frame.
_Pair = tuple[float, float]
_PLANES: dict[str, tuple[Loss, _Pair, _Pair, float, tuple[float, float, float, float]]] = {
    "rosenbrock": (rosenbrock, (-1.2, 1.0), (1.0, 1.0), 0.1, (-1.8, 1.8, -0.8, 2.2)),
    "beale": (beale, (1.0, 1.0), (3.0, 0.5), 0.1, (-0.5, 4.5, -1.5, 2.0)),
    "ravine": (ravine, (-6.0, 1.0), (0.0, 0.0), 0.2, (-7.5, 2.5, -2.5, 2.5)),
}


def curvatures(what: Surface, at: Floats) -> Floats:
    """Eigenvalues (coordinate,) of the Hessian at a position (coordinate,), smallest first."""
    return np.asarray(np.linalg.eigvalsh(_hessian(what.loss, at, what.data)), float)


def values(what: Surface, at: Floats) -> Floats:
    """Losses (position,) at positions (position, coordinate)."""
    return np.asarray(_losses(what.loss, at, what.data))


def _quadratic(replicates: int, rng: np.random.Generator, eigenvalues: Floats) -> Surface:
    ordered = np.concatenate([eigenvalues[[0, -1]], eigenvalues[1:-1]])
    size = ordered.size
    padded = 1 << (size - 1).bit_length()
    data, starts = np.zeros(padded), np.zeros((replicates, padded))
    data[:size], starts[:, :size] = ordered, rng.standard_normal((replicates, size))
    # The start that is drawn has a fixed share of both directions shown.
    starts[0, :2] = 1.0, -0.6
    return Surface(quadratic, data, starts, np.zeros(padded), 0.0, eigenvalues, (-1.3, 1.3, -2.0, 2.0))


def _logistic(replicates: int, rng: np.random.Generator) -> Surface:
    inputs = rng.standard_normal((ROWS, FEATURES)) * np.geomspace(1.0, 0.2, FEATURES)
    chance = 1 / (1 + np.exp(-inputs @ rng.standard_normal(FEATURES)))
    data = inputs, np.where(rng.random(ROWS) < chance, 1.0, -1.0)
    x = np.zeros(FEATURES)
    for _ in range(30):
        # Newton; the penalty makes it strictly convex.
        odds = 1 / (1 + np.exp(data[1] * (inputs @ x)))
        slope = -(inputs.T @ (data[1] * odds)) / ROWS + PENALTY * x
        bend = (inputs.T * (odds * (1 - odds))) @ inputs / ROWS + PENALTY * np.eye(FEATURES)
        x = x - np.linalg.solve(bend, slope)
    return _known(logistic, data, rng.standard_normal((replicates, FEATURES)), x, None)


def _known(loss: Loss, data: Any, starts: Floats, minimum: Floats, frame: Any) -> Surface:
    found = np.asarray(np.linalg.eigvalsh(_hessian(loss, minimum, data)), float)
    least = float(_losses(loss, minimum[None], data)[0])
    return Surface(loss, data, starts, minimum, least, found, frame)


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnums=0)
def _bends(loss: Loss, x: Array, data: Any) -> Array:
    bends: Array = jax.hessian(loss)(x, data)
    return bends


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnums=0)
def _losses(loss: Loss, x: Array, data: Any) -> Array:
    return jax.vmap(loss, in_axes=(0, None))(x, data)


def _hessian(loss: Loss, at: Floats, data: Any) -> Floats:
    return np.asarray(_bends(loss, at, data))
