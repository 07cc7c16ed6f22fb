"""The record of a training at the edge of stability: tables, and the checks that rest on them."""

from dataclasses import dataclass
from typing import Any

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core import theory
from core.experiment import Frames
from core.networks.edge import Measured, Method, Settings, State, growth, threshold
from core.networks.edge_tables import TABLES

Floats = NDArray[np.float64]

COHEN, ADAPTIVE = "Cohen et al., arXiv:2103.00065", "Cohen et al., arXiv:2207.14484"
DESCENT = "descent lemma, Nesterov (2004), section 1.2.3"
FORMULAS = {
    "gd": "2/η",
    "momentum": "2(1 + β)/η",
    "nesterov": "2(1 + β)/((1 + 2β)η)",
    "adam": "2(1 + β₁)/((1 − β₁)η)",
}
# The descent lemma is tested while the sharpness at both ends of a stretch is below this share of
# the threshold: between them it may be higher.
CLEAR = 0.9
# |log ratio| up to which the law holds: fluctuations about the threshold are a few percent.
TOLERANCE = 0.05


@dataclass(frozen=True)
class _Row:
    """What was measured at one position, by replicate; NaN from where one diverged."""

    step: int
    risk: Floats
    ratio: Floats
    rises: Floats


class EdgeHistory:
    """Measurements of all replicates at each position; sharpness as a ratio to the threshold."""

    def __init__(self, method: Method, settings: Settings) -> None:
        self._method, self._settings = method, settings
        self._limit = threshold(method, settings)
        self._rows: list[_Row] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, state: State, found: Measured) -> None:
        """What was measured at `state`, whose `rises` are those since the last position."""
        step, before = int(state.step), self._rows[-1].step if self._rows else 0
        sound = (np.asarray(state.diverged) < 0) & np.isfinite(found.loss)
        risk, sharpness, rises = (
            np.where(sound, np.asarray(values, float), np.nan)
            for values in (found.loss, found.sharpness, state.rises)
        )
        rises = rises / max(1, step - before)
        self._rows.append(_Row(step, risk, sharpness / self._limit, rises))

    def tables(self) -> Frames:
        """`risk`, `sharpness`, `summary`, `theory` and `overall`, as far as training has come."""
        steps = np.array([row.step for row in self._rows])
        risk, ratio, rises = (self._column(name) for name in ("risk", "ratio", "rises"))
        index = np.indices(risk.shape).reshape(2, -1)
        every = pd.DataFrame({"replicate": index[1] + 1, "step": steps[index[0]], "split": "train"})
        every = every.assign(risk=risk.ravel(), ratio=ratio.ravel(), rises=rises.ravel())
        every["sharpness"] = every["ratio"] * self._limit
        # Before its first step Adam divides by nothing yet.
        seen = every["sharpness"].notna() & ((every["step"] > 0) | (self._method != "adam"))
        crossing = np.where(_crossed(ratio) >= 0, steps[_crossed(ratio)], np.inf)
        middle = float(np.median(crossing))
        known = {"name": FORMULAS[self._method], "sharpness": self._limit}
        made = {
            "risk": every[every["risk"].notna()],
            "sharpness": every[seen],
            "summary": _summary(every[seen]),
            "theory": [{**known, "step": middle if np.isfinite(middle) else np.nan}],
            "overall": _overall(ratio, rises, crossing),
        }
        frames = {name: TABLES[name].frame(rows) for name, rows in made.items()}
        return {name: frame.reset_index(drop=True) for name, frame in frames.items()}

    def checks(self) -> list[theory.Row]:
        """The law, the threshold itself, and for gradient descent the descent lemma."""
        ratio, name = self._column("ratio"), FORMULAS[self._method]
        what = "Preconditioned sharpness" if self._method == "adam" else "Sharpness"
        source = ADAPTIVE if self._method == "adam" else COHEN
        crossed, count = int((_crossed(ratio) >= 0).sum()), ratio.shape[1]
        claim = f"{what} comes to {name} = {self._limit:.4g} and stays there"
        if crossed < count:
            claim += f" (reached by {crossed} of {count} replicates)"
        late = self._limit * _late(ratio)
        late = late[np.isfinite(late)] if np.isfinite(late).any() else late
        rows = [theory.empirical_law(claim, self._limit, late, source=source, tolerance=TOLERANCE)]
        claim = f"On a quadratic of curvature {name} the method neither grows nor shrinks: largest root"
        grows = growth(self._method, self._settings, self._limit)
        rows.append(theory.identity(claim, 1.0, grows, source=source))
        return rows + (self._descent() if self._method == "gd" else [])

    def notes(self, state: State) -> list[str]:
        """What went otherwise than theory supposes."""
        ratio, steps = self._column("ratio"), self._rows[-1].step
        diverged = enumerate(np.asarray(state.diverged), start=1)
        notes = [f"Replicate {r} diverged at step {at:,}." for r, at in diverged if at >= 0]
        never = (_crossed(ratio) < 0) & np.isfinite(ratio).all(axis=0)
        if never.any():
            notes.append(
                f"In {never.sum()} of {never.size} replicates the sharpness did not reach the "
                f"threshold within {steps:,} steps; the highest came to {ratio[:, never].max():.2f} of "
                "it. It rises only while there is something left to fit: harder labels, more steps or "
                "a larger step size."
            )
        return notes

    def _descent(self) -> list[theory.Row]:
        below = _below(self._column("ratio"))
        if not below.any():
            return []
        stretch = np.diff([row.step for row in self._rows])[:, None]
        rose = int(np.where(below, np.round(self._column("rises")[1:] * stretch), 0).sum())
        trials = int((below * stretch).sum())
        claim = f"Share of the steps below {CLEAR:g} · 2/η on which the risk rises"
        share = rose / trials
        return [
            theory.bound(claim, 0.0, share, violations=rose, trials=trials, allowed=0.0, source=DESCENT)
        ]

    def _column(self, name: str) -> Floats:
        """One measurement as (position, replicate)."""
        return np.stack([getattr(row, name) for row in self._rows])


def _crossed(ratio: Floats) -> NDArray[np.int64]:
    """The first position of each replicate at or above the threshold, −1 where there is none."""
    above = ratio >= 1
    return np.where(above.any(axis=0), above.argmax(axis=0), -1)


def _late(ratio: Floats) -> Floats:
    """Each replicate's median ratio from its first crossing on, or over the last quarter."""
    begin = np.where(_crossed(ratio) >= 0, _crossed(ratio), 3 * len(ratio) // 4)
    lasts = [ratio[at:, r] for r, at in enumerate(begin)]
    return np.array([np.nanmedian(last) if np.isfinite(last).all() else np.nan for last in lasts])


def _below(ratio: Floats) -> NDArray[np.bool_]:
    """The stretches (position after the first, replicate) that end before a replicate's sharpness
    first came near the threshold."""
    return ~np.logical_or.accumulate(~(ratio < CLEAR), axis=0)[1:]


def _summary(every: pd.DataFrame) -> pd.DataFrame:
    long = every.melt(["step"], ["risk", "sharpness"], "quantity")
    found = long.groupby(["quantity", "step"], sort=True)["value"].agg(["median", "min", "max"])
    return found.rename(columns={"min": "lowest", "max": "highest"}).reset_index()


def _overall(ratio: Floats, rises: Floats, crossing: Floats) -> list[dict[str, Any]]:
    below = _below(ratio)
    first = _crossed(ratio)
    after = np.arange(1, len(ratio))[:, None] > np.where(first >= 0, first, len(ratio))
    rows = [
        ("ratio late", _late(ratio), "threshold"),
        ("first crossing", crossing, "steps"),
        ("rises before", _shares(rises[1:], below), "share of steps"),
        ("rises after", _shares(rises[1:], after), "share of steps"),
    ]
    found = [{"quantity": name, "unit": unit, **_mean(values)} for name, values, unit in rows]
    count = {"value": float((first >= 0).sum()), "standard_error": np.nan}
    return [*found, {"quantity": "crossed", "unit": f"of {ratio.shape[1]} replicates", **count}]


def _shares(rises: Floats, chosen: NDArray[np.bool_]) -> Floats:
    """Mean share of rises over the chosen stretches of each replicate; NaN where there are none."""
    count = chosen.sum(axis=0)
    total = np.where(chosen, rises, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(1, count), np.nan)


def _mean(values: Floats) -> dict[str, float]:
    known = values[np.isfinite(values)]
    error = known.std(ddof=1) / np.sqrt(known.size) if known.size > 1 else np.nan
    return {"value": known.mean() if known.size else np.nan, "standard_error": error}
