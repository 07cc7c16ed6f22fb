"""Which curves do networks of growing width fit to samples of one input?

One hidden layer of tanh units, first weights of variance 12 and biases of variance 4 for inputs scaled
to mean 0 and variance 1 on [0, 1], so that units bend within the interval; Adam on all rows for a fixed
number of steps. All samples and widths train in one program, narrower networks padded with units that
do not count.
"""

from collections.abc import Callable, Sequence

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import numpy as np
from jaxtyping import Float

from core.networks.fixed import Fixed, units, widened
from core.networks.initialization import initialize, stack
from core.networks.optimizers import Settings
from core.networks.program import Data, Program, bucket
from core.networks.training import start, walk

RATE, SPREAD = 0.05, 2.0
Floats = np.ndarray


def curves(
    inputs: Float[Floats, "sample n"],
    targets: Float[Floats, "sample n"],
    at: Float[Floats, "sample place"],
    widths: Sequence[int],
    rngs: Sequence[np.random.Generator],
    *,
    steps: int,
    tick: Callable[[], None],
) -> Float[Floats, "sample width place"]:
    """Predictions at `at` of a network of each width trained on each sample; `tick` is called about
    every 0.1 s. `rngs`, one a sample, draw the first weights."""
    samples, wide = len(inputs), max(widths)
    drawn = [
        widened(initialize(rng, (1, w, 1), "sigma", sigma_w=SPREAD, sigma_b=SPREAD / 2), (wide,))
        for rng in rngs
        for w in widths
    ]
    there = np.stack([np.asarray(units((w,), (wide,))[0]) for w in widths] * samples)
    # As many of each sample as there are widths.
    rows = np.zeros((2, samples * len(widths), bucket(inputs.shape[1]), 1), np.float32)
    for i, values in enumerate((_scaled(inputs), targets)):
        rows[i, :, : inputs.shape[1], 0] = np.repeat(values, len(widths), axis=0)
    data = Data(*jax.device_put((rows[0], rows[1], np.int32(inputs.shape[1]))))
    program, settings = Program("tanh", "gaussian", "adam"), Settings.shared(len(drawn), RATE)
    fixed = Fixed((), (jax.device_put(there),))
    state = start(program, settings, data, stack(drawn), range(len(drawn)), fixed)
    for reached in walk(program, settings, data, state, [steps]):
        tick()
        state = reached
    first, last = (
        [np.asarray(leaf, float).reshape(samples, len(widths), *leaf.shape[1:]) for leaf in layer[:2]]
        for layer in state.networks()
    )
    hidden = np.tanh(_scaled(at)[:, None, :, None] * first[0] + first[1][:, :, None])
    return np.asarray((hidden @ last[0] + last[1][:, :, None])[..., 0])


def _scaled(inputs: Floats) -> Floats:
    return np.asarray((inputs - 0.5) * np.sqrt(12))
