"""Which family of distributions describes this column of numbers, and how well are its parameters known?

Set-up: a column of the user's own, a bundled one, or n draws from a known family, fitted with each
family by maximum likelihood and ranked by AICc = 2k − 2 log L + 2k(k + 1)/(n − k − 1), k free
parameters. Within 2 of the best, families are practically tied. Measurements are compared with
densities and counts with probabilities, never with each other. The distances of Kolmogorov–Smirnov,
Cramér–von Mises and Anderson–Darling are given without p-values, because the usual tables do not
hold for fitted parameters.

Theory, were the assumed family true, in the limit of large n: with H the mean observed information,

    √n (θ̂ − θ) → N(0, H⁻¹),        2 (log L(θ̂) − log L(θ)) → χ² with k degrees of freedom.

Refits to resampled data spread as H⁻¹ J H⁻¹ / n, J the variance of a value's score, and their mean
likelihood ratio tends to tr(J H⁻¹). Only where the family is right is J = H, so that the refits
spread as the standard errors say and the mean ratio is k: a wrong family, or a contaminated sample,
shows there without the truth being known.

Sources: Akaike 1974, IEEE Trans. Automatic Control 19, 716; Hurvich & Tsai 1989, Biometrika 76, 297;
Burnham & Anderson 2002, Model Selection and Multimodel Inference; White 1982, Econometrica 50, 1;
Wilks 1938, Annals of Mathematical Statistics 9, 60; Efron 1979, Annals of Statistics 7, 1;
Lilliefors 1967, JASA 62, 399.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from core import theory
from core.datasets.columns import BUNDLED, column
from core.experiment import CHECKS, Frames, InputError, Report, Table, field
from core.experiment import Config as Base
from core.families import Fit, find, fit, goodness, verify
from core.families.family import Floats
from core.families.histogram import edges
from core.families.names import Assumed, Counted, Measured, Truth
from core.families.ranking import CONTINUOUS, COUNTS, Entry, attempt, look_like_counts, ordered
from core.families.resampling import Refits, refits

VERSION = 1

# Which field gives which parameter of a simulated family.
GIVEN: dict[str, dict[str, str]] = {
    "normal": {"mean": "location", "sd": "scale"},
    "lognormal": {"meanlog": "scale", "sdlog": "shape"},
    "exponential": {"scale": "scale"},
    "gamma": {"shape": "shape", "scale": "scale"},
    "weibull": {"shape": "shape", "scale": "scale"},
    "gumbel": {"location": "location", "scale": "scale"},
    "logistic": {"location": "location", "scale": "scale"},
    "loglogistic": {"shape": "shape", "scale": "scale"},
    "student-t": {"df": "shape", "location": "location", "scale": "scale"},
    "cauchy": {"location": "location", "scale": "scale"},
    "pareto2": {"shape": "shape", "scale": "scale"},
    "poisson": {"lambda": "scale"},
    "negative-binomial": {"size": "shape", "mu": "scale"},
}
# Values times refits in one run: about 10 s of one core.
WORK = 20_000_000
POINTS, THINNED = 200, 200
# A check fails where the family is right in about 1 run of 500, as with a normal |z| above this.
LEVEL = 3.09


def _truths_with(name: str) -> dict[str, tuple[Any, ...]]:
    return {"data": ("simulated",), "truth": tuple(t for t, g in GIVEN.items() if name in g.values())}


class Config(Base):
    data: str = field(
        "simulated",
        "The column to describe: simulated, bundled, or of a file of your own.",
        section="data",
        kind="data",
        names={"simulated": "Simulated sample", **BUNDLED},
    )
    column: str = field(
        "", "Column of the file; empty where there is only one.", section="data", kind="column"
    )
    values: Literal["automatic", "measurements", "counts"] = field(
        "automatic",
        "What the numbers are; automatic takes whole numbers of 0 or more with a 0 among them as counts.",
        section="data",
    )
    truth: Truth = field(
        "gamma",
        "Family that the simulated values are drawn from.",
        label="True family",
        section="data",
        when={"data": ("simulated",)},
    )
    shape: float = field(
        2.0,
        "True shape: of the power, of log x (log-normal), df of Student t, size of the negative binomial.",
        label="True shape",
        section="data",
        when=_truths_with("shape"),
        gt=0.05,
        le=50.0,
    )
    scale: float = field(
        3.0,
        "True scale, in the unit of the values; the median of the log-normal, the mean of counts.",
        label="True scale",
        section="data",
        when=_truths_with("scale"),
        scale="log",
        ge=0.01,
        le=1000.0,
    )
    location: float = field(
        0.0,
        "True location, in the unit of the values.",
        label="True location",
        section="data",
        when=_truths_with("location"),
        ge=-1000.0,
        le=1000.0,
    )
    samples: int = field(
        1000,
        "Number of simulated values n.",
        section="data",
        scale="log",
        when={"data": ("simulated",)},
        ge=10,
        le=1_000_000,
    )
    families: tuple[Measured, ...] = field(
        CONTINUOUS, "Families to compare where the values are measurements.", min_length=1
    )
    count_families: tuple[Counted, ...] = field(
        COUNTS, "Families to compare where the values are counts.", min_length=1
    )
    replicates: int = field(
        200, "Refits to resampled values, to test the standard errors.", ge=20, le=2000
    )
    assumed: Assumed = field(
        "best",
        "Family whose standard errors are put to the test: the best by AICc, or one of your choice.",
        label="Assumed family",
        section="assumption",
        names={"best": "The best by AICc"},
    )
    contamination: float = field(
        0.0,
        "Share of the simulated values replaced by draws 10 times as large.",
        section="assumption",
        when={"data": ("simulated",)},
        step=0.01,
        ge=0.0,
        le=0.5,
    )


TABLES = {
    "fits": Table(
        "A family a row, best first.",
        {
            "family": "the field's name of the family",
            "rank": "1 is the best AICc; 0 without a fit",
            "aicc": "corrected Akaike information criterion, nats × 2",
            "bic": "Bayesian information criterion, nats × 2",
            "delta": "AICc above the best",
            "weight": "Akaike weight; all sum to 1",
            "log_likelihood": "log-likelihood at the estimates, nats",
            "ks": "Kolmogorov–Smirnov distance; empty for counts",
            "cvm": "Cramér–von Mises statistic; empty for counts",
            "ad": "Anderson–Darling statistic; empty for counts",
            "free_parameters": "number of estimated parameters",
            "tied": "whether delta is at most 2",
            "note": "what to know of the fit, or why there is none",
        },
    ),
    "parameters": Table(
        "Maximum likelihood estimates.",
        {
            "family": "family",
            "parameter": "the field's name of the parameter",
            "estimate": "estimate; scales and locations in the unit of the values",
            "standard_error": "from the observed information; empty where theory gives none",
        },
    ),
    "histogram": Table(
        "The values in bins (Freedman–Diaconis; one a whole number for counts).",
        {
            "left": "left end of the bin, in the unit of the values",
            "right": "right end",
            "count": "values in the bin",
            "density": "count / (all values × width)",
        },
    ),
    "density": Table(
        "Fitted densities over the range of the histogram; probabilities for counts.",
        {
            "family": "family",
            "x": "value",
            "density": "density, per unit of the values",
            "cumulative": "probability of a value up to x",
        },
    ),
    "truth": Table(
        "The density that simulated values are drawn from; empty for real ones.",
        {
            "x": "value",
            "density": "density, per unit of the values",
            "cumulative": "probability up to x",
        },
    ),
    "quantiles": Table(
        f"Ordered values against fitted ones, at {THINNED} places at most.",
        {
            "family": "family",
            "probability": "(i − ½) / n of the i-th value",
            "observed": "i-th smallest value",
            "fitted": "fitted quantile at that probability",
            "fitted_probability": "fitted probability of a value up to the observed one",
        },
    ),
    "sampling": Table(
        "Refits of the assumed family to resampled values, at 200 places a parameter at most.",
        {
            "family": "family",
            "parameter": "parameter",
            "estimate": "estimate in a refit, ordered",
            "deviation": "its distance from the estimate on the values themselves, in standard errors "
            "(on the logarithm of parameters above 0)",
            "expected": "what a normal distribution of standard deviation 1 predicts at its rank",
        },
    ),
    "checks": CHECKS,
    "notes": Table("What was assumed, left out or thinned.", {"note": "a sentence"}),
}

BREAKS = {
    "5 % of the values 10 times as large": {"contamination": 0.05},
    "The exponential assumed for gamma values": {"assumed": "exponential"},
}


@dataclass(frozen=True)
class _Data:
    values: Floats
    counts: bool
    notes: tuple[str, ...]
    truth: Mapping[str, float] | None


def run(config: Config, report: Report) -> Frames:
    """Fits every family, resamples the assumed one, and holds theory against both."""
    draw, resample = np.random.default_rng(config.seed).spawn(2)
    data = _data(config, draw)
    notes = list(data.notes)
    tables: Frames = {"histogram": _histogram(data, notes), "truth": TABLES["truth"].empty()}
    if data.truth:
        tables["truth"] = TABLES["truth"].frame(
            _curve(data, tables["histogram"], _law(config.truth, data.truth))
        )
    entries: list[Entry] = []
    names = config.count_families if data.counts else config.families
    for position, name in enumerate(names):
        report(0.6 * position / len(names), f"fitting {name}", tables)
        entries.append(attempt(data.values, name))
        tables = {**tables, **_fitted(data, tables["histogram"], ordered(entries))}
    entries = ordered(entries)
    if not any(e.fit for e in entries):
        raise InputError(
            f"`families` must hold one that fits the data; {entries[0].family}: {entries[0].note}"
        )
    assumed = _assumed(config, data, entries)
    again = _refits(config, assumed, notes, resample, report, tables)
    tables["sampling"] = _sampling(assumed, again) if again else TABLES["sampling"].empty()
    tables["checks"] = theory.checks(_checks(config, data, entries, assumed, again))
    tables["notes"] = TABLES["notes"].frame({"note": notes})
    return {name: tables[name] for name in TABLES}


def _data(config: Config, draw: np.random.Generator) -> _Data:
    if config.data == "simulated":
        given = GIVEN[config.truth]
        truth = {name: float(getattr(config, source)) for name, source in given.items()}
        if "meanlog" in truth:
            truth["meanlog"] = float(np.log(truth["meanlog"]))
        x = np.asarray(_law(config.truth, truth).rvs(config.samples, random_state=draw), float)
        x = np.where(draw.random(x.size) < config.contamination, 10 * x, x)
        counts = (
            find(config.truth).discrete if config.values == "automatic" else config.values == "counts"
        )
        return _Data(x, counts, (), truth)
    read = column(config.data, config.column)
    counts, note = _kind(config, read.values)
    return _Data(read.values, counts, (*read.notes, *note), None)


def _kind(config: Config, x: Floats) -> tuple[bool, tuple[str, ...]]:
    """Whether the values are counts, and what to say of it."""
    if config.values != "automatic":
        return config.values == "counts", ()
    if look_like_counts(x):
        return True, (
            f"All {x.size:,} values are whole numbers and some are 0: they are taken as counts. "
            "If they are rounded measurements, set `values` to measurements.",
        )
    if (x == np.round(x)).all() and (x >= 0).all():
        return False, (
            "All values are whole numbers, none is 0: they are taken as rounded measurements. "
            "If they count something, set `values` to counts.",
        )
    return False, ()


def _law(family: str, parameters: Mapping[str, float]) -> Any:
    return find(family).frozen(parameters)


def _histogram(data: _Data, notes: list[str]) -> pd.DataFrame:
    cuts = edges(data.values, data.counts)
    count, _ = np.histogram(data.values, cuts)
    beyond = data.values.size - int(count.sum())
    if beyond:
        notes.append(
            f"The histogram leaves out {beyond:,} values beyond {cuts[0]:.4g} to {cuts[-1]:.4g}."
        )
    width = np.diff(cuts)
    return TABLES["histogram"].frame(
        {
            "left": cuts[:-1],
            "right": cuts[1:],
            "count": count,
            "density": count / (data.values.size * width),
        }
    )


def _curve(data: _Data, histogram: pd.DataFrame, law: Any) -> dict[str, Floats]:
    low, high = histogram["left"].iloc[0], histogram["right"].iloc[-1]
    if data.counts:
        x = np.unique(np.round(np.linspace(low + 0.5, high - 0.5, POINTS)))
        return {"x": x, "density": law.pmf(x), "cumulative": law.cdf(x)}
    # Midpoints keep off a support's end, where a density can be infinite.
    x = low + (high - low) * (np.arange(POINTS) + 0.5) / POINTS
    return {"x": x, "density": law.pdf(x), "cumulative": law.cdf(x)}


def _fitted(data: _Data, histogram: pd.DataFrame, entries: list[Entry]) -> Frames:
    fits = [e.fit for e in entries if e.fit]
    estimates = [
        {"family": f.family, "parameter": n, "estimate": v, "standard_error": f.standard_errors[n]}
        for f in fits
        for n, v in f.parameters.items()
    ]
    x = np.sort(data.values)
    at = np.unique(np.round(np.linspace(0, x.size - 1, THINNED)).astype(int))
    curves = [
        pd.DataFrame({"family": f.family, **_curve(data, histogram, f.distribution)}) for f in fits
    ]
    places = [_places(f, x, at) for f in fits]
    return {
        "fits": TABLES["fits"].frame([_row(e) for e in entries]),
        "parameters": TABLES["parameters"].frame(estimates),
        "density": TABLES["density"].frame(pd.concat(curves) if curves else []),
        "quantiles": TABLES["quantiles"].frame(pd.concat(places) if places else []),
    }


def _row(entry: Entry) -> dict[str, Any]:
    made = entry.fit
    blank = ("aicc", "bic", "log_likelihood")
    values = {name: getattr(made, name) if made else np.nan for name in blank}
    return {
        "family": entry.family,
        "rank": entry.rank,
        **values,
        "delta": entry.delta,
        "weight": entry.weight,
        **(made.statistics if made else goodness.UNDEFINED),
        "free_parameters": len(made.free) if made else len(find(entry.family).parameters),
        "tied": entry.tied,
        "note": entry.note,
    }


def _places(made: Fit, x: Floats, at: Any) -> pd.DataFrame:
    p = (at + 0.5) / x.size
    law = made.distribution
    return pd.DataFrame(
        {
            "family": made.family,
            "probability": p,
            "observed": x[at],
            "fitted": law.ppf(p),
            "fitted_probability": law.cdf(x[at]),
        }
    )


def _assumed(config: Config, data: _Data, entries: list[Entry]) -> Fit:
    """The fit whose standard errors are put to the test."""
    if config.assumed == "best":
        return next(e.fit for e in entries if e.fit)
    if find(config.assumed).discrete != data.counts:
        kind = "counts" if data.counts else "measurements"
        raise InputError(f"`assumed` must be a family of {kind} for these values, not {config.assumed}.")
    return next((e.fit for e in entries if e.fit and e.family == config.assumed), None) or fit(
        data.values, config.assumed
    )


def _refits(
    config: Config,
    assumed: Fit,
    notes: list[str],
    generator: np.random.Generator,
    report: Report,
    tables: Frames,
) -> Refits | None:
    if not np.isfinite(assumed.covariance).all() or find(assumed.family).closed:
        notes.append(
            f"No refits: {assumed.family} has no standard errors from observed information here."
        )
        return None
    replicates = int(min(config.replicates, max(20, WORK / assumed.n)))
    if replicates < config.replicates:
        notes.append(
            f"At {assumed.n:,.0f} values the standard errors are tested with {replicates} refits of the "
            f"{config.replicates} asked for."
        )
    parts = []
    for part in refits(assumed, replicates, generator):
        parts.append(part)
        done = sum(p.natural.shape[0] + p.lost for p in parts)
        report(0.6 + 0.35 * done / replicates, f"refitting {assumed.family} to resampled values", tables)
    made = Refits(
        *(
            np.concatenate([getattr(p, n) for p in parts])
            for n in ("natural", "unconstrained", "likelihood_ratio")
        ),
        sum(p.lost for p in parts),
    )
    if made.lost:
        notes.append(f"{made.lost} of {replicates} refits of {assumed.family} reached no maximum.")
    return made if made.natural.shape[0] >= 10 else None


def _sampling(assumed: Fit, again: Refits) -> pd.DataFrame:
    r = again.natural.shape[0]
    at = np.unique(np.round(np.linspace(0, r - 1, 200)).astype(int))
    deviation = (again.unconstrained - assumed.peak.u) / _errors(assumed)
    parts = [
        pd.DataFrame(
            {
                "family": assumed.family,
                "parameter": name,
                "estimate": np.sort(again.natural[:, k])[at],
                "deviation": np.sort(deviation[:, k])[at],
                "expected": stats.norm.ppf((at + 0.5) / r),
            }
        )
        for k, name in enumerate(assumed.free)
    ]
    return TABLES["sampling"].frame(pd.concat(parts))


def _errors(made: Fit) -> Floats:
    """Standard errors in the search's coordinates: of the logarithm of parameters above 0."""
    return np.asarray(np.sqrt(np.diag(np.linalg.inv(made.peak.hessian * made.n))))


def _checks(
    config: Config, data: _Data, entries: list[Entry], assumed: Fit, again: Refits | None
) -> Iterator[theory.Row]:
    fits = [e.fit for e in entries if e.fit]
    yield theory.identity(
        "The score is zero at every maximum (distance from a zero, in standard errors)",
        0.0,
        [f.score for f in fits],
        tolerance=1e-5,
        source="definition of the maximum likelihood estimate inside a parameter space",
    )
    yield theory.identity(
        "Every fitted density integrates to 1 over its support",
        1.0,
        [verify.total_mass(f) for f in fits],
        tolerance=1e-8,
        source="definition of a density; 2e-10 is left out in the tails",
    )
    if again:
        yield from _information(assumed, again)
    if data.truth:
        yield from _recovery(config.truth, data)


def _information(assumed: Fit, again: Refits) -> Iterator[theory.Row]:
    r, k = again.unconstrained.shape
    spread, ratio = verify.fluctuation(assumed, r)
    yield theory.asymptotic(
        f"Standard errors of {assumed.family} equal the spread of refits to resampled values "
        "(logarithm of parameters above 0)",
        _errors(assumed),
        again.unconstrained.std(axis=0, ddof=1),
        tolerance=LEVEL * spread,
        source="White 1982, Econometrica 50, 1 (J = H where the family is right)",
    )
    yield theory.asymptotic(
        f"The mean likelihood ratio of refits of {assumed.family} is the number of free parameters",
        float(k),
        float(again.likelihood_ratio.mean()),
        standard_error=float(again.likelihood_ratio.std(ddof=1) / np.sqrt(r)),
        tolerance=LEVEL * ratio,
        source="Wilks 1938, Annals of Mathematical Statistics 9, 60; tr(J H⁻¹) in general",
    )


def _recovery(family: str, data: _Data) -> Iterator[theory.Row]:
    """The family that the values were drawn from, at its maximum and at the truth."""
    assert data.truth is not None
    made = attempt(data.values, family).fit
    if made is None:
        return
    if np.isfinite(made.covariance).all():
        yield theory.exact(
            f"Estimates of {family} lie at the truth, by their standard errors (normal in the limit)",
            list(data.truth.values()),
            [made.parameters[name] for name in data.truth],
            [made.standard_errors[name] for name in data.truth],
            source="asymptotic normality: van der Vaart 1998, Asymptotic Statistics, theorem 5.39",
        )
    law = _law(family, data.truth)
    each = law.logpmf(data.values) if find(family).discrete else law.logpdf(data.values)
    statistic = 2 * (made.log_likelihood - float(each.sum()))
    quantile = float(stats.chi2.isf(0.002, len(made.free)))
    yield theory.bound(
        f"2 (log L of {family} at its maximum − at the truth) stays below the 99.8 % quantile of χ²",
        quantile,
        statistic,
        violations=int(not statistic <= quantile),
        trials=1,
        allowed=0.002,
        source="Wilks 1938, Annals of Mathematical Statistics 9, 60",
    )
