"""Which family of distributions describes this column of numbers, and how well are its parameters known?

Set-up: a column of the user's own, a bundled one, or n draws from a known family, fitted with each
family by maximum likelihood and ranked by AICc = 2k − 2 log L + 2k(k + 1)/(n − k − 1), k free
parameters. Within 2 of the best, families are practically tied. Measurements are compared with
densities and counts with probabilities, never with each other. Goodness of fit is given as distances,
and p-values come from draws that are fitted again, because the usual tables do not hold for fitted
parameters. The best are compared two by two (Vuong) and by the log density of values left out.

Theory, were the assumed family true, in the limit of large n: with H the mean observed information,

    √n (θ̂ − θ) → N(0, H⁻¹),        2 (log L(θ̂) − log L(θ)) → χ² with k degrees of freedom.

Refits to resampled data spread as H⁻¹ J H⁻¹ / n, J the variance of a value's score, and their mean
likelihood ratio tends to tr(J H⁻¹). Only where the family is right is J = H, so that the refits
spread as the standard errors say and the mean ratio is k: a wrong family, or a contaminated sample,
shows there without the truth being known.

Intervals of the assumed family's parameters, mean, quantiles and chances of large values: Wald's from
the standard errors, those of the profile likelihood, and percentile and BCa intervals from the refits.
In standard errors the ends of a profile interval are ±z − κ z² / 6 + O(1/n), κ from third derivatives.

Sources: Hurvich & Tsai 1989, Biometrika 76, 297; Burnham & Anderson 2002, Model Selection and
Multimodel Inference; White 1982, Econometrica 50, 1; Wilks 1938, Annals of Mathematical Statistics
9, 60; Efron 1979, Annals of Statistics 7, 1; Lilliefors 1967, JASA 62, 399; Venzon &
Moolgavkar 1988, Applied Statistics 37, 87; Efron 1987, JASA 82, 171; Vuong 1989, Econometrica 57, 307;
Stone 1977, JRSS B 39, 44.
"""

from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from core import families, theory
from core.experiment import CHECKS, Frames, InputError, Report, Table, field
from core.families import choice_layout, diagnostic_layout, interval_layout, layout
from core.families.names import CONTINUOUS, COUNTS, Assumed, Counted, Measured
from core.families.source import Source, Values, values

if TYPE_CHECKING:
    from core.families import Fit
    from core.families.ranking import Entry

VERSION = 9


class Config(Source):
    families: tuple[Measured, ...] = field(
        CONTINUOUS,
        "Families to compare where the values are measurements.",
        section="more",
        min_length=1,
    )
    count_families: tuple[Counted, ...] = field(
        COUNTS, "Families to compare where the values are counts.", section="more", min_length=1
    )
    replicates: int = field(
        500,
        "Refits to resampled values: for bootstrap intervals, and to test the standard errors.",
        section="more",
        ge=20,
        le=2000,
    )
    method: str = field(
        "mle",
        "How the assumed family is estimated: mle, mme, qme:p1,p2,..., mge:KS (or CvM, AD, ADR, ADL, "
        "AD2R, AD2L, AD2) or mps. Families are always ranked by maximum likelihood (mle).",
        section="more",
        max_length=60,
    )
    confidence: float = field(
        0.95, "Confidence of all intervals.", section="more", step=0.01, ge=0.5, le=0.99
    )
    probabilities: tuple[Annotated[float, Field(ge=1e-6, le=0.999999)], ...] = field(
        (0.5, 0.95),
        "Probabilities whose quantiles get intervals.",
        label="Quantiles at",
        section="more",
        max_length=6,
    )
    above: tuple[Annotated[float, Field(ge=-1e300, le=1e300)], ...] = field(
        (),
        "Thresholds: the chance of a value above each gets intervals.",
        label="Chances to exceed",
        section="more",
        max_length=6,
    )
    assumed: Assumed = field(
        "best",
        "Family whose standard errors are put to the test: the best by AICc, or one of your choice.",
        label="Assumed family",
        section="assumption",
        names={"best": "The best by AICc"},
    )


TABLES = {
    "fits": layout.FITS,
    "parameters": layout.PARAMETERS,
    "histogram": layout.HISTOGRAM,
    "density": layout.DENSITY,
    "truth": layout.TRUTH,
    "quantiles": layout.QUANTILES,
    "sampling": layout.SAMPLING,
    "intervals": interval_layout.INTERVALS,
    "profile": interval_layout.PROFILE,
    "contour": interval_layout.CONTOUR,
    "estimates": interval_layout.ESTIMATES,
    "residuals": diagnostic_layout.RESIDUALS,
    "return_levels": diagnostic_layout.RETURN_LEVELS,
    "moments": diagnostic_layout.MOMENTS,
    "moment_theory": diagnostic_layout.MOMENT_THEORY,
    "comparison": choice_layout.COMPARISON,
    "averaged": choice_layout.AVERAGED,
    "verified": choice_layout.VERIFIED,
    "checks": CHECKS,
    "notes": Table("What was assumed, left out or thinned.", {"note": "a sentence"}),
}

BREAKS = {
    "5 % of the values 10 times as large": {"contamination": 0.05},
    "The exponential assumed for gamma values": {"assumed": "exponential"},
}


def run(config: Config, report: Report) -> Frames:
    """Fits every family, resamples the assumed one, and holds theory against both."""
    streams = np.random.default_rng(config.seed).spawn(6)
    resample, test, draw, diagnose, estimate, choose = streams
    families.estimation.known(config.method)
    data = values(config, draw)
    found, said = families.pictures.described(config, data)
    notes = [*data.notes, *said]
    entries: "list[Entry]" = []
    curves: list[Frames] = []
    names = config.count_families if data.counts else config.families
    for position, name in enumerate(names):
        report(0.5 * position / len(names), f"fitting {name}", found)
        entry = families.ranking.attempt(data.values, name)
        entries = families.ranking.ordered([*entries, entry])
        curves += [families.pictures.curves(data, found["histogram"], entry.fit)] if entry.fit else []
        found = {**found, **families.tables.fitted(entries, curves)}
    made = [e.fit for e in entries if e.fit]
    if not made:
        raise InputError(f"`families` must hold one that fits; {entries[0].family}: {entries[0].note}")
    checked = families.consistency.tested(
        entries, test, lambda name, share: report(0.5 + 0.15 * share, f"drawing from {name}", found)
    )
    choice = families.choice.chosen(
        entries, choose, lambda name, share: report(0.65, f"leaving values out of {name}", found)
    )
    found |= {"comparison": choice.comparison, "averaged": choice.averaged}
    found["fits"] = families.tables.fits(entries, checked.p, choice.scores)
    found["verified"] = families.choice.verified(made)
    notes += (*checked.notes, *choice.notes)
    assumed = _assumed(config, data, made)
    again, missing = families.stability.refitted(
        assumed,
        config.replicates,
        resample,
        lambda share: report(
            0.65 + 0.2 * share, f"refitting {assumed.family} to resampled values", found
        ),
    )
    notes += missing
    rows = [*families.checks.identities(made, list(found["verified"]["mass"]))]
    if again:
        asymptotic = [*families.checks.information(assumed, again)]
        asymptotic += families.choice.stone(assumed, choose)
        held, untested = families.checks.testable(asymptotic, assumed.n)
        rows += held
        notes += untested
    known = families.certainty.certainty(
        assumed,
        families.certainty.Asked(config.confidence, config.probabilities, config.above, config.method),
        again,
        estimate,
        lambda words, share: report(0.86 + 0.04 * share, words, found),
    )
    found |= known.tables
    rows += known.checks
    notes += known.notes
    diagnosed = families.diagnostics.diagnosed(
        made,
        assumed,
        data.ordered,
        found["histogram"],
        data.counts,
        diagnose,
        lambda words, share: report(0.9 + 0.1 * share, words, found),
    )
    found |= diagnosed.tables
    rows += diagnosed.checks
    if data.truth:
        rows += families.checks.recovery(
            families.fit(data.values, config.truth), data.truth, data.values
        )
    found["sampling"] = families.tables.sampling(assumed, again) if again else layout.SAMPLING.empty()
    found["checks"] = theory.checks(rows)
    found["notes"] = TABLES["notes"].frame({"note": notes})
    return {name: found[name] for name in TABLES}


def _assumed(config: Config, data: Values, made: "list[Fit]") -> "Fit":
    """The fit whose standard errors are put to the test."""
    if config.assumed == "best":
        return made[0]
    if families.find(config.assumed).discrete != data.counts:
        kind = "counts" if data.counts else "measurements"
        raise InputError(f"`assumed` must be a family of {kind} for these values, not {config.assumed}.")
    known = {f.family: f for f in made}
    return known.get(config.assumed) or families.fit(data.values, config.assumed)
