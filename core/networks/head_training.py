"""Networks with different heads, trained side by side on the same rows in one compiled program."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import numpy as np

from core.experiment import Report
from core.networks import heads
from core.networks.initialization import initialize, stack
from core.networks.mlp import forward
from core.networks.names import Head
from core.networks.optimizers import Settings
from core.networks.predictive import Floats, Law, Unit, law
from core.networks.program import Data, Program, bucket
from core.networks.training import start, walk

BATCH = 64
PROGRAM = Program("tanh", heads.TOGETHER, "adam", BATCH, "cosine")


@dataclass(frozen=True)
class Rows:
    """One replicate's rows: inputs (n, d), standardised by the training part, and targets (n,)."""

    train_inputs: Floats
    train_targets: Floats
    test_inputs: Floats
    test_targets: Floats
    center: Floats
    spread: Floats

    def standardized(self, inputs: Floats) -> Floats:
        """Inputs (n, d) in their own units as the networks see them."""
        return (inputs - self.center) / self.spread


def rows(train: tuple[Floats, Floats], test: tuple[Floats, Floats]) -> Rows:
    """Inputs (n, d) and targets (n,) of both parts, in their own units."""
    center, spread = train[0].mean(axis=0), train[0].std(axis=0)
    spread = np.where(spread > 1e-12 * np.maximum(1.0, np.abs(center)), spread, 1.0)
    inputs = [(part[0] - center) / spread for part in (train, test)]
    return Rows(inputs[0], train[1], inputs[1], test[1], center, spread)


@dataclass(frozen=True)
class Trained:
    """A network with its head, as it predicts. `diverged` is the step at which its loss was first
    not finite, −1 where it always was."""

    head: Head
    replicate: int
    layers: Any
    unit: Unit
    diverged: int

    def outputs(self, inputs: Floats) -> Floats:
        """In 64 bits, by numpy: inputs are standardised (n, d)."""
        made: Any = forward(self.layers, inputs, np.tanh, multiply=np.matmul)  # type: ignore[arg-type]
        return np.asarray(made, np.float64)

    def law(self, inputs: Floats, column: bool = False) -> Law:
        """The law of the target at each of the inputs; as a column of laws, to meet many targets."""
        found = self.outputs(inputs)
        return law(self.head, found[:, None] if column else found, self.unit)


def trained(
    each: Sequence[Rows],
    of: Sequence[Head],
    *,
    whole: bool,
    width: int,
    steps: int,
    learning_rate: float,
    rngs: Sequence[np.random.Generator],
    report: Report,
    within: tuple[float, float] = (0.05, 0.7),
) -> list[Trained]:
    """A network 'inputs'-`width`-9 for each head and replicate, the same initial weights for all
    heads of a replicate; tanh, Adam, batches of 64, a rate that falls as a cosine."""
    found: list[Trained] = []
    for replicate, (one, rng) in enumerate(zip(each, rngs, strict=True)):
        # A replicate at a time, so that any number of them shares a program.
        size = (one.train_inputs.shape[1], width, heads.OUTPUTS)
        first, seed = initialize(rng, size, "glorot", output_scale=0.5), int(rng.integers(2**32))
        unit = _unit(one.train_targets, whole)
        settings = Settings.shared(len(of), learning_rate, total=float(steps))
        data = _data(one, unit, of)
        begun = start(PROGRAM, settings, data, stack([first] * len(of)), [seed] * len(of))
        for state in walk(PROGRAM, settings, data, begun, [steps]):
            done = (replicate + int(state.step) / steps) / len(each)
            said = f"training {len(of)} networks, replicate {replicate + 1} of {len(each)}"
            report(within[0] + (within[1] - within[0]) * done, said)
        layers = jax.tree.map(lambda p: np.asarray(p, np.float64), state.params)
        for place, head in enumerate(of):
            own, when = jax.tree.map(itemgetter(place), layers), int(state.diverged[place])
            net = Trained(head, replicate, own, unit, when)
            found.append(_with_residual(net, one) if head == "squared-error" else net)
    return found


def _data(part: Rows, unit: Unit, of: Sequence[Head]) -> Data:
    """The training part as each head takes it, padded to a bucket."""
    count = part.train_targets.size
    room = ((0, bucket(count) - count), (0, 0))
    inputs = np.pad(part.train_inputs, room).astype(np.float32)
    made = [heads.encoded(part.train_targets, head, *_told(unit)) for head in of]
    targets = np.stack([np.pad(one, room) for one in made]).astype(np.float32)
    return Data(*jax.device_put((np.stack([inputs] * len(of)), targets, np.int32(count))))


def _with_residual(net: Trained, rows: Rows) -> Trained:
    """With the constant spread that maximises the likelihood of the training part."""
    unit = net.unit
    scaled = (rows.train_targets - unit.center) / unit.spread
    residual = float(np.sqrt(np.mean((scaled - net.outputs(rows.train_inputs)[:, 0]) ** 2)))
    known = Unit(unit.center, unit.spread, unit.mean, unit.whole, max(residual, np.exp(-heads.LIMIT)))
    return Trained(net.head, net.replicate, net.layers, known, net.diverged)


def _unit(target: Floats, whole: bool) -> Unit:
    mean = max(float(target.mean()), 1e-3) if whole else 1.0
    return Unit(float(target.mean()), float(target.std()) or 1.0, mean, whole)


def _told(unit: Unit) -> tuple[float, float, float]:
    return unit.center, unit.spread, unit.mean


def losses(net: Trained, inputs: Floats, target: Floats, compiled: Callable[[Any, Any], Any]) -> Floats:
    """The loss of each row by the compiled `heads.loss`, in nats of the target as it was given."""
    unit = net.unit
    made = compiled(net.outputs(inputs), heads.encoded(target, net.head, *_told(unit)))
    found = np.asarray(made, np.float64)
    return found if net.head in ("poisson", "negative-binomial") else found + np.log(unit.spread)
