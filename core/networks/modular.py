"""When does a network that has learned some of the sums modulo p know the others?

Inputs are two numbers a and b from 0 to p − 1, each an indicator; the target is the indicator of
a + b modulo p. The network has one hidden layer of quadratic units; the loss is the squared error,
summed over the p outputs.

3 (p − 1) such units give every sum exactly, for odd p. For each frequency k = 1 … (p − 1)/2 and
j = 0 … 5, with phases α = 2πj/6 and β = 8πj/6, a unit is

    (cos(2πka/p + α) + cos(2πkb/p + β))²   and adds   2/(3p) cos(2πkc/p + α + β) times that

to output c. Multiplied out, the one product whose phase is the same for all j is
½ cos(2πk(a + b − c)/p); the others have phases (mα + nβ) with (m, n) among (1, 1), (1, −1), (−1, 1),
(2, 0), (0, 2), (2, 2), (3, 1), (1, 3), and cancel in the sum over j. Over k those cosines sum to p/2
times the indicator of c = a + b, minus ½: with a bias of 1/p the output is that indicator.

Source: Gromov, arXiv:2301.02679: the same network with random phases, exact in the limit of
many units. The six phases, which make it exact at a finite width, are derived here.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import numpy as np
from numpy.typing import DTypeLike, NDArray

from core.networks.initialization import initialize, stack
from core.networks.mlp import Layer, Params
from core.networks.optimizers import Settings
from core.networks.program import Data, Program, bucket
from core.networks.training import start, walk

Floats = NDArray[np.floating]
Ints = NDArray[np.int64]
# Weight and bias of each layer, in numpy.
Network = list[tuple[Floats, Floats]]

PROGRAM = Program("quadratic", "gaussian", "adamw")
# Phases of the built network, in turns: six units a frequency.
PHASES = np.array([[j / 6, 4 * j / 6] for j in range(6)])


class Draw(NamedTuple):
    """One replicate: the right answer (p²,) to each pair, which pairs are trained on and which are
    new, and the network at its start. Pair p a + b is that of a and b."""

    answers: Ints
    train: Ints
    test: Ints
    network: Network


class Seen(NamedTuple):
    """What was measured on a network: risk and accuracy on training and on new pairs, the norm of
    its weights, `concentration`, the mean over units of the share of power at a unit's strongest
    frequency, and `phases`, the mean of cos(α + β − γ) at it, weighted by power. Not numbers where it
    has diverged."""

    risk: tuple[float, float]
    accuracy: tuple[float, float]
    norm: float
    concentration: float
    phases: float


def draw(p: int, share: float, width: int, arbitrary: bool, rng: np.random.Generator) -> Draw:
    """A share of the pairs to train on and a network. With `arbitrary` answers each is drawn anew and
    nothing can be known of new pairs."""
    order = rng.permutation(p * p)
    n = round(share * p * p)
    answers = rng.integers(0, p, p * p) if arbitrary else sums(p)
    return Draw(answers, order[:n], order[n:], untrained(p, width, rng))


def sums(p: int) -> Ints:
    """a + b modulo p of every pair (p²,)."""
    return np.asarray(np.add.outer(np.arange(p), np.arange(p)).ravel() % p, np.int64)


def untrained(p: int, width: int, rng: np.random.Generator, dtype: DTypeLike = np.float32) -> Network:
    """Gaussian weights of variance 1 / inputs, no biases."""
    return _numpy(initialize(rng, (2 * p, width, p), "lecun", dtype=dtype))


def built(p: int) -> Network:
    """The network of 3 (p − 1) units that gives every sum, for odd p."""
    k = np.repeat(np.arange(1, (p + 1) // 2), len(PHASES))
    alpha, beta = np.tile(2 * np.pi * PHASES, ((p - 1) // 2, 1)).T
    turn = 2 * np.pi * np.outer(np.arange(p), k) / p
    first = np.concatenate([np.cos(turn + alpha), np.cos(turn + beta)])
    second = 2 / (3 * p) * np.cos(turn + alpha + beta).T
    return [(first, np.zeros(k.size)), (second, np.full(p, 1 / p))]


def outputs(network: Network) -> Floats:
    """The outputs (p², p) for every pair. Of indicators, a product with the weights is a sum of two of
    their rows."""
    (first, bias), (second, offset) = network
    p = len(first) // 2
    hidden = (first[:p, None] + first[None, p:] + bias).reshape(p * p, -1)
    return np.asarray(hidden * hidden @ second + offset)


def look(network: Network, answers: Ints, parts: Sequence[Ints]) -> Seen:
    """Measures a network on `parts` of the pairs, two of them."""
    weights = network[0][0], network[1][0]
    # A network that diverges grows beyond all numbers.
    with np.errstate(all="ignore"):
        made = outputs(network)
        # Σ (z − y)² over the outputs, y an indicator.
        loss = np.sum(made * made, axis=1) - 2 * made[np.arange(answers.size), answers] + 1
        if not np.isfinite(loss).all():
            return Seen((np.nan, np.nan), (np.nan, np.nan), np.nan, np.nan, np.nan)
        right = made.argmax(axis=1) == answers
        power, at = _powers(*weights)
        gathered, together = float(spectrum(power[:2])[0]), _phases(power, at)
    return Seen(
        risk=(float(loss[parts[0]].mean()), float(loss[parts[1]].mean())),
        accuracy=(float(right[parts[0]].mean()), float(right[parts[1]].mean())),
        norm=float(np.sqrt(sum(np.sum(w.astype(np.float64) ** 2) for w in weights))),
        concentration=gathered,
        phases=together,
    )


def spectrum(power: Floats) -> Floats:
    """The share of power (frequency,) at a unit's strongest frequency, second strongest and so on, the
    mean over all leading axes of `power` (..., frequency)."""
    shares = np.sort(power / power.sum(axis=-1, keepdims=True), axis=-1)[..., ::-1]
    return np.asarray(shares.reshape(-1, shares.shape[-1]).mean(axis=0), np.float64)


def first_spectrum(network: Network) -> Floats:
    """`spectrum` of the first layer's weights, those for a and those for b; not a number where they are
    not finite."""
    with np.errstate(all="ignore"):
        return spectrum(_powers(network[0][0], network[1][0])[0][:2])


def random_spectrum(p: int) -> Floats:
    """What `spectrum` is on average for independent Gaussian weights, odd p: powers at the m = (p − 1)/2
    frequencies are independent and exponential, so that the r-th largest share is (1/m) Σ_{i≥r} 1/i.

    Source: Rényi (1953), Acta Mathematica Hungarica 4, 191–231, for exponential order statistics.
    """
    m = (p - 1) // 2
    return np.asarray(np.cumsum(1 / np.arange(m, 0, -1.0))[::-1] / m)


def train(
    draws: Sequence[Draw], rate: float, decay: float, positions: list[int]
) -> Iterator[tuple[int, list[Network]]]:
    """Trains the networks of all draws together by AdamW on all their training pairs: step number and
    networks at each of the ascending `positions`, and about every tenth of a second between, then
    without networks."""
    p, rows, many = len(draws[0].network[1][1]), draws[0].train.size, len(draws)
    inputs = np.zeros((many, bucket(rows), 2 * p), np.float32)
    targets = np.zeros((many, bucket(rows), p), np.float32)
    for one, x, y in zip(draws, inputs, targets, strict=True):
        at = np.arange(rows)
        x[at, one.train // p] = x[at, p + one.train % p] = y[at, one.answers[one.train]] = 1
    data = Data(*jax.device_put((inputs, targets, np.int32(rows))))
    settings = Settings.shared(many, rate, decay)
    begun = start(PROGRAM, settings, data, stack([_layers(one.network) for one in draws]), range(many))
    for state in walk(PROGRAM, settings, data, begun, positions):
        step = int(state.step)
        if step in positions:
            layers = _numpy(state.params)
            yield step, [[(w[i], b[i]) for w, b in layers] for i in range(many)]
        else:
            yield step, []


def _powers(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Power and phase (part, unit, frequency) of a unit's weights for a, for b and for the outputs."""
    p = second.shape[1]
    parts = np.stack([first[:p].T, first[p:].T, second]).astype(np.float64)
    found = np.fft.rfft(parts, axis=-1)[..., 1:]
    return found.real**2 + found.imag**2, np.angle(found)


def _phases(power: Floats, at: Floats) -> float:
    """Mean of cos(α + β − γ) at the frequency at which the product of a unit's three powers is
    largest, weighted by the root of that product."""
    together = np.sqrt(power.prod(axis=0))
    best = together.argmax(axis=-1)[:, None]
    alpha, beta, gamma = (np.take_along_axis(one, best, -1)[:, 0] for one in at)
    weight = np.take_along_axis(together, best, -1)[:, 0]
    return float(np.sum(weight * np.cos(alpha + beta - gamma)) / np.sum(weight))


def _numpy(params: Params) -> Network:
    return [(np.asarray(layer.weight), np.asarray(layer.bias)) for layer in params]


def _layers(network: Network) -> Params:
    return tuple(Layer(*jax.device_put((weight, bias))) for weight, bias in network)
