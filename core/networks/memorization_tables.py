"""Networks, and the nearest neighbour, on labels of which a share is random: tables and checks."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.experiment import Frames
from core.networks.grid import Grid
from core.networks.memorization import Draw, by_hand, neighbours
from core.networks.memory_tables import TABLES, Curve, error, point, theory
from core.networks.mlp import count
from core.theory import Row, bound, exact, identity

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
# A network counts as having fitted its labels below this training risk, nats.
FITTED = 0.1
ZHANG, SYMMETRY = "Zhang et al., arXiv:1611.03530", "symmetry of the classes"


@dataclass
class Memorization:
    """What is known before and while the networks train. `near` are the test errors (draw, share) of
    the nearest neighbour."""

    draws: list[Draw]
    kinds: int
    width: int
    near: NDArray[np.float64]

    @classmethod
    def of(cls, draws: list[Draw], kinds: int, width: int) -> "Memorization":
        """With the nearest neighbours found."""
        near = np.empty((len(draws), len(SHARES)))
        for i, one in enumerate(draws):
            at = neighbours(one)
            wrong = [np.mean(one.labels(s)[at] != one.classes["test"]) for s in SHARES]
            near[i] = wrong
        return cls(draws, kinds, width, near)

    def tables(self, found: Grid | None = None) -> Frames:
        """The tables so far; without networks, what the nearest neighbour does."""
        parts = [point("error", "nearest neighbour", s, self.near[:, i]) for i, s in enumerate(SHARES)]
        made = {"theory": self._theory()}
        if found is not None:
            risk = _risk(found)
            parts = [*_points(risk), *parts]
            made["risk"] = TABLES["risk"].frame(risk).reset_index(drop=True)
            made["sizes"] = self._sizes(found)
        return {**made, "measured": TABLES["measured"].frame(parts)}

    def checks(self, tables: Frames, rng: np.random.Generator) -> list[Row]:
        """Predictions against the networks as they are at the end."""
        risk, many, chance = tables["risk"], len(self.draws), 1 - 1 / self.kinds
        last = risk[risk["step"] == risk["step"].max()]
        first, share = self.draws[0], np.array(SHARES)
        blind = last.loc[(last["split"] == "test") & (last["random"] == 1), "error"].to_numpy()
        added = (self.near - (1 - share) * self.near[:, :1])[:, 1:]
        steps = _steps(risk)
        never = np.isnan(steps[:, -1]) & np.isfinite(steps[:, 0])
        slower = (steps[:, -1] > steps[:, 0]) | never
        return [
            identity(
                "A network of 2n + d weights, built by hand, gives n random labels",
                first.random,
                by_hand(first.inputs["train"], first.random, rng),
                source=f"{ZHANG}, theorem 1",
                tolerance=1e-6,
            ),
            identity(
                "Trained networks fit every label, random or not: training error at every share",
                0.0,
                last.loc[last["split"] == "train", "error"],
                source=f"{ZHANG}, section 2",
            ),
            exact(
                "On random labels alone, mean test error is that of chance, 1 − 1/K",
                chance,
                blind.mean(),
                error(blind),
                source=SYMMETRY,
                replicates=many,
            ),
            exact(
                "Test error of the nearest neighbour, less (1 − ρ) e₀, is ρ (1 − 1/K) at every share",
                share[1:] * chance,
                added.mean(axis=0),
                [error(one) for one in added.T],
                source=SYMMETRY,
                replicates=many,
            ),
            bound(
                f"Random labels take more steps than true ones to a training risk of {FITTED:g} nats",
                1.0,
                float(np.median(steps[:, -1] / steps[:, 0])),
                violations=int((~slower).sum()),
                trials=many,
                allowed=0.05,
                source=f"{ZHANG}, section 2",
            ),
        ]

    def _theory(self) -> pd.DataFrame:
        chance, clean = 1 - 1 / self.kinds, float(self.near[:, 0].mean())
        curves: list[Curve] = [
            ("error", "nearest neighbour", float(s), "exact", (1 - s) * clean + s * chance)
            for s in np.linspace(0, 1, 21)
        ]
        return theory([*curves, *(("error", "test", s, "chance", chance) for s in (0.0, 1.0))])

    def _sizes(self, found: Grid) -> pd.DataFrame:
        rows, inputs = self.draws[0].inputs["train"].shape
        sizes = {
            "rows": rows,
            "classes": self.kinds,
            "inputs": inputs,
            "weights": count((inputs, self.width, self.kinds)),
            "diverged networks": int(np.isfinite(found.diverged()).sum()),
        }
        return TABLES["sizes"].frame({"quantity": list(sizes), "value": list(sizes.values())})


def _risk(found: Grid) -> pd.DataFrame:
    risk = pd.DataFrame(found.curves())
    risk["replicate"] = risk["cell"] // len(SHARES) + 1
    risk["random"] = np.array(SHARES)[risk["cell"] % len(SHARES)]
    return risk.sort_values(["random", "replicate", "split", "step"], kind="stable")


def _points(risk: pd.DataFrame) -> list[dict[str, object]]:
    train, last = risk[risk["split"] == "train"], risk[risk["step"] == risk["step"].max()]
    made = []
    for share in SHARES:
        for split in ("train", "test"):
            at = (last["split"] == split) & (last["random"] == share)
            made.append(point("error", split, share, last.loc[at, "error"].to_numpy()))
    for share in SHARES:
        risks = train[train["random"] == share].pivot(index="step", columns="replicate", values="risk")
        for step, values in zip(risks.index, risks.to_numpy(), strict=True):
            made.append(point("training risk", f"ρ = {share:g}", float(step), values))
    steps = _steps(risk)
    # A mean over the networks that got there would hide those that did not.
    steps = np.where(np.isnan(steps).any(axis=0), np.nan, steps)
    return [*made, *(point("steps", "", s, steps[:, i]) for i, s in enumerate(SHARES))]


def _steps(risk: pd.DataFrame) -> NDArray[np.float64]:
    """Steps (network, share) until the training risk is below `FITTED`; NaN where it never was."""
    train = risk[risk["split"] == "train"]
    low = train[train["risk"] < FITTED].groupby(["replicate", "random"])["step"].min()
    index = pd.MultiIndex.from_product([sorted(train["replicate"].unique()), SHARES])
    return low.reindex(index).to_numpy(float).reshape(-1, len(SHARES))
