"""What theory says of spectra, held against those measured."""

from collections.abc import Sequence

import numpy as np

from core import theory
from core.linear import spectra, tracy_widom
from core.linear.designs import Floats
from core.linear.spiked import Law

JOHNSTONE, BAIK = "Johnstone (2001), theorem 1.1", "Baik, Ben Arous & Péché, arXiv:math/0403022"
PASTUR = "Marchenko & Pastur (1967); Wigner (1958), Annals of Mathematics 67, 325"
VECTORS = "Benaych-Georges & Nadakuditi, arXiv:0910.2120, section 3"
SECULAR = "secular equation of a bordered matrix: Golub (1973), SIAM Review 15, 318"
DUMITRIU = "Dumitriu & Edelman, arXiv:math-ph/0206043"
SHARES = np.array([0.05, 0.15, 0.25, 0.35, 0.65, 0.75, 0.85, 0.95])
# Directions this strong are past the blur of the threshold, which is p^(−1/3) wide.
STRONG = 2.0


def simulated(law: Law, drawn: Sequence[spectra.Drawn], edge: Floats) -> list[theory.Row]:
    """Checks of matrices `drawn`, and of largest eigenvalues `edge` (draws,) of Gaussian noise."""
    count, size = len(drawn), law.rank
    square = np.array([one.square for one in drawn])
    claim = "The mean of tr S² / p is that of Gaussian noise at this size"
    moments = "fourth moments of Gaussian entries: Isserlis (1918), Biometrika 12, 134"
    rows = [_mean(claim, law.square(), square, source=moments)]
    claim = "Quantiles of the eigenvalues of noise are those of the limit"
    quantiles = np.mean(
        [np.quantile(one.inner[-min(size, one.inner.size) :], SHARES, method="hazen") for one in drawn],
        axis=0,
    )
    limit = law.quantiles(SHARES)
    # m eigenvalues know their distribution to about one in m.
    rows.append(theory.asymptotic(claim, limit, quantiles, source=PASTUR, tolerance=2 / size))
    noise = np.array([one.path.eigenvalue[0] for one in drawn])
    error = np.hypot(noise.std(ddof=1) / np.sqrt(count), edge.std(ddof=1) / np.sqrt(edge.size))
    claim = "The mean largest eigenvalue of noise is that of tridiagonal matrices"
    rows.append(theory.exact(claim, edge.mean(), noise.mean(), error, source=DUMITRIU, replicates=count))
    return [*rows, _edge(law, edge), *_strong(law, drawn)]


def _edge(law: Law, edge: Floats) -> theory.Row:
    centre, scale = law.largest()
    scaled = (edge - centre) / scale
    claim = "The mean largest eigenvalue of Gaussian noise, in Tracy–Widom's units, is that of the limit"
    sampling = 3 * np.sqrt(tracy_widom.VARIANCE / edge.size) / abs(tracy_widom.MEAN)
    return theory.asymptotic(
        claim,
        tracy_widom.MEAN,
        scaled.mean(),
        source=JOHNSTONE,
        # Three standard errors, and the rate at which this centring converges.
        tolerance=float(sampling + law.rank ** (-2 / 3)),
        standard_error=float(scaled.std(ddof=1) / np.sqrt(edge.size)),
    )


def _strong(law: Law, drawn: Sequence[spectra.Drawn]) -> list[theory.Row]:
    """The path of one direction beyond the threshold, and that it is the matrix's own."""
    at = spectra.STRENGTHS >= STRONG
    w = spectra.STRENGTHS[at]
    values = np.mean([one.path.eigenvalue[at] for one in drawn], axis=0)
    overlaps = np.mean([one.path.overlap[at] for one in drawn], axis=0)
    # Fluctuations of a single matrix are about √(2/p) of the value; the bias is of order 1/p.
    allowed = 3 * np.sqrt(2 / law.rank / len(drawn)) + 3 / law.rank
    claim = "A direction of w ≥ 2 sends the largest eigenvalue to its limit"
    first = theory.asymptotic(claim, law.eigenvalue(w), values, source=BAIK, tolerance=allowed)
    claim = "Its vector has the limit's squared cosine with the direction"
    second = theory.asymptotic(claim, law.overlap(w), overlaps, source=VECTORS, tolerance=allowed)
    claim = f"The path of one direction is that of the matrix itself, at w = {w[0]:g}"
    hand = [(one.by_hand, one.path.eigenvalue[spectra.BY_HAND]) for one in drawn]
    seen = np.array([pair for pair in hand if np.isfinite(pair[0])])
    return [first, second, theory.identity(claim, seen[:, 0], seen[:, 1], source=SECULAR)]


def data(seen: spectra.Seen, copies: Floats) -> list[theory.Row]:
    """Checks of a table and of the eigenvalues `copies` (replicates, p) of its shuffled copies."""
    n, p = seen.standard.shape
    total = "trace of a correlation matrix"
    claim = "The eigenvalues of p columns sum to p"
    rows = [theory.identity(claim, float(p), float(seen.eigenvalues.sum()), source=total)]
    claim = "Over shuffled copies the mean of tr R² / p is 1 + (p − 1)/(n − 1)"
    source = "variance 1/(n − 1) of a correlation under permutation: Pitman (1937), JRSS Suppl. 4, 225"
    square = (copies**2).mean(axis=1)
    rows.append(_mean(claim, 1 + (p - 1) / (n - 1), square, source=source))
    over = copies[:, 0] > spectra.line(spectra.noise_of(seen))
    claim = "At most 5 % of shuffled copies have an eigenvalue above the line: tails are light enough"
    height = spectra.line(spectra.noise_of(seen))
    bound = theory.bound(
        claim + " (95th percentile shown)",
        height,
        float(np.quantile(copies[:, 0], spectra.LEVEL)),
        violations=int(over.sum()),
        trials=over.size,
        allowed=1 - spectra.LEVEL,
        source=JOHNSTONE,
    )
    return [*rows, bound]


def _mean(claim: str, predicted: float, values: Floats, *, source: str) -> theory.Row:
    error = values.std(ddof=1) / np.sqrt(values.size)
    return theory.exact(claim, predicted, values.mean(), error, source=source, replicates=values.size)
