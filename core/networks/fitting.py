"""A training from its start, or from where the same run was stopped, to its end."""

import time
from collections.abc import Callable, Set

import core.numerics  # noqa: F401  64-bit before JAX is used
from core.networks.checkpoint import STOPPED, Checkpoint
from core.networks.fitted import Fitting
from core.networks.optimizers import Settings
from core.networks.program import State
from core.networks.training import walk


def train(
    it: Fitting,
    settings: Settings,
    begun: State,
    measured: Set[int],
    looks: Set[int],
    checkpoint: Checkpoint,
    told: Callable[[State], None],
    pause: float,
) -> State:
    """The state at the end, measured at the step numbers `measured`; early stopping looks at `looks`.

    `told(state)` hears about every `pause` seconds how far it has come. What it raises to stop the
    training leaves a checkpoint behind, from which the same run goes on.
    """
    state, left, found = begun, sorted({*measured, *looks}), checkpoint.read(begun)
    if found is not None:
        state = it.resumed(*found)
        left = [step for step in left if step > int(state.step)]
    heard, walked = time.monotonic(), walk(it.program, settings, it.group.train, state, left, pause)
    for state in walked:
        step = int(state.step)
        stops = step in looks and it.stopping is not None and it.stopping.look(state)
        if step in measured or stops:
            it.history.add(state)
        if stops:
            break
        if checkpoint.due():
            checkpoint.write(state, it.record())
        if time.monotonic() - heard > pause:
            try:
                told(state)
            except STOPPED:
                checkpoint.write(state, it.record())
                raise
            heard = time.monotonic()
    if it.stopping is not None:
        state = it.stopping.restored(state)
        it.history.close(state)
    return state
