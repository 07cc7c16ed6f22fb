"""Which families can have a sample's skewness and kurtosis, and how far chance moves both.

Skewness is m₃ / m₂^(3/2) and kurtosis m₄ / m₂² (3 for the normal), mᵣ the mean r-th power of the
distance from the mean, without correction for bias: a sample is then a law like any other, and
Pearson's inequality, kurtosis ≥ skewness² + 1, holds of it too. In small samples both are low where
tails are heavy; in samples drawn from a fit they are as low as in the data.

Sources: Cullen & Frey 1999, Probabilistic Techniques in Exposure Assessment, chapter 4; Pearson 1916,
Philosophical Transactions A 216, 429 (the inequality); Efron 1979, Annals of Statistics 7, 1.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from core import theory
from core.families.diagnostic_layout import MOMENTS
from core.families.family import Floats
from core.families.quiet import quiet
from core.families.result import Fit

# The sample is the furthest of itself and 499 draws with probability 1/500, were the fit true.
DRAWS, RESAMPLES = 499, 200
# Values drawn at most, for all draws and for all resamples: about half a second each.
DRAWN, RESAMPLED = 10_000_000, 5_000_000
# Values at once, and the fewest resamples that show a cloud.
ROOM, FEWEST = 1 << 18, 20

Progress = Callable[[float], None]


def moments(x: Floats) -> tuple[Floats, Floats]:
    """Skewness and kurtosis (...,) of the values x (..., n); NaN where all are equal."""
    with quiet():
        z = x / np.maximum(np.abs(x).max(axis=-1, keepdims=True), np.finfo(float).tiny)
        z = z - z.mean(axis=-1, keepdims=True)
        square = z * z
        m2 = square.mean(axis=-1)
        m3, m4 = (square * z).mean(axis=-1), (square * square).mean(axis=-1)
        equal = np.ptp(x, axis=-1) == 0
        return np.where(equal, np.nan, m3 / m2**1.5), np.where(equal, np.nan, m4 / m2**2)


def resampled(x: Floats, generator: np.random.Generator, progress: Progress) -> Floats:
    """Skewness and kurtosis (r, 2) of `RESAMPLES` resamples of x (n,), of fewer where n is large."""
    wanted = int(np.clip(RESAMPLED // x.size, FEWEST, RESAMPLES))
    return _each(lambda m: x[generator.integers(0, x.size, (m, x.size))], x.size, wanted, progress)


def drawn(fit: Fit, generator: np.random.Generator, progress: Progress) -> Floats:
    """Skewness and kurtosis (r, 2) of `DRAWS` samples of a fitted law, of the size of its own; of
    none where those would be too many values."""
    n = round(fit.n)
    if n * DRAWS > DRAWN:
        return np.empty((0, 2))
    law = fit.distribution
    with quiet():
        return _each(lambda m: law.rvs((m, n), random_state=generator), n, DRAWS, progress)


def _each(draw: Callable[[int], Floats], n: int, wanted: int, progress: Progress) -> Floats:
    parts, batch = [], max(1, ROOM // n)
    for first in range(0, wanted, batch):
        progress(first / wanted)
        parts.append(np.column_stack(moments(np.asarray(draw(min(batch, wanted - first)), float))))
    return np.concatenate(parts)


def of_law(fit: Fit) -> tuple[float, float]:
    """Skewness and kurtosis of the fitted law itself; infinite or NaN where it has none."""
    with quiet():
        skewness, excess = (float(v) for v in fit.distribution.stats(moments="sk"))
    return skewness, excess + 3


def table(fits: list[Fit], own: Floats, resamples: Floats, draws: Floats, assumed: str) -> pd.DataFrame:
    """The table `MOMENTS`, of the sample's `own` pair (1, 2) of skewness and kurtosis, pairs (r, 2) of
    resamples and of draws from the fit of `assumed`, and of `fits` that have such moments."""
    laws = [(f.family, *of_law(f)) for f in fits]
    parts = [
        _rows("sample", "", own),
        _rows("resample", "", resamples),
        _rows("drawn", assumed, draws),
        *(_rows("fitted", name, np.array([[s, k]])) for name, s, k in laws if np.isfinite([s, k]).all()),
    ]
    filled = [p for p in parts if len(p)]
    return MOMENTS.frame(pd.concat(filled, ignore_index=True)) if filled else MOMENTS.empty()


def _rows(kind: str, family: str, pairs: Floats) -> pd.DataFrame:
    kept = pairs[np.isfinite(pairs).all(axis=1)]
    return pd.DataFrame(
        {"kind": kind, "family": family, "squared_skewness": kept[:, 0] ** 2, "kurtosis": kept[:, 1]}
    )


def checks(made: pd.DataFrame, own: Floats, draws: Floats, assumed: str) -> Iterator[theory.Row]:
    """Pearson's inequality for every row of the table `made`, and whether the sample's `own` pair is
    one that the assumed fit could give."""
    room = made["kurtosis"] - made["squared_skewness"] - 1
    # Values of which all are one of two lie on the bound itself, up to rounding.
    broken = room < -1e-9 * made["kurtosis"]
    nearest = int(room.argmin())
    yield theory.bound(
        "Kurtosis is at least squared skewness + 1, of the sample, of resamples and of every fit",
        float(made["squared_skewness"].iloc[nearest] + 1),
        float(made["kurtosis"].iloc[nearest]),
        violations=int(broken.sum()),
        trials=len(made),
        allowed=0.0,
        source="Pearson 1916, Philosophical Transactions A 216, 429",
    )
    if len(draws) == DRAWS and np.isfinite(draws).all():
        far = distances(np.concatenate([own, draws]))
        yield theory.bound(
            f"Skewness and kurtosis are no further from those of {assumed} than in the furthest of "
            f"{DRAWS} samples drawn from it (a distance that counts spread and correlation)",
            float(far[1:].max()),
            float(far[0]),
            violations=int(far[0] > far[1:].max()),
            trials=1,
            allowed=1 / (DRAWS + 1),
            source="exchangeability: Barnard 1963, J. Royal Statistical Society B 25, 294; at most "
            "about 1 in 500, as parameters fitted to the sample bring it nearer",
        )


def distances(pairs: Floats) -> Floats:
    """Mahalanobis distances (r,) of arsinh skewness and log kurtosis, from pairs (r, 2) of skewness and
    kurtosis, to their mean."""
    z = np.column_stack([np.arcsinh(pairs[:, 0]), np.log(pairs[:, 1])])
    z = z - z.mean(axis=0)
    # The pseudo-inverse: of two values skewness alone gives kurtosis.
    inverse = np.linalg.pinv(np.cov(z.T))
    return np.asarray(np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", z, inverse, z), 0.0)))
