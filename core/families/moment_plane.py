"""Where families lie by squared skewness b and kurtosis k: points, lines and regions.

    gamma k = 3 + 3b/2     inverse Gaussian k = 3 + 5b/3     Poisson k = 3 + b     geometric k = 5 + b
    log-normal k = ω⁴ + 2ω³ + 3ω² − 3 at b = (ω − 1)(ω + 2)²
    beta between k = 1 + b, where nothing lies below, and the gamma's line; binomial between that and
    the Poisson's; negative binomial between the Poisson's and the gamma's

Sources: Cullen & Frey 1999, Probabilistic Techniques in Exposure Assessment, chapter 4; Johnson, Kotz
& Balakrishnan 1994, Continuous Univariate Distributions; Johnson, Kemp & Kotz 2005, Univariate
Discrete Distributions, sections 3.2, 4.3 and 5.2.
"""

import numpy as np
import pandas as pd
from scipy import special

from core.families.diagnostic_layout import MOMENT_THEORY
from core.families.family import Floats

POINTS = 60
# The least axis shows the exponential, at (4, 9); regions go on where lines have their names.
LEAST, FURTHER = 5.0, 1.45
# Of a line that passes through 0, and of a shape above which a Weibull is a Gumbel of minima.
GUMBEL = (1.2985676, 5.4)
SYMMETRIC = {"uniform": 1.8, "normal": 3.0, "logistic": 4.2}
Curve = tuple[Floats, Floats]


def plane(pairs: Floats, *, counts: bool) -> pd.DataFrame:
    """The table `MOMENT_THEORY` as far as the skewness and kurtosis `pairs` (r, 2) reach, whose first
    is the sample's: of families of `counts` or of measurements that are skewed to its side."""
    top = max(LEAST, 1.1 * float(np.quantile(pairs[:, 0] ** 2, 0.99)), 1.1 * float(pairs[0, 0] ** 2))
    # Dense near 0, where most lines part.
    b = top * np.linspace(0, 1, POINTS) ** 2
    # As much of the axis, be it linear or logarithmic.
    wide = max(FURTHER * top, (1 + top) ** FURTHER) / top * b
    parts = [_region("impossible", wide, np.ones_like(b), wide + 1)]
    if counts:
        parts += _counts(b, wide)
    else:
        parts += [_region("beta", wide, wide + 1, 3 + 1.5 * wide)]
        parts += [_point(name, 0.0, kurtosis) for name, kurtosis in SYMMETRIC.items()]
        parts += _left(top) if pairs[0, 0] < 0 else _right(b, top)
    return MOMENT_THEORY.frame(pd.concat(parts, ignore_index=True))


def _counts(b: Floats, wide: Floats) -> list[pd.DataFrame]:
    far = np.linspace(4.0, b[-1], POINTS)
    return [
        _region("binomial", wide, wide + 1, wide + 3),
        _region("negative-binomial", wide, wide + 3, 3 + 1.5 * wide),
        _line("poisson", b, b + 3),
        _line("geometric", far, far + 5),
    ]


def _left(top: float) -> list[pd.DataFrame]:
    """The Weibull's left-skewed laws reach from about the normal to the Gumbel of minima."""
    curve = weibull(np.geomspace(3.6023494, 100.0, POINTS))
    return [_line("weibull", *curve), _point("gumbel-min", *GUMBEL)]


def _right(b: Floats, top: float) -> list[pd.DataFrame]:
    return [
        _line("gamma", b, 3 + 1.5 * b),
        _line("inverse-gaussian", b, 3 + 5 / 3 * b),
        _line("lognormal", b, lognormal(b)),
        _line("weibull", *_within(weibull(np.geomspace(3.6023494, 0.1, 4 * POINTS)), top)),
        _line("loglogistic", *_within(loglogistic(1 / np.linspace(1e-3, 0.2499, 4 * POINTS)), top)),
        _point("exponential", 4.0, 9.0),
        _point("gumbel", *GUMBEL),
    ]


def lognormal(b: Floats) -> Floats:
    """Kurtosis at squared skewness b, from the root ω of ω³ + 3ω² − 4 = b."""
    root = np.cbrt(1 + b / 2 + np.sqrt(b + b * b / 4))
    w = root + 1 / root - 1
    return np.asarray(w**4 + 2 * w**3 + 3 * w**2 - 3)


def weibull(shape: Floats) -> Curve:
    """Squared skewness and kurtosis at these shapes."""
    return _central(*(special.gamma(1 + r / shape) for r in (1, 2, 3, 4)))


def loglogistic(shape: Floats) -> Curve:
    """Squared skewness and kurtosis at these shapes, all above 4."""
    return _central(*(1 / np.sinc(r / shape) for r in (1, 2, 3, 4)))


def _central(m1: Floats, m2: Floats, m3: Floats, m4: Floats) -> Curve:
    """From moments about 0."""
    variance = m2 - m1**2
    third = m3 - 3 * m1 * m2 + 2 * m1**3
    fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
    return third**2 / variance**3, fourth / variance**2


def _within(curve: Curve, top: float) -> Curve:
    b, k = curve
    # As far as lines that are drawn go: a log-logistic's kurtosis has no limit.
    inside = (b <= top) & (k <= 1 + lognormal(np.array([top]))[0])
    return b[inside], k[inside]


def _line(family: str, b: Floats, k: Floats) -> pd.DataFrame:
    return _frame(family, "line", b, k, np.full(np.shape(b), np.nan))


def _region(family: str, b: Floats, low: Floats, high: Floats) -> pd.DataFrame:
    return _frame(family, "region", b, low, high)


def _point(family: str, b: float, k: float) -> pd.DataFrame:
    return _frame(family, "point", np.array([b]), np.array([k]), np.array([np.nan]))


def _frame(family: str, kind: str, b: Floats, low: Floats, high: Floats) -> pd.DataFrame:
    columns = {"family": family, "kind": kind, "squared_skewness": b, "kurtosis": low, "upper": high}
    return pd.DataFrame(columns)
