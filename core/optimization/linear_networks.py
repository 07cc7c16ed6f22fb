"""Gradient descent on deep linear networks, and the same on their modes alone."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Layers = list[Floats]
Tick = Callable[[float], None]


class Task(NamedTuple):
    """A linear map S = left · diag(strengths) · right', which inputs of covariance C see as the
    correlation S = target · C between outputs and inputs. Theory has C = I."""

    left: Float[np.ndarray, "outputs mode"]
    strengths: Float[np.ndarray, " mode"]
    right: Float[np.ndarray, "inputs mode"]
    target: Float[np.ndarray, "outputs inputs"]
    covariance: Float[np.ndarray, "inputs inputs"]


class Course(NamedTuple):
    """At the recorded steps: the modes (replicate, mode, time), the risk ½ tr (W − T) C (W − T)'
    (replicate, time), and the largest entry of left' W right off the modes (time,). `half` is the step,
    interpolated, at which a mode passes half its strength (replicate, mode), NaN if it did not."""

    modes: Floats
    risk: Floats
    leak: Floats
    half: Floats


def task(
    features: int, strengths: Float[np.ndarray, " mode"], condition: float, rng: np.random.Generator
) -> Task:
    """A random target of these singular values, seen through inputs whose covariance has eigenvalues
    from 1 / condition to 1 in a random basis."""
    left, right, basis = (_orthogonal(features, rng) for _ in range(3))
    modes = strengths.size
    target = (left[:, :modes] * strengths) @ right[:, :modes].T
    if condition == 1.0:
        return Task(left[:, :modes], strengths, right[:, :modes], target, np.eye(features))
    covariance = (basis * np.geomspace(1 / condition, 1.0, features)) @ basis.T
    u, s, vt = np.linalg.svd(target @ covariance)
    return Task(u[:, :modes], s[:modes], vt[:modes].T, target, covariance)


def aligned(work: Task, width: int, start: float, depth: int, rng: np.random.Generator) -> Layers:
    """Layers (1, out, in) whose product has every mode of the task at `start`, shared equally, in
    random directions of the hidden units."""
    modes, size = work.strengths.size, start ** (1 / depth)
    ends = [_orthogonal(width, rng)[:, :modes] for _ in range(depth - 1)]
    bases = [work.right, *ends, work.left]
    return [(size * bases[k + 1] @ bases[k].T)[None] for k in range(depth)]


def random(
    features: int, width: int, deviation: float, replicates: int, rng: np.random.Generator
) -> Layers:
    """Two layers (replicate, out, in) of independent weights N(0, σ²)."""
    shapes = [(replicates, width, features), (replicates, features, width)]
    return [deviation * rng.standard_normal(shape) for shape in shapes]


def descend(work: Task, layers: Layers, step: float, times: NDArray[np.int64], tick: Tick) -> Course:
    """Full-batch gradient descent with a constant learning rate, recorded at the ascending `times`,
    of which the first is 0. `tick` is called with the fraction done."""
    count, modes = layers[0].shape[0], work.strengths.size
    half = np.full((count, modes), np.nan)
    seen: list[tuple[Floats, Floats, float]] = []
    middle, before, recorded = work.strengths / 2, np.full((count, modes), np.nan), 0
    # A network that diverges leaves the range of floats: its modes are then not a number.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for t in range(int(times[-1]) + 1):
            outward = _products(layers)
            whole, u = outward[-1], _modes(work, outward[-1])
            passed = np.isnan(half) & (before < middle) & (u >= middle)
            if passed.any():
                half = np.where(passed, t - 1 + (middle - before) / (u - before), half)
            before = u
            if t == times[recorded]:
                seen.append((u, _risk(work, whole), _leak(work, whole)))
                recorded += 1
                tick(t / times[-1])
            if recorded < times.size:
                layers = _stepped(work, layers, outward, step)
    parts = [np.stack(part, axis=-1) for part in zip(*seen, strict=True)]
    return Course(parts[0], parts[1], parts[2], half)


def scalar(
    strengths: Float[np.ndarray, " mode"],
    start: float,
    depth: int,
    step: float,
    times: NDArray[np.int64],
) -> tuple[Floats, Floats]:
    """The modes (mode, time) of an aligned network under gradient descent, each on its own:
    a ← a + η a^(N−1) (s − a^N), u = a^N; and the step at which each passes half its strength."""
    a = np.full(strengths.size, start ** (1 / depth))
    half, seen, recorded = np.full(a.size, np.nan), [], 0
    before = a**depth
    for t in range(int(times[-1]) + 1):
        u = a**depth
        passed = (before < strengths / 2) & (u >= strengths / 2)
        if passed.any():
            with np.errstate(divide="ignore", invalid="ignore"):
                half = np.where(passed, t - 1 + (strengths / 2 - before) / (u - before), half)
        if t == times[recorded]:
            seen.append(u)
            recorded += 1
        a, before = a + step * a ** (depth - 1) * (strengths - u), u
    return np.stack(seen, axis=-1), half


def _stepped(work: Task, layers: Layers, outward: Sequence[Floats], step: float) -> Layers:
    """One step: the gradient at layer l is −(W_N … W_{l+1})' (S − W C) (W_{l−1} … W_1)'."""
    back = step * ((work.target - outward[-1]) @ work.covariance)
    moved: Layers = []
    for k in range(len(layers) - 1, -1, -1):
        change = back @ np.swapaxes(outward[k - 1], 1, 2) if k else back
        back = np.swapaxes(layers[k], 1, 2) @ back
        moved.append(layers[k] + change)
    return moved[::-1]


def _products(layers: Layers) -> Layers:
    """W_1, W_2 W_1, … up to the whole network."""
    made = [layers[0]]
    for layer in layers[1:]:
        made.append(layer @ made[-1])
    return made


def _modes(work: Task, whole: Floats) -> Floats:
    found: Floats = np.sum(work.left * (whole @ work.right), axis=1)
    return found


def _risk(work: Task, whole: Floats) -> Floats:
    off = whole - work.target
    found: Floats = 0.5 * np.sum((off @ work.covariance) * off, axis=(1, 2))
    return found


def _leak(work: Task, whole: Floats) -> float:
    seen = np.swapaxes(whole @ work.right, 1, 2) @ work.left
    return float(np.abs(seen * (1 - np.eye(work.strengths.size))).max())


def _orthogonal(size: int, rng: np.random.Generator) -> Floats:
    q, r = np.linalg.qr(rng.standard_normal((size, size)))
    signed: Floats = q * np.sign(np.diag(r))
    return signed
