"""How precise is an estimator over many samples, and where does the usual theory of it fail?

Set-up: many samples of n values, and on each of them estimators whose law is known: mean, median and
maximum likelihood estimate of a location; the variance; the rate of an exponential; the end of a
uniform; and likelihood-ratio tests, of three slopes in a Gaussian regression and of a mean that cannot
be negative, where it is 0. Smaller n take the first values of the same samples.

Theory, with I Fisher's information of a value: no unbiased estimator has a variance below 1/(n I), and
maximum likelihood has it in the limit. Exactly: the mean has σ²/n; the median of an odd number is a
quantile at a Beta probability, in the limit 1/(4 n f(0)²), so that it beats the mean where
4 f(0)² σ² > 1. The rate estimate 1/x̄ has mean n λ/(n − 1) and variance λ² n²/((n − 1)² (n − 2)).
2 log Λ is χ² in the limit; its mean is known exactly, and divided by it (Bartlett) the limit is close at
small n. At the edge of the parameter space it is half a χ²₁ and half 0. The end θ of a uniform is
estimated with an error of order 1/n: n (θ − max)/θ becomes exponential, and is below x with probability
1 − (1 − x/n)^n. The variance estimate of a Gaussian model has standard error σ² √(2/n) by its
information; by the sandwich √((μ₄ − σ⁴)/n), whatever the law is.

Sources: van der Vaart 1998, Asymptotic Statistics, chapters 5, 9 and 16; Bartlett 1937, Proc. R. Soc. A
160, 268; Chernoff 1954, Annals of Mathematical Statistics 25, 573; White 1982, Econometrica 50, 1.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np

from core import theory
from core.experiment import CHECKS, Frames, Report, field
from core.experiment import Config as Base
from core.families import estimator_tables, precision
from core.families.distances import Floats
from core.families.estimator_tables import SLOPES
from core.families.precision import Known

VERSION = 1

# Values of a batch of each kind of sample.
ROOM = 2**15
CRAMER = "Cramér–Rao bound: van der Vaart 1998, Asymptotic Statistics, section 2.3 and chapter 8"
ORDER = "David & Nagaraja 2003, Order Statistics, section 3.1"
BARTLETT = "Bartlett 1937, Proc. R. Soc. A 160, 268"


class Config(Base):
    law: Literal["normal", "logistic", "laplace", "student-t"] = field(
        "logistic",
        "Law of the values whose location and variance are estimated; its scale is 1.",
        section="data",
        names={"laplace": "Laplace", "student-t": "Student t"},
    )
    df: float = field(
        5.0,
        "Degrees of freedom of Student's t: moments of this order and above are infinite.",
        label="Degrees of freedom",
        section="data",
        when={"law": ("student-t",)},
        ge=2.5,
        le=50.0,
        step=0.5,
    )
    samples: int = field(
        101,
        "Largest number of values n in a sample; even ones are raised by 1.",
        section="data",
        scale="log",
        ge=21,
        le=501,
    )
    replicates: int = field(
        10_000, "Independent samples.", section="training", scale="log", ge=1000, le=20_000
    )
    errors: Literal["sandwich", "information"] = field(
        "sandwich",
        "Where the standard error of the variance estimate comes from: information trusts the Gaussian "
        "model, the sandwich does not.",
        label="Standard errors of the variance",
        section="assumption",
        names={"sandwich": "Sandwich", "information": "Gaussian information"},
    )
    correlation: float = field(
        0.0,
        "Correlation of each value with the one before it.",
        section="assumption",
        ge=0.0,
        le=0.9,
        step=0.1,
    )
    boundary: Literal["mixture", "chi2"] = field(
        "mixture",
        "Law that the test of a mean at the edge of its range is given.",
        label="Law at the edge",
        section="assumption",
        names={"mixture": "Half χ²₁, half 0", "chi2": "χ²₁"},
    )


TABLES = {**estimator_tables.TABLES, "checks": CHECKS}

BREAKS = {
    "Values that hang together": {"correlation": 0.5},
    "A Gaussian model trusted on other values": {"errors": "information", "law": "laplace"},
    "The edge of a range taken for its inside": {"boundary": "chi2"},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as replicates · samples."""
    law = precision.known(config.law, config.df)
    sizes = _sizes(config.samples)
    rngs = np.random.default_rng(config.seed).spawn(5)
    parts: list[dict[str, Floats]] = []
    tables: Frames = {}
    at_once, done, said = max(1, ROOM // int(sizes[-1])), 0, 0.0
    report(0.0, "drawing samples")
    while done < config.replicates:
        rows = min(at_once, config.replicates - done)
        parts.append(_estimates(config, law, sizes, rows, rngs))
        done += rows
        share = done / config.replicates
        if said + 0.25 < share < 1:
            tables, said = _tables(config, law, sizes, _joined(parts)), share
        report(share, f"{done:,} samples are drawn", tables)
    found = _joined(parts)
    tables = _tables(config, law, sizes, found)
    return {**tables, "checks": theory.checks(_checks(config, law, sizes, found, tables))}


def _sizes(most: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Odd sizes up to the largest, a median of which is a value."""
    grid = np.round(np.geomspace(9, most, 5)).astype(np.int64)
    return np.unique(grid + 1 - grid % 2)


def _joined(parts: list[dict[str, Floats]]) -> dict[str, Floats]:
    return {name: np.concatenate([p[name] for p in parts], axis=1) for name in parts[0]}


def _centred(x: Floats) -> Floats:
    return np.asarray(x - x.mean(axis=0))


def _correlated(x: Floats, rho: float) -> Floats:
    """Rows x (r, n) of independent values as an autoregression with the same variance."""
    if rho == 0:
        return x
    made, root = x.copy(), np.sqrt(1 - rho**2)
    for k in range(1, x.shape[1]):
        made[:, k] = rho * made[:, k - 1] + root * x[:, k]
    return made


def _estimates(
    config: Config, law: Known, sizes: Any, r: int, rngs: Sequence[np.random.Generator]
) -> dict[str, Floats]:
    """Estimates (s, r) by name, of r samples."""
    most = int(sizes[-1])
    size, rho = (r, most), config.correlation
    x = _correlated(law.draw(size, rngs[0]), rho)
    waits, shares = rngs[1].standard_exponential(size), rngs[2].random(size)
    noise, gauss = rngs[3].standard_normal(size), _correlated(rngs[4].standard_normal(size), rho)
    found: dict[str, list[Any]] = {}
    for n in sizes.tolist():
        part = x[:, :n]
        mean, median = part.mean(axis=1), np.median(part, axis=1)
        square = (part - mean[:, None]) ** 2
        # Slopes on features that are orthonormal and centred; the noise alone is regressed on them.
        basis = np.linalg.qr(_centred(np.vander(np.linspace(-1, 1, n), SLOPES + 1)[:, :-1]))[0]
        explained = ((noise[:, :n] @ basis) ** 2).sum(axis=1)
        total = ((noise[:, :n] - noise[:, :n].mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
        made = {
            "mean": mean,
            "median": median,
            "likelihood": precision.likeliest(law, part, median),
            "squares": square.mean(axis=1),
            "fourth": (square**2).mean(axis=1),
            "waits": waits[:, :n].mean(axis=1),
            "end": n * (1 - shares[:, :n].max(axis=1)),
            "slopes": -n * np.log1p(-explained / total),
            "edge": n * np.maximum(gauss[:, :n].mean(axis=1), 0.0) ** 2,
        }
        for name, value in made.items():
            found.setdefault(name, []).append(value)
    return {name: np.stack(values) for name, values in found.items()}


def _tables(config: Config, law: Known, sizes: Any, found: dict[str, Floats]) -> Frames:
    return {
        "precision": estimator_tables.precision_table(law, sizes, found),
        "tests": estimator_tables.tests_table(sizes, found, mixed=config.boundary == "mixture"),
        "laws": estimator_tables.laws_table(law, sizes, found),
        "intervals": estimator_tables.intervals_table(law, sizes, found),
    }


def _checks(
    config: Config, law: Known, sizes: Any, found: dict[str, Floats], tables: Frames
) -> Iterator[theory.Row]:
    r = config.replicates
    made = tables["precision"]
    for name, source, order in (
        ("mean", "variance of a sum of independent values", 4),
        ("median", ORDER, 0),
    ):
        # A standard error needs moments of twice the order.
        if not law.moments > order:
            continue
        own = made[made["estimator"] == name]
        yield theory.exact(
            f"The variance of the {name} over samples is the exact one at every n, times n",
            own["exact"],
            own["scaled"],
            own["standard_error"],
            source=source,
        )
    best = made[(made["estimator"] == "likelihood") & (made["samples"] >= 50)]
    if len(best):
        last = best.iloc[-1].to_dict()
        yield theory.asymptotic(
            "n times the variance of the maximum likelihood location is 1 / Fisher's information",
            last["limit"],
            last["scaled"],
            standard_error=last["standard_error"],
            # The next term of the variance is of relative order 1/√n at worst (a kinked density).
            tolerance=1.5 / np.sqrt(last["samples"]) + 3.09 * np.sqrt(2 / r),
            source=CRAMER,
        )
    below = made["scaled"] + 4 * made["standard_error"] < made["cramer_rao"]
    yield theory.bound(
        "No variance lies below 1 / (n I): the most precise, times n",
        float(made["cramer_rao"].iloc[0]),
        float(made["scaled"].min()),
        violations=int(below.sum()),
        trials=len(made),
        allowed=0.0,
        source=CRAMER,
    )
    yield from _exponential(sizes, found, r)
    yield from _ratios(config, sizes, found, tables)
    n = int(sizes[-1])
    yield theory.exact(
        "n (θ − max) / θ of a uniform exceeds x = 0.5, 1, 2 with probability (1 − x/n)^n",
        (1 - np.array([0.5, 1, 2]) / n) ** n,
        [(found["end"][-1] > x).mean() for x in (0.5, 1, 2)],
        [np.sqrt(p * (1 - p) / r) for p in (1 - np.array([0.5, 1, 2]) / n) ** n],
        source="largest of n independent values: (x/θ)^n; van der Vaart 1998, example 9.11",
    )
    if law.moments > 8:
        variance, error = estimator_tables.spread(found["squares"])
        wide = [
            precision.squares_variance(law, k)
            if config.errors == "sandwich"
            else 2 * law.variance**2 * (k - 1) / k**2
            for k in sizes.tolist()
        ]
        which = "fourth moment" if config.errors == "sandwich" else "Gaussian model"
        yield theory.exact(
            f"The variance estimate varies over samples as its {which} says, times n",
            sizes * np.array(wide),
            sizes * variance,
            sizes * error,
            source="White 1982, Econometrica 50, 1; exact moments: Cramér 1946, section 27.4",
        )


def _exponential(sizes: Any, found: dict[str, Floats], r: int) -> Iterator[theory.Row]:
    rate = 1 / found["waits"]
    variance, error = estimator_tables.spread(rate)
    n = sizes.astype(float)
    yield theory.exact(
        "The mean of the exponential's rate estimate is n λ / (n − 1), λ = 1",
        n / (n - 1),
        rate.mean(axis=1),
        np.sqrt(variance / r),
        source="an inverse gamma variable: n / Gamma(n, λ)",
    )
    # A standard error of a variance takes moments up to the eighth, and is steady with twice as many.
    n, variance, error = (a[sizes > 16] for a in (n, variance, error))
    yield theory.exact(
        "Its variance is λ² n² / ((n − 1)² (n − 2)) where n is above 16, times n",
        n**3 / ((n - 1) ** 2 * (n - 2)),
        n * variance,
        n * error,
        source="an inverse gamma variable: n / Gamma(n, λ)",
    )


def _ratios(
    config: Config, sizes: Any, found: dict[str, Floats], tables: Frames
) -> Iterator[theory.Row]:
    ratio, r = found["slopes"], config.replicates
    yield theory.exact(
        "The mean of 2 log Λ of three slopes is that of a logarithm of a Beta variable",
        [precision.ratio_mean(n, SLOPES) for n in sizes.tolist()],
        ratio.mean(axis=1),
        ratio.std(axis=1, ddof=1) / np.sqrt(r),
        source=BARTLETT,
    )
    tests = tables["tests"]
    for test, words, source in (
        ("slopes", "2 log Λ of three slopes exceeds the points of χ²₃ as the F law says", BARTLETT),
        (
            "edge",
            "2 log Λ of a mean at the edge of its range exceeds the points of the law in use as often "
            "as that law says",
            "Chernoff 1954, Annals of Mathematical Statistics 25, 573",
        ),
    ):
        own = tests[tests["test"] == test]
        yield theory.exact(
            words,
            own["exact"],
            own["size"],
            np.sqrt(own["exact"] * (1 - own["exact"]) / r),
            source=source,
        )
    bartlett = tests[(tests["test"] == "bartlett") & (tests["level"] == 0.05)].iloc[-1].to_dict()
    yield theory.asymptotic(
        "Divided by its mean (Bartlett), 2 log Λ at 5 % rejects in 5 % of samples",
        0.05,
        bartlett["size"],
        standard_error=bartlett["standard_error"],
        tolerance=0.02 + 3.09 * float(np.sqrt(0.95 / (0.05 * r))),
        source=BARTLETT,
    )
