"""How often 95 % intervals of maximum likelihood hold the truth, for each regular family, as a table.

Samples drawn from each family and fitted by it, from the truth; intervals estimate ± 1.96 standard
errors from the observed information, in the coordinates of the search (the logarithm of a parameter
above 0). An edge or a search that does not end counts as a miss. Printed as it goes, written as CSV.

    python benchmarks/distributions_coverage.py [SAMPLES [VALUES [FILE [FAMILY …]]]]
"""

import sys
import time

import numpy as np
import pandas as pd

from core.families import families, find
from core.families.family import Family
from core.families.likelihood import ManySamples, bounded, box, unconstrained
from core.families.newton import climb
from tests.families import test_continuous, test_fitting

TRUTH = test_fitting.TYPICAL | test_continuous.TYPICAL
# Samples fitted at once.
BATCH = 400


def main() -> None:
    """Prints the table and writes it."""
    samples, size = (int(v) for v in [*sys.argv[1:3], *("2000", "500")[len(sys.argv) - 1 :]])
    named = sys.argv[4:] or [n for n, f in families().items() if not f.discrete and not f.closed]
    rows: list[dict[str, float | str]] = []
    for name in named:
        rows += _rows(find(name), samples, size)
        if len(sys.argv) > 3:
            pd.DataFrame(rows).to_csv(sys.argv[3], index=False)


def _rows(family: Family, samples: int, size: int) -> list[dict[str, float | str]]:
    law, truth = (
        family.frozen(TRUTH[family.name]),
        unconstrained(family, list(TRUTH[family.name].values())),
    )
    # The same samples whichever families are named.
    rng = np.random.default_rng([13, *family.name.encode()])
    began, held, lost = time.process_time(), np.zeros(truth.size), 0
    for first in range(0, samples, BATCH):
        some = min(BATCH, samples - first)
        x = np.asarray(law.rvs((some, size), random_state=rng), float)
        inside, bad = _held(family, x, truth)
        held, lost = held + inside.sum(axis=0), lost + bad
    rows: list[dict[str, float | str]] = [
        {
            "family": family.name,
            "parameter": p.name,
            "coverage": held[i] / samples,
            "standard_error": float(np.sqrt(0.05 * 0.95 / samples)),
            "lost": lost,
            "samples": samples,
            "n": size,
            "seconds": time.process_time() - began,
        }
        for i, p in enumerate(family.parameters)
    ]
    for row in rows:
        print(*(f"{v:.4g}" if isinstance(v, float) else v for v in row.values()), flush=True)
    return rows


def _held(family: Family, x: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, int]:
    """Which intervals hold the truth, (r, k), of samples (r, n), and how many have none."""
    free = tuple(range(truth.size))
    nothing = np.full(truth.size, np.nan)
    measure = ManySamples(family, free, x, None, nothing)
    starts = np.tile(truth, (len(x), 1))
    peak = climb(measure, starts, box(family, free), bounded(family, free), x.shape[1])
    curved = peak.hessian * x.shape[1]
    good = ~peak.edge.any(axis=1) & (peak.decrement < 1e-9)
    good &= (np.linalg.eigvalsh(np.where(good[:, None, None], curved, np.eye(truth.size))) > 0).all(
        axis=1
    )
    inverse = np.linalg.inv(np.where(good[:, None, None], curved, np.eye(truth.size)))
    errors = np.sqrt(np.diagonal(inverse, axis1=1, axis2=2))
    return good[:, None] & (np.abs(peak.u - truth) <= 1.959964 * errors), int((~good).sum())


if __name__ == "__main__":
    main()
