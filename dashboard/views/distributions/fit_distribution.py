"""The page of fitting a distribution: densities, the ranking, what is left over, rare values, refits."""

import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows
from dashboard.views.distributions.fits import (
    averages,
    compared,
    densities,
    known,
    leftover,
    levels,
    moments,
    ranking,
    refits,
    regions,
    shared,
)

WHY = r"""
A **family** is a set of distributions with a few numbers to choose, its parameters $\theta$.
**Maximum likelihood** chooses those under which the $n$ values are most probable: the maximum of
$\log L(\theta) = \sum_i \log f(x_i; \theta)$. More parameters always fit better, so families are
compared by

$$
\mathrm{AICc} = 2k - 2 \log L(\hat\theta) + \frac{2k(k+1)}{n-k-1}, \qquad
\mathrm{BIC} = k \log n - 2 \log L(\hat\theta),
$$

with $k$ free parameters. Within 2 of the least AICc two families are **practically tied**: these
data do not tell them apart. The Akaike weight $e^{-\Delta/2}$, made to sum to 1, says how much
speaks for each, *among those compared*; a best family can still fit badly, and the Q–Q plot shows it.

**Two at a time.** Vuong's test asks which of two families lies closer to the truth, though both may be
wrong: the mean difference of their log densities over its standard error is normal where both are as
close, unless they are the same law, as nested and overlapping families can be (table `comparison`). The
**log score** is the mean log density of values that were left out of the fit; leaving each out costs a
nat a parameter in all, as AIC says. **Averaged** quantiles weigh the families by their Akaike weights,
with $\mathrm{s.e.} = \sum_m w_m \sqrt{v_m + (q_m - \bar q)^2}$.

**How well the parameters are known.** If the family is right, then as $n$ grows

$$
\sqrt n\,(\hat\theta - \theta) \to N(0, H^{-1}), \qquad
2 \bigl(\log L(\hat\theta) - \log L(\theta)\bigr) \to \chi^2_k ,
$$

where $H$ is the mean second derivative of $-\log f$ (the observed information). The standard errors
come from it. Refits to resampled data spread instead by $H^{-1} J H^{-1} / n$, with $J$ the variance
of the first derivative. The two agree when the family is right, because then $J = H$. When it is not,
the standard errors are wrong, and the last chart leaves its dashed line: no truth need be known.

**Intervals.** Wald's go the same way up and down from the estimate, on a scale that suits the quantity
(a logarithm for what is above 0, log odds for a probability). **Profile** intervals hold the values at
which twice the log-likelihood, all else at its best, falls by less than a quantile of $\chi^2_1$. To
second order both their ends lie $-\kappa z^2/6$ standard errors off, $\kappa$ from third derivatives.
**Percentiles** of the refits need no standard errors; **BCa** corrects them for bias and skewness.

**Other methods.** `method` sets the estimates of one family by moments, quantiles, distances or spacings
beside those of maximum likelihood; their standard errors come from refits by the same method.

**What it assumes.** Independent values of one distribution, a maximum inside the family, a support
that does not depend on the parameters. Fits that break the last two say so in the table `fits`.

**What to look for.** Replace 5 % of the values by ones ten times as large: the estimates leave the
truth by many standard errors, and a family with a heavier tail takes the lead. Assume the exponential
for gamma values: its standard error is too large by half. Take $n = 50$: several families are tied.

**Does the best one fit at all?** Samples are drawn from the fit and fitted again; the p-value is the
share of them that lie at least as far from their own fit as the data do. Tables that ignore the fitting
would reject almost never.

**What a fit leaves over.** Were $F$ the law of the values, $F(x_{(i)})$ of the $i$-th smallest would
be a Beta$(i, n + 1 - i)$ value: the band of the residuals is exact, rank by rank, but for the fitting,
which makes it a little wide. In the Cullen–Frey plane no distribution lies below
$m_4/m_2^2 = m_3^2/m_2^3 + 1$; the sample is held against samples of the same size drawn from the fit,
because both its moments are far from normal in small samples of heavy tails.

Sources: Akaike 1974, *IEEE Transactions on Automatic Control* 19, 716; Hurvich & Tsai 1989,
*Biometrika* 76, 297; Venzon & Moolgavkar 1988, *Applied Statistics* 37, 87; Efron 1987, *JASA* 82, 171;
Burnham & Anderson 2002, *Model Selection and Multimodel Inference*; White 1982,
*Econometrica* 50, 1; Wilks 1938, *Annals of Mathematical Statistics* 9, 60; Lilliefors 1967, *JASA*
62, 399; Cullen & Frey 1999, *Probabilistic Techniques in Exposure Assessment*; van Buuren & Fredriks
2001, *Statistics in Medicine* 20, 1259; Vuong 1989, *Econometrica* 57, 307; Stone 1977, *JRSS B* 39,
44; Coles 2001, *Statistical Modeling of Extreme Values*.
"""


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """The best family, its parameters, what it is tied with, and how far it lies from the data."""
    fits = shared.ranked(tables)
    if fits.empty:
        return []
    best = fits.iloc[0]
    mine = rows(tables, "parameters").query("family == @best.family")
    values = [charts.number(p.estimate, p.standard_error) for p in mine.itertuples()]
    tied = [f for f in fits[fits["tied"].astype(bool)]["family"] if f != best["family"]]
    far = "share of samples drawn from the fit, and fitted again, that lie at least as far from it"
    value = best["p_value"]
    fit = [Figure("Goodness of fit", f"p = {value:.2g}", far)] if pd.notna(value) else []
    return [
        Figure("Best family", best["family"], best["note"] or f"least AICc of {len(fits)} families"),
        Figure(", ".join(mine["parameter"]), ", ".join(values), "maximum likelihood ± standard error"),
        Figure("Tied with", ", ".join(tied) or "none", "families whose AICc is within 2 of the best"),
        *fit,
    ]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Density over histogram, ranking, Q–Q, P–P, residuals, return levels, the Cullen–Frey plane, and
    how well the assumed family is known."""
    counts, named = shared.counted(tables, config), shared.named(config)
    made = [
        densities.density(tables, counts, named),
        ranking.ranking(tables),
        averages.averages(tables),
        compared.quantiles(tables, counts),
        compared.probabilities(tables, counts),
        leftover.residuals(tables, counts, named),
        levels.levels(tables, counts, named),
        moments.moments(tables),
        known.intervals(tables),
        known.profiles(tables),
        *regions.regions(tables),
        refits.refits(tables),
    ]
    return [panel for panel in made if panel]


def snippet(tables: Tables, config: Config) -> str:
    """Python that makes the best fit."""
    fits = shared.ranked(tables)
    return "" if fits.empty or "python" not in fits else str(fits["python"].iloc[0]).replace("; ", "\n")
