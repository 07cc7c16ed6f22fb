"""Bins for a histogram that shows the bulk of a sample."""

import numpy as np

from core.families.family import Floats

MOST = 120
# Interquartile ranges beyond a quartile: 16 standard deviations of a normal.
LONG = 12.0


def edges(x: Floats, counts: bool) -> Floats:
    """Ends (b + 1,) of bins of equal width for the values x (n,).

    The width is 2 IQR n^(−1/3) (Freedman & Diaconis 1981, Z. Wahrscheinlichkeitstheorie 57, 453),
    or a whole number for `counts`, with bins around it. They span the values up to three times the
    range from the 1st to the 99th percentile around it, so that outliers do not hide the rest; of a
    long tail of measurements they end 12 IQR beyond a quartile, unless 5 % of the values lie further.
    """
    near, far = np.quantile(x, [0.01, 0.99])
    reach = (far - near) or 1.0
    low, high = max(float(x.min()), near - reach), min(float(x.max()), far + reach)
    if counts:
        width = max(1.0, np.ceil((high - low) / MOST))
        return np.arange(np.floor(low) - 0.5, high + width, width)
    q05, q25, q75, q95 = np.quantile(x, [0.05, 0.25, 0.75, 0.95])
    if q75 > q25:
        low = max(low, min(q25 - LONG * (q75 - q25), q05))
        high = min(high, max(q75 + LONG * (q75 - q25), q95))
    width = 2 * (q75 - q25) / np.cbrt(x.size) or (high - low) / np.sqrt(x.size)
    bins = int(np.clip(np.ceil((high - low) / width), 5, MOST))
    return np.linspace(low, high, bins + 1)
