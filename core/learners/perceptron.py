"""A neural network as a learner of scikit-learn's kind: what does it learn from these rows?

Hidden layers of ReLU units, trained by AdamW (core.networks) on batches of 32 rows for a fixed number
of steps, from weights of variance 2 / inputs. Its loss is −log p of the class, or the squared error.

All that would compile another program is padded and does not count: rows to `room` or 128, inputs to a
multiple of 16, the units of a layer to the next of `UNITS`. So the sizes and replicates of a curve
share one program, and other widths up to the next of `UNITS` use it too.
"""

import warnings
from collections.abc import Callable
from typing import Any

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.base import BaseEstimator

from core.learners.portions import Stopped
from core.networks.fixed import Fixed, narrowed, units, widened
from core.networks.initialization import initialize, stack
from core.networks.mlp import Params, forward, nth
from core.networks.names import LikelihoodName
from core.networks.optimizers import Settings
from core.networks.program import Data, Program, bucket
from core.networks.training import start, walk

UNITS, INPUTS, ROWS, BATCH = (32, 128, 512), 16, 128, 32
Floats = NDArray[np.float64]


class Diverged(UserWarning):
    """A training whose loss grew past what it can return from."""


class Perceptron(BaseEstimator):  # type: ignore[misc]
    """`classes` is the least number of classes, whose codes are 0, 1, ...; 0 for a target that is a
    number. `width` units in each of `layers` hidden layers; `room` rows are the most that a fit in
    the same program may have."""

    can_stop = True

    def __init__(
        self,
        classes: int = 0,
        width: int = 32,
        layers: int = 1,
        learning_rate: float = 0.01,
        weight_decay: float = 0.01,
        steps: int = 400,
        seed: int = 0,
        room: int = 0,
    ) -> None:
        self.classes = classes
        self.width = width
        self.layers = layers
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.steps = steps
        self.seed = seed
        self.room = room

    def fit(
        self, inputs: Floats, target: NDArray[Any], stop: Callable[[], bool] = lambda: False
    ) -> "Perceptron":
        """Trains on `inputs` (n, d) and `target` (n,), codes of classes or numbers of order one.

        Raises:
            Stopped: `stop()`, asked about every 0.1 s, was true.
        """
        data, outputs = self._data(inputs, target), 1
        likelihood: LikelihoodName = "gaussian"
        if self.classes:
            self.classes_, likelihood = np.arange(data.targets.shape[2]), "categorical"
            outputs = self.classes_.size
        rng = np.random.default_rng([self.seed, 5])
        widths = (self.width,) * self.layers
        drawn = initialize(rng, (inputs.shape[1], *widths, outputs), "he")
        wide = tuple(next((u for u in UNITS if u >= w), w) for w in widths)
        begun = _unseen(widened(drawn, wide), data.inputs.shape[2])
        there = tuple(unit[None] for unit in units(widths, wide))
        program = Program("relu", likelihood, "adamw", BATCH)
        settings = Settings.shared(1, self.learning_rate, self.weight_decay)
        state = start(program, settings, data, stack([begun]), [self.seed], Fixed((), there))
        for reached in walk(program, settings, data, state, [self.steps]):
            if stop():
                raise Stopped
            state = reached
        if int(state.diverged[0]) >= 0:
            warnings.warn(Diverged(int(state.diverged[0])), stacklevel=2)
        trained = narrowed(nth(state.networks(), 0), widths)
        self.network_ = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), trained)
        return self

    def predict(self, inputs: Floats) -> NDArray[Any]:
        """Numbers, or codes of the most probable class, (n,)."""
        found = self._outputs(inputs)
        return np.asarray(self.classes_[found.argmax(axis=1)] if self.classes else found[:, 0])

    def predict_proba(self, inputs: Floats) -> Floats:
        """Probabilities (n, class)."""
        return np.asarray(softmax(self._outputs(inputs), axis=1))

    def _data(self, inputs: Floats, target: NDArray[Any]) -> Data:
        count, width = inputs.shape
        rows, columns = bucket(max(ROWS, self.room, count)), INPUTS * -(-width // INPUTS)
        if self.classes:
            many = max(self.classes, int(target.max()) + 1)
            told = np.eye(many)[target.astype(np.int64)]
        else:
            told = np.asarray(target, float)[:, None]
        padded = np.zeros((1, rows, columns), np.float32)
        padded[0, :count, :width] = inputs
        targets = np.zeros((1, rows, told.shape[1]), np.float32)
        targets[0, :count] = told
        return Data(jnp.asarray(padded), jnp.asarray(targets), jnp.int32(count))

    def _outputs(self, inputs: Floats) -> Floats:
        known = inputs.shape[1]
        # By NumPy: JAX would compile a program for each number of rows.
        first, *rest = self.network_
        layers = (first._replace(weight=first.weight[:known]), *rest)
        found = forward(layers, inputs, _relu, multiply=np.matmul)  # type: ignore[arg-type]
        # Of a network that diverged, numbers that are none are as large as can be.
        return np.asarray(np.nan_to_num(np.asarray(found, float), nan=1e6, posinf=1e6, neginf=-1e6))


def _unseen(params: Params, columns: int) -> Params:
    """The network with weights of 0 from inputs beyond its own, up to `columns`."""
    first, *rest = params
    room = ((0, columns - first.weight.shape[0]), (0, 0))
    return (first._replace(weight=jnp.asarray(np.pad(np.asarray(first.weight), room))), *rest)


def _relu(values: Any) -> Any:
    return np.maximum(values, 0)
