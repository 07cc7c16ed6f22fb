"""Early stopping: each replicate goes back to where its validation risk was least (Prechelt 1998)."""

from collections.abc import Mapping
from typing import Any

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Bool
from numpy.typing import NDArray

from core.networks.measures import measure
from core.networks.program import Data, Program, State


class EarlyStopping:
    """Looks at the loss on `validation` whenever told; a replicate ends once `patience` steps have
    passed without a new least one, or once it diverged. All train on until the last has ended, but
    what comes after a replicate's end does not count for it."""

    def __init__(self, program: Program, validation: Data, patience: int) -> None:
        self._program, self._validation, self._patience = program, validation, patience
        self._steps: list[int] = []
        self._losses: list[NDArray[np.float64]] = []
        self._kept: Any = None
        replicates = validation.inputs.shape[0]
        self._least = np.full(replicates, np.inf)
        self._end = np.full(replicates, -1)
        self.best = np.zeros(replicates, int)

    @property
    def ended(self) -> NDArray[np.bool_]:
        """Which replicates (replicate,) have ended."""
        return self._end >= 0

    @property
    def looks(self) -> int:
        """How often it has looked."""
        return len(self._steps)

    def look(self, state: State) -> bool:
        """Measures, and says whether every replicate has ended."""
        step = int(state.step)
        found = measure(self._program, state.networks(), self._validation, False).loss
        loss = np.where(self.ended, np.nan, np.asarray(found, float))
        self._steps.append(step)
        self._losses.append(loss)
        better = loss < self._least
        self._least = np.where(better, loss, self._least)
        self.best = np.where(better, step, self.best)
        now = (state.params, state.running)
        self._kept = now if self._kept is None else _chosen(better, now, self._kept)
        lost = ~np.isfinite(loss) | (np.asarray(state.diverged) >= 0)
        ends = ~self.ended & (lost | (step - self.best >= self._patience))
        self._end = np.where(ends, step, self._end)
        return bool(self.ended.all())

    def restored(self, state: State) -> State:
        """The state with each network as it was at its least validation loss. One that diverged after
        it had ended did not diverge."""
        params, running = self._kept
        steps = np.asarray(state.diverged)
        diverged = np.where(self.ended & (steps > self._end), -1, steps).astype(np.int32)
        return state._replace(params=params, running=running, diverged=jax.device_put(diverged))

    def record(self) -> dict[str, NDArray[Any]]:
        """All of it as arrays, from which `restore` makes it again."""
        kept = {f"kept {i}": np.asarray(leaf) for i, leaf in enumerate(jax.tree.leaves(self._kept))}
        return {
            "looks": np.array(self._steps, np.int64),
            "losses": np.array(self._losses),
            "least": self._least,
            "end": self._end,
            "best": self.best,
            **kept,
        }

    def restore(self, record: Mapping[str, NDArray[Any]], like: State) -> None:
        """Takes up what `record` gave; `like` has the shapes of the networks."""
        self._steps = [int(step) for step in record["looks"]]
        self._losses = list(record["losses"])
        self._least, self._end, self.best = (record[name] for name in ("least", "end", "best"))
        if self._steps:
            leaves, tree = jax.tree.flatten((like.params, like.running))
            kept = [jax.device_put(record[f"kept {i}"]) for i in range(len(leaves))]
            self._kept = jax.tree.unflatten(tree, kept)

    def curves(self) -> dict[str, NDArray[Any]]:
        """Columns `replicate` (from 0), `step` and `loss`, as far as each replicate was looked at."""
        losses = np.stack(self._losses)
        position, replicate = np.nonzero(~np.isnan(losses))
        step = np.array(self._steps)[position]
        return {"replicate": replicate, "step": step, "loss": losses[position, replicate]}


@jax.jit
def _chosen(better: Bool[Array, " replicate"], new: Any, old: Any) -> Any:
    def of(fresh: Array, kept: Array) -> Array:
        return jnp.where(jnp.expand_dims(better, tuple(range(1, fresh.ndim))), fresh, kept)

    return jax.tree.map(of, new, old)
