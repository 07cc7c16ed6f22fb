"""Networks along width, samples or steps: tables, and checks of where the test risk peaks."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.experiment import Frames
from core.linear.descent_tables import TABLES
from core.networks.descent import LABELS, Plan, Pool
from core.networks.grid import Grid
from core.theory import Row, bound, empirical_law

Floats = NDArray[np.float64]

BELKIN = "Belkin et al., arXiv:1812.11118"
NAKKIRAN = "Nakkiran et al., arXiv:1912.02292"
# Training risk, as a share of that of the mean of the labels, below which a network has fitted them:
# batches leave 1 to 2 %. Against steps, the first steps of Adam are no part of the curve that counts:
# it begins where half is left.
FITTED, BEGUN = 0.05, 0.5
# The least factor that counts as a rise or a fall of test risk against steps.
RISE = 1.02


@dataclass(frozen=True)
class Turns:
    """Of curves (replicate, step): their least value up to the peak, their peak past it, where that is,
    and their end."""

    first: Floats
    peak: Floats
    at: NDArray[np.int64]
    last: Floats


@dataclass(frozen=True)
class Record:
    """What is known before and while the networks train."""

    pool: Pool
    plan: Plan

    def tables(self, found: Grid) -> Frames:
        """The tables so far."""
        risk, summary = self._risk(found), pd.DataFrame()
        if len(risk):
            summary = _summary(risk, self.plan.axis == "step")
        made = {
            "risk": risk,
            "summary": summary,
            "theory": self._theory(),
            "thresholds": self._thresholds(summary),
            "networks": self._networks(found),
        }
        return {name: TABLES[name].frame(rows).reset_index(drop=True) for name, rows in made.items()}

    def checks(self, tables: Frames) -> list[Row]:
        """Where the noisy networks' test risk peaks, and what noise has to do with it."""
        risk, axis = tables["risk"], self.plan.axis
        test, fit = (
            {
                label: risk[(risk["split"] == split) & (risk["labels"] == label)].pivot(
                    index="replicate", columns=axis, values="risk"
                )
                for label in LABELS
            }
            for split in ("test", "train")
        )
        if axis == "step":
            return self._along_steps(test, fit)
        ratio = test["noisy"].columns.to_numpy(float)
        law = partial(empirical_law, tolerance=float(np.log(2)), source=BELKIN)
        many, noisy, true = self.plan.replicates, test["noisy"].to_numpy(), test["true"].to_numpy()
        place = self._threshold()
        low = fit["noisy"].to_numpy() < FITTED * self._null("train")
        last = noisy[:, -1]
        if axis == "samples":
            # The most samples that are fitted; where risk is lowest in the end is the right.
            fitted = np.where(
                low.any(axis=1), ratio[low.shape[1] - 1 - low[:, ::-1].argmax(axis=1)], np.nan
            )
            words = "fit noisy labels up to"
        else:
            fitted = np.where(low.any(axis=1), ratio[low.argmax(axis=1)], np.nan)
            words = "fit noisy labels from"
        unit = "n = P / K" if axis == "samples" else "P = n K"
        peak = _top(noisy)
        return [
            law(
                f"Test risk on noisy labels peaks within a factor 2 of {unit}", place, _at(ratio, noisy)
            ),
            law(f"Networks {words} {unit}, within a factor 2", place, fitted),
            bound(
                "Label noise raises the peak of the test risk: noisy over true labels above 1",
                1.0,
                float(np.median(peak / _top(true))),
                violations=int((~(peak > _top(true))).sum()),
                trials=many,
                allowed=0.05,
                source=NAKKIRAN,
            ),
            bound(
                f"Test risk falls again: peak over that of the last point ({axis}) above 1.1",
                1.1,
                float(np.median(peak / last)),
                violations=int((~(peak > 1.1 * last)).sum()),
                trials=many,
                allowed=0.05,
                source=NAKKIRAN,
            ),
        ]

    def _along_steps(self, test: dict[str, pd.DataFrame], fit: dict[str, pd.DataFrame]) -> list[Row]:
        steps = fit["noisy"].columns.to_numpy(float)
        noisy, true = (self._turns(test[label].to_numpy(), fit[label].to_numpy()) for label in LABELS)
        low = fit["noisy"].to_numpy() < FITTED * self._null("train")
        fitted = np.where(low.any(axis=1), steps[low.argmax(axis=1)], np.nan)
        count = partial(
            bound, trials=self.plan.replicates, allowed=0.05, source=f"{NAKKIRAN}, section 6"
        )
        rise, fall = noisy.peak / noisy.first, noisy.peak / noisy.last
        ordinary = true.peak / true.first
        return [
            count(
                f"Test risk on noisy labels rises from its first minimum, by a factor above {RISE}",
                RISE,
                float(np.median(rise)),
                violations=int((~(rise > RISE)).sum()),
            ),
            count(
                f"Past its peak it falls until the last step, by a factor above {RISE}",
                RISE,
                float(np.median(fall)),
                violations=int((~(fall > RISE)).sum()),
            ),
            count(
                "Label noise makes the rise larger: its factor over that on true labels above 1",
                1.0,
                float(np.median(rise / ordinary)),
                violations=int((~(rise > ordinary)).sum()),
            ),
            empirical_law(
                "Test risk peaks within a factor 4 of the step where the labels are fitted",
                float(np.median(fitted)),
                steps[noisy.at],
                source=NAKKIRAN,
                tolerance=float(np.log(4)),
            ),
        ]

    def _turns(self, test: Floats, fit: Floats) -> Turns:
        """Of test risk (replicate, step), from where the training risk has fallen by half."""
        return _turns(np.where(fit < BEGUN * self._null("train"), test, np.nan))

    def _threshold(self) -> float:
        """Where parameters are as many as training values, in the unit of the axis."""
        if self.plan.axis == "samples":
            return self.pool.parameters(int(self.plan.widths[0])) / self.pool.outputs
        return 1.0 if self.plan.axis == "ratio" else np.nan

    def _null(self, split: str) -> float:
        """Risk of predicting the mean of the labels, from their law over all rows; on noisy labels in
        the training part."""
        target = self.pool.target
        if self.pool.outputs == 1:
            return float(target.var())
        share = np.bincount(target, minlength=self.pool.classes) / target.size
        if split == "train":
            other = (1 - share) / (self.pool.classes - 1)
            share = (1 - self.plan.noise) * share + self.plan.noise * other
        return float(1 - np.sum(share**2))

    def _sizes(self) -> pd.DataFrame:
        """Place in the plan by place: width, samples, parameters, ratio."""
        parameters = np.array([self.pool.parameters(int(w)) for w in self.plan.widths])
        samples = self.plan.samples
        widths = {"width": self.plan.widths, "features": self.plan.widths}
        sizes = {**widths, "samples": samples, "parameters": parameters}
        return pd.DataFrame({**sizes, "ratio": parameters / (samples * self.pool.outputs)})

    def _about(self, cells: NDArray[np.int64]) -> pd.DataFrame:
        """Replicate, label and sizes of each of the `cells`."""
        each = self.plan.widths.size
        about = self._sizes().iloc[cells % each].reset_index(drop=True)
        about["labels"] = np.array(LABELS)[cells // each % 2]
        return about.assign(replicate=cells // (2 * each))

    def _risk(self, found: Grid) -> pd.DataFrame:
        curves = pd.DataFrame(found.curves())
        if self.plan.axis != "step" and len(curves):
            last = curves.groupby("cell")["step"].transform("max")
            curves = curves[curves["step"] == last].reset_index(drop=True)
        about = self._about(curves["cell"].to_numpy())
        risk = pd.concat([about, curves[["split", "step", "risk"]]], axis=1)
        return risk.sort_values(["replicate", "labels", "split", self.plan.axis], kind="stable")

    def _theory(self) -> pd.DataFrame:
        sizes = self._sizes().iloc[[0, -1]]
        return sizes.assign(split="test", formula="mean", risk=self._null("test"))

    def _thresholds(self, summary: pd.DataFrame) -> pd.DataFrame:
        made = []
        for label in LABELS if len(summary) else ():
            own, axis = summary[summary["labels"] == label], self.plan.axis
            fit, test = (own[own["split"] == part] for part in ("train", "test"))
            low = fit.loc[fit["risk"] < FITTED * self._null("train"), axis]
            values = test["risk"].to_numpy()
            if axis == "step":
                turns = self._turns(values[None], fit["risk"].to_numpy()[None])
                peak, risk = test[axis].iloc[int(turns.at[0])], turns.peak[0]
            else:
                peak, risk = _at(test[axis].to_numpy(float), values[None])[0], _top(values[None])[0]
            row = {"labels": label, "axis": axis, "predicted": self._threshold(), "peak": peak}
            edge = low.max() if axis == "samples" else low.min()
            made.append({**row, "interpolation": edge, "risk": risk})
        return pd.DataFrame(made)

    def _networks(self, found: Grid) -> pd.DataFrame:
        diverged = found.diverged()
        return self._about(np.arange(diverged.size)).assign(diverged_step=diverged)


def _turns(curves: Floats) -> Turns:
    """The peak is where the curve stands highest above its least value before."""
    least = np.fmin.accumulate(curves, axis=1)
    at = np.nan_to_num(curves / least, nan=0.0).argmax(axis=1)
    along = np.arange(len(curves))
    return Turns(least[along, at], curves[along, at], at, curves[:, -1])


def _top(values: Floats) -> Floats:
    """The highest value of each replicate; a network that diverged is left out."""
    return np.asarray(np.nan_to_num(values, nan=-np.inf).max(axis=1))


def _at(places: Floats, values: Floats) -> Floats:
    """Where each replicate has its highest value."""
    return np.asarray(places[np.nan_to_num(values, nan=-np.inf).argmax(axis=1)])


def _summary(risk: pd.DataFrame, by_step: bool) -> pd.DataFrame:
    keys = [
        "split",
        "labels",
        "samples",
        "features",
        "parameters",
        "ratio",
        *(["step"] if by_step else []),
    ]
    grouped = risk.groupby(keys, sort=True)["risk"]
    made = grouped.agg(risk="mean", standard_error="sem", median="median").reset_index()
    if not by_step:
        made["step"] = risk["step"].max()
    for name, share in (("lower", 0.1), ("upper", 0.9)):
        made[name] = grouped.quantile(share).to_numpy()
    return made
