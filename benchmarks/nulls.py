"""Whether p-values of goodness of fit are uniform where the family is right, as a table.

Samples from each family, fitted by that family, with p-values by parametric bootstrap that account for
the fit, none stopped early. For each family and test: the share of p-values at or below 0.05 and 0.25,
and the p-value of a Kolmogorov–Smirnov test of uniformity. Printed, and written as CSV.

    python benchmarks/nulls.py [SAMPLES [VALUES [DRAWS [FILE]]]]
"""

import sys
import time

import numpy as np
import pandas as pd
from scipy import stats

from core.families import find, fit
from core.families.significance import p_values

LAWS = {
    "gamma": {"shape": 2.0, "scale": 3.0},
    "weibull": {"shape": 1.5, "scale": 2.0},
    "normal": {"mean": 3.0, "sd": 2.0},
    "lognormal": {"meanlog": 1.0, "sdlog": 0.7},
    "student-t": {"df": 4.0, "location": 0.0, "scale": 1.0},
    "negative-binomial": {"size": 2.5, "mu": 6.0},
}


def main() -> None:
    """Prints the table and writes it."""
    samples, size, draws = (
        int(v) for v in [*sys.argv[1:4], *("400", "100", "199")[len(sys.argv) - 1 :]]
    )
    table = pd.DataFrame(
        [row for number, name in enumerate(LAWS) for row in _rows(name, number, samples, size, draws)]
    )
    print(table.to_string(index=False, float_format="{:.4g}".format))
    if len(sys.argv) > 4:
        table.to_csv(sys.argv[4], index=False)


def _rows(name: str, number: int, samples: int, size: int, draws: int):
    law = find(name).frozen(LAWS[name])
    rngs = np.random.default_rng([11, number]).spawn(samples)
    began, found = time.process_time(), []
    for rng in rngs:
        x = np.asarray(law.rvs(size, random_state=rng), float)
        found.append(p_values(fit(x, name), rng, draws=draws, enough=draws + 1))
    seconds = (time.process_time() - began) / samples
    for test in found[0]:
        p = np.array([f[test].value for f in found])
        lost = sum(f[test].lost for f in found) / (samples * draws)
        # A p-value k / (draws + 1) stands for the interval that ends there.
        spread = p - np.random.default_rng(number).random(p.size) / (draws + 1)
        yield {
            "family": name,
            "test": test,
            "samples": samples,
            "n": size,
            "draws": draws,
            "below_0.05": (p <= 0.05).mean(),
            "below_0.25": (p <= 0.25).mean(),
            "uniform_p": stats.kstest(spread, "uniform").pvalue,
            "lost": lost,
            "cpu_seconds": seconds,
        }


if __name__ == "__main__":
    main()
