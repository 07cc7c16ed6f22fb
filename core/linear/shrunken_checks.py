"""What theory says of shrinkage, held against what was measured."""

from collections.abc import Mapping

import numpy as np

from core import theory
from core.linear import shrinkage, shrunken
from core.linear.shrunken import Copies, Risks, Sample

ALI = "Ali, Kolter & Tibshirani, arXiv:1810.10082"
GIVEN = "Hoerl & Kennard (1970), Technometrics 12, 55; Ali et al., arXiv:1810.10082"
NOISY = {
    "dropout": "Wager, Wang & Liang, arXiv:1307.1493, section 2; Srivastava et al. (2014), section 9.1",
    "noise": "Bishop (1995), Neural Computation 7, 108",
}
CLAIMS = {
    "dropout": "At the ridge solution the mean gradient of dropout of a share λ/(1 + λ) is 0",
    "noise": "At the ridge solution the mean gradient with noise of variance λ on the inputs is 0",
}
STEPS = 300
SMOOTHING = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)


def checks(sample: Sample, measured: Risks, copies: Mapping[str, Copies]) -> list[theory.Row]:
    """All rows; of a table, only those that are true of any."""
    rows = _risk(sample, measured) if sample.covariance is not None else []
    for kind, seen in copies.items():
        slopes = seen.gradients
        error = slopes.std(axis=0, ddof=1) / np.sqrt(len(slopes))
        rows.append(
            theory.exact(
                CLAIMS[kind], 0.0, slopes.mean(axis=0), error, source=NOISY[kind], replicates=len(slopes)
            )
        )
    return [*rows, *_descents(sample), _lasso(sample), _smoothing(sample)]


def expected(sample: Sample) -> dict[str, tuple[shrinkage.Floats, shrinkage.Floats]]:
    """Mean and standard deviation (penalty,) of each method's excess risk, were directions alike."""
    assert sample.covariance is not None
    made = shrunken.gains(sample.at, shrunken.RELATIVE * sample.unit)
    at, alike = sample.at, sample.coefficient
    return {
        name: shrinkage.excess(at, g, sample.covariance, alike, sample.noise) for name, g in made.items()
    }


def ratio(measured: Risks, floor: float) -> shrinkage.Floats:
    """Mean risk of flow over that of ridge (penalty,), both less `floor`."""
    flow, ridge = (measured.risk[name].mean(axis=0) - floor for name in ("flow", "ridge"))
    return np.asarray(flow / ridge)


def _risk(sample: Sample, measured: Risks) -> list[theory.Row]:
    rows, known = [], expected(sample)
    for name, said in (("ridge", "ridge"), ("flow", "early stopping"), ("components", "components")):
        values = measured.risk[name][:, ::5] - sample.noise
        mean, spread = (of[::5] for of in known[name])
        claim = f"Given the samples, the mean excess risk of {said} is exact, at six λ"
        # Few directions may carry the risk: an estimated error would follow a skewed mean.
        error = spread / np.sqrt(len(values))
        rows.append(theory.exact(claim, mean, values.mean(axis=0), error, source=GIVEN))
    ratios = ratio(measured, sample.noise)
    claim = "Early stopping at t = 1/λ has at most 1.6862 times the excess risk of ridge"
    rows.append(
        _bound(claim, shrinkage.BOUND, float(ratios.max()), int((ratios > shrinkage.BOUND).sum()))
    )
    best = [measured.risk[name].mean(axis=0).min() - sample.noise for name in ("flow", "ridge")]
    tuned = float(best[0] / best[1])
    claim = "Tuned, early stopping has at most 1.22 times the excess risk of ridge"
    rows.append(_bound(claim, shrinkage.TUNED, tuned, int(tuned > shrinkage.TUNED), 1))
    return rows


def _bound(claim: str, limit: float, value: float, over: int, trials: int = 26) -> theory.Row:
    return theory.bound(claim, limit, value, violations=over, trials=trials, allowed=0.0, source=ALI)


def _descents(sample: Sample) -> list[theory.Row]:
    """Gradient descent carried out, with and without weight decay, along the directions."""
    at, rows = sample.at, []
    z = at.along(sample.x, sample.y)
    for decay, said in ((0.0, "Gradient descent"), (sample.penalty, "Gradient descent with decay λ")):
        rate = 1 / (at.variance[0] + decay)
        b = shrunken.descended(sample, decay, rate, STEPS)
        gain = shrinkage.descent(at.variance, rate, np.array([float(STEPS)]), decay)[0]
        scale = float(np.abs(gain * z).max())
        claim = f"{said} shrinks each direction as its closed form says, after {STEPS} steps"
        source = "eigenvectors of X'X; Goodfellow et al. (2016), Deep Learning, section 7.8"
        rows.append(theory.identity(claim, gain * z / scale, at.vectors.T @ b / scale, source=source))
    return rows


def _lasso(sample: Sample) -> theory.Row:
    n, inner = len(sample.x), slice(0, -1)
    b = shrunken.lasso(sample.x, sample.y)[inner]
    left = np.abs((sample.y - b @ sample.x.T) @ sample.x).max(axis=1) / n
    penalty = float(np.abs(sample.x.T @ sample.y).max() / n) * shrunken.SHARES[inner]
    claim = "Along the lasso's path the largest correlation with the residuals is its penalty (ratio 1)"
    source = "optimality; Tibshirani (1996), JRSS B 58, 267"
    return theory.identity(claim, 1.0, left / penalty, source=source, tolerance=1e-3)


def _smoothing(sample: Sample) -> theory.Row:
    share = float(shrunken.upper(sample).mean())
    means = [float(shrunken.smoothed(sample, e)[1].mean()) for e in SMOOTHING]
    predicted = [(1 - e) * share + e / 2 for e in SMOOTHING]
    claim = "With labels smoothed by ε the mean probability is (1 − ε) times the share plus ε/2"
    source = "slope in the intercept; Szegedy et al., arXiv:1512.00567, section 7"
    return theory.identity(claim, predicted, means, source=source, tolerance=1e-6)
