"""The tables of a run on shrinkage."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from core.linear import shrinkage, shrunken
from core.linear.shrunken import RELATIVE, SHARES, Copies, Risks, Sample
from core.linear.shrunken_checks import SMOOTHING, STEPS, expected, ratio

SHOWN = 8
Frames = dict[str, pd.DataFrame]


def of_sample(sample: Sample) -> Frames:
    """What needs no replicate: the theory, factors in closed form, paths, label smoothing."""
    made = {"factors": _closed(sample), "paths": _paths(sample), "smoothing": _smoothing(sample)}
    if sample.covariance is not None:
        free = shrunken.freedom(sample.at, RELATIVE * sample.unit)
        parts = [
            _at(name, free[name]).assign(risk=excess + sample.noise)
            for name, (excess, _) in expected(sample).items()
        ]
        made["theory"] = pd.concat(parts, ignore_index=True)
    return made


def of_risk(sample: Sample, measured: Risks) -> Frames:
    """Risk of each replicate and over replicates, and the ratio of flow and ridge."""
    every, means = [], []
    for name, values in measured.risk.items():
        at = _at(name, measured.freedom[name])
        index = np.repeat(np.arange(len(values)), len(at))
        copies = pd.concat([at] * len(values), ignore_index=True)
        every.append(copies.assign(replicate=index, split="test", risk=values.ravel()))
        spread = values.std(axis=0, ddof=1) if len(values) > 1 else np.full(len(at), np.nan)
        means.append(at.assign(risk=values.mean(axis=0), standard_error=spread / np.sqrt(len(values))))
    known = expected(sample) if sample.covariance is not None else None
    predicted = known["flow"][0] / known["ridge"][0] if known else np.full(RELATIVE.size, np.nan)
    floor = sample.noise if known else 0.0
    return {
        "risk": pd.concat(every, ignore_index=True),
        "summary": pd.concat(means, ignore_index=True),
        "ratio": pd.DataFrame(
            {"penalty": RELATIVE, "measured": ratio(measured, floor), "predicted": predicted}
        ),
    }


def of_copies(sample: Sample, copies: Mapping[str, Copies]) -> pd.DataFrame:
    """Factors of fits on noisy copies."""
    made = [_factors(sample, kind, seen.factors) for kind, seen in copies.items()]
    return pd.concat(made, ignore_index=True)


def _at(name: str, freedom: shrinkage.Floats) -> pd.DataFrame:
    penalty = SHARES if name == "lasso" else RELATIVE
    return pd.DataFrame({"method": name, "penalty": penalty, "freedom": freedom})


def _factors(sample: Sample, method: str, factors: shrinkage.Floats) -> pd.DataFrame:
    variance = sample.at.variance
    ranks = np.arange(1, variance.size + 1)
    made = {"rank": ranks, "variance": variance / sample.unit, "method": method, "factor": factors}
    return pd.DataFrame(made)[variance > 0]


def _closed(sample: Sample) -> pd.DataFrame:
    at, penalty = sample.at, sample.penalty
    s, now = at.variance, np.array([penalty])
    found = {name: g[0] * s for name, g in shrunken.gains(at, now).items()}
    rate = 1 / s[0]
    steps = max(1.0, round(1 / (penalty * rate)))
    found["descent"] = shrinkage.descent(s, rate, np.array([steps]))[0] * s
    rate = 1 / (s[0] + penalty)
    found["decay"] = shrinkage.descent(s, rate, np.array([float(STEPS)]), penalty)[0] * s
    made = [_factors(sample, name, factors) for name, factors in found.items()]
    return pd.concat(made, ignore_index=True)


def _paths(sample: Sample) -> pd.DataFrame:
    """Ridge and lasso on the columns that weigh most at the end of the paths."""
    at = sample.at
    z = at.along(sample.x, sample.y)
    ridge = shrunken.gains(at, RELATIVE * sample.unit)["ridge"] * z @ at.vectors.T
    lasso = shrunken.lasso(sample.x, sample.y)
    scale = np.sqrt((sample.x**2).mean(axis=0))
    heavy = np.argsort(-np.abs(lasso[len(lasso) // 3] * scale))[:SHOWN]
    made = []
    for name, path in (("ridge", ridge * scale), ("lasso", lasso * scale)):
        size = np.abs(path).sum(axis=1)
        for j in heavy:
            made.append(
                pd.DataFrame(
                    {
                        "method": name,
                        "column": sample.names[j],
                        "size": size / max(size.max(), 1e-300),
                        "coefficient": path[:, j],
                    }
                )
            )
    return pd.concat(made, ignore_index=True)


def _smoothing(sample: Sample) -> pd.DataFrame:
    share, made = float(shrunken.upper(sample).mean()), []
    for e in SMOOTHING:
        b, p = shrunken.smoothed(sample, e)
        made.append(
            {
                "smoothing": e,
                "norm": float(np.linalg.norm(b[1:])),
                "confidence": float(np.maximum(p, 1 - p).mean()),
                "cap": 1 - e / 2,
                "mean": float(p.mean()),
                "predicted": (1 - e) * share + e / 2,
            }
        )
    return pd.DataFrame(made)
