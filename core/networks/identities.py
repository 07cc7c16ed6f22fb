"""What must be equal, or nearly so, whatever the data: pairs (predicted, measured) for the checks.

Computed in 64 bits, on the same functions that train in 32.
"""

from functools import partial
from typing import Any, NamedTuple

from core.numerics import QUICK_TO_COMPILE  # and 64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge

from core.networks.likelihoods import LIKELIHOODS
from core.networks.mlp import Layer, Params
from core.networks.names import LikelihoodName
from core.networks.optimizers import Settings
from core.networks.passes import outputs
from core.networks.training import Data, Program, advance, bucket, loss, start

Floats = NDArray[np.float64]

# Condition number of the linear fit: its penalty is the greatest curvature divided by this.
CONDITION = 1000.0
# Likelihoods whose linear fit is smooth and convex, and which scikit-learn fits too.
LINEAR = ("categorical", "bernoulli", "gaussian", "poisson")


class Initial(NamedTuple):
    """Mean loss at given weights, and the part of it that is of second order in them:
    log-sum-exp of the outputs over their mean and log K, or the mean squared output."""

    loss: Float[Array, " replicate"]
    second_order: Float[Array, " replicate"]


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnames="program")
def initial(program: Program, params: Params, data: Data, factor: float) -> Initial:
    """The loss of each replicate with its last layer's weights and biases multiplied by `factor`."""
    *hidden, last = params
    scaled = (*hidden, Layer(factor * last.weight, factor * last.bias))
    likelihood = LIKELIHOODS[program.likelihood]
    counted = jnp.arange(data.inputs.shape[1]) < data.rows

    def one(network: Params, inputs: Array, targets: Array) -> Initial:
        z = outputs(program, network, inputs)
        if likelihood.classes:
            logits = likelihood.logits(z)
            beyond = (
                jax.nn.logsumexp(logits, axis=1) - jnp.mean(logits, axis=1) - jnp.log(logits.shape[1])
            )
        else:
            beyond = jnp.sum(z**2, axis=1)
        values = (likelihood.loss(z, targets), beyond)
        return Initial(*(jnp.mean(v, where=counted) for v in values))

    made: Initial = jax.vmap(one)(scaled, data.inputs, data.targets)
    return made


def slopes(
    program: Program,
    params: Params,
    inputs: Floats,
    targets: Floats,
    rng: np.random.Generator,
    step: float = 1e-6,
    directions: int = 3,
) -> tuple[Floats, Floats]:
    """Directional derivatives of one network's mean loss over its gradient norm: by automatic
    differentiation, and by central differences.

    Each direction is the gradient's own plus a random one, both of norm 1, so that the derivative
    is of the gradient's size and its rounding error is not compared with next to nothing.
    """
    exact = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), params)
    drawn = jax.tree.map(lambda leaf: rng.standard_normal((directions, *leaf.shape)), exact)
    analytic, numeric = _slopes(program, exact, drawn, inputs, targets, step)
    return np.asarray(analytic), np.asarray(numeric)


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnames="program")
def _slopes(
    program: Program, params: Params, drawn: Params, inputs: Array, targets: Array, step: float
) -> tuple[Array, Array]:
    weights = jnp.full(inputs.shape[0], 1 / inputs.shape[0])

    def value(at: Params) -> Array:
        return loss(program, at, inputs, targets, weights)

    gradient = jax.grad(value)(params)
    size = _norm(gradient)

    def one(random: Params) -> tuple[Array, Array]:
        length = _norm(random)
        way = jax.tree.map(lambda g, r: g / size + r / length, gradient, random)
        ahead = jax.tree.map(lambda p, w: p + step * w, params, way)
        behind = jax.tree.map(lambda p, w: p - step * w, params, way)
        products = jax.tree.map(lambda g, w: jnp.sum(g * w), gradient, way)
        return sum(jax.tree.leaves(products)) / size, (value(ahead) - value(behind)) / (2 * step * size)

    pair: tuple[Array, Array] = jax.vmap(one)(drawn)
    return pair


def linear_fit(
    likelihood: LikelihoodName, inputs: Floats, targets: Floats, steps: int
) -> tuple[float, float]:
    """Mean loss of a network without hidden layer, trained by this library, and of the penalised
    maximum-likelihood fit that scikit-learn finds: (reference, trained).

    Nesterov's method on the full sample with step 1/L, momentum (√κ − 1)/(√κ + 1) and penalty
    ½ λ ‖w‖², λ = L/κ, κ = 1000, gains a factor e about every √κ = 32 steps (Nesterov 2004, section
    2.2). L bounds the curvature: ½ (categorical; Böhning 1992), ¼ (Bernoulli), 2 (Gaussian) or the
    largest target (Poisson) times the largest eigenvalue of the inputs' second moments. For those
    likelihoods only (`LINEAR`).
    """
    wide = np.column_stack([inputs, np.ones(len(inputs))])
    moments = float(np.linalg.eigvalsh(wide.T @ wide / len(wide))[-1])
    bounds = {"categorical": 0.5, "bernoulli": 0.25, "gaussian": 2.0}
    curvature = bounds.get(likelihood, float(targets.max())) * moments
    penalty = curvature / CONDITION
    root = np.sqrt(CONDITION + 1)
    settings = Settings.shared(
        1, 1 / (curvature + penalty), penalty, (root - 1) / (root + 1), dtype=jnp.float64
    )
    room = ((0, 0), (0, bucket(len(inputs)) - len(inputs)), (0, 0))
    seen, aim = (np.pad(part[None], room) for part in (inputs, targets))
    data = Data(*jax.device_put((seen, aim, np.int32(len(inputs)))))
    zeros = (np.zeros((1, inputs.shape[1], targets.shape[1])), np.zeros((1, targets.shape[1])))
    program = Program("identity", likelihood, "nesterov")
    begun = start(program, settings, data, (Layer(*jax.device_put(zeros)),), [0])
    trained = advance(program, settings, data, begun, steps).params[0]
    trained_outputs = inputs @ np.asarray(trained.weight)[0] + np.asarray(trained.bias)[0]
    fitted = (_reference(likelihood, inputs, targets, penalty), trained_outputs)
    reference, reached = (float(_mean_loss(likelihood, outputs, targets)) for outputs in fitted)
    return reference, reached


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnames="likelihood")
def _mean_loss(likelihood: str, outputs: Array, targets: Array) -> Array:
    return jnp.mean(LIKELIHOODS[likelihood].loss(outputs, targets))


def _reference(likelihood: str, inputs: Floats, targets: Floats, penalty: float) -> Floats:
    """Outputs (n, k) of scikit-learn's fit with penalty ½ · penalty · ‖w‖² on the mean loss."""
    rows = len(inputs)
    if likelihood == "gaussian":
        return _column(Ridge(alpha=rows * penalty / 2).fit(inputs, targets[:, 0]).predict(inputs))
    if likelihood == "poisson":
        fit = PoissonRegressor(alpha=penalty, solver="newton-cholesky", tol=1e-10, max_iter=1000)
        return _column(np.log(fit.fit(inputs, targets[:, 0]).predict(inputs)))
    # With two classes scikit-learn has one weight vector, the difference of our two: for the same
    # outputs its square is twice the sum of theirs.
    strength = rows * penalty / (2 if targets.shape[1] == 2 else 1)
    fit = LogisticRegression(C=1 / strength, tol=1e-10, max_iter=5000)
    codes = targets[:, 0] if likelihood == "bernoulli" else targets.argmax(axis=1)
    scores = fit.fit(inputs, codes).decision_function(inputs)
    if likelihood == "bernoulli":
        return _column(scores)
    return np.column_stack([np.zeros(rows), scores]) if scores.ndim == 1 else scores


def _column(values: Any) -> Floats:
    return np.asarray(values, np.float64)[:, None]


def _norm(tree: Params) -> Array:
    return jnp.sqrt(sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(tree)))
