"""Intervals against closed forms, brute force and scipy's bootstrap."""

import numpy as np
import pytest
from scipy import optimize, stats

from core import families
from core.families import (
    bootstraps,
    contours,
    interval_checks,
    intervals,
    other_methods,
    quantities,
    resampling,
    wald,
)

Z = stats.norm.isf(0.025)
CRITICAL = stats.chi2.ppf(0.95, 1)


def sample(law: str, n: int = 40, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.exponential(3.0, n) if law == "exponential" else rng.normal(5.0, 2.0, n)


def own(found: intervals.Known, name: str, kind: str) -> tuple[float, float]:
    """The interval in the quantity's unit."""
    k = [one.name for one in found.quantities].index(name)
    low, high = found.quantities[k].back(np.array(found.ends[kind][k]))
    return float(low), float(high)


def exponential_ends(mean: float, n: float) -> list[float]:
    """Where 2 n (m/θ − 1 − log(m/θ)) = 3.84."""

    def fall(log: float) -> float:
        return 2 * n * (np.exp(-log) - 1 + log) - CRITICAL

    return [mean * np.exp(optimize.brentq(fall, *ends)) for ends in ((-3.0, 0.0), (0.0, 3.0))]


def test_exponential_mean_against_its_likelihood_ratio() -> None:
    x = sample("exponential")
    found = intervals.known(families.fit(x, "exponential"), 0.95, (0.9,), (4.0,))
    low, high = exponential_ends(x.mean(), x.size)
    for name, back in (
        ("scale", lambda m: m),
        ("mean", lambda m: m),
        ("quantile 0.9", lambda m: m * np.log(10)),
        ("P(X > 4)", lambda m: np.exp(-4 / m)),
    ):
        np.testing.assert_allclose(own(found, name, "profile"), (back(low), back(high)), rtol=2e-6)
    half = Z / np.sqrt(x.size)
    ends = x.mean() * np.exp([-half, half])
    np.testing.assert_allclose(own(found, "mean", "Wald"), ends, rtol=1e-6)


def test_censored_exponential_mean_against_its_likelihood_ratio() -> None:
    x = sample("exponential")
    seen = x < 4.0
    left = np.minimum(x, 4.0)
    fit = families.fit((left, np.where(seen, left, np.nan)), "exponential")
    found = intervals.known(fit, 0.95)
    ends = exponential_ends(left.sum() / seen.sum(), seen.sum())
    np.testing.assert_allclose(own(found, "scale", "profile"), ends, rtol=2e-6)


def test_normal_against_closed_forms_and_brute_force() -> None:
    x = sample("normal")
    n, middle, sd = x.size, x.mean(), x.std()
    found = intervals.known(families.fit(x, "normal"), 0.95, (0.95,))
    half = sd * np.sqrt(np.expm1(CRITICAL / n))
    np.testing.assert_allclose(own(found, "mean", "profile"), (middle - half, middle + half), rtol=2e-6)
    z = stats.norm.ppf(0.95)
    error = sd * np.sqrt((1 + z**2 / 2) / n)
    ends = middle + z * sd + Z * error * np.array([-1, 1])
    np.testing.assert_allclose(own(found, "quantile 0.95", "Wald"), ends, rtol=1e-6)

    def fall(q: float) -> float:
        def loss(log: float) -> float:
            s = np.exp(log)
            return -stats.norm.logpdf(x, q - z * s, s).sum()

        least = optimize.minimize_scalar(
            loss, bounds=(-2, 3), method="bounded", options={"xatol": 1e-10}
        )
        return 2 * (least.fun + stats.norm.logpdf(x, middle, sd).sum()) - CRITICAL

    best = middle + z * sd
    brute = [optimize.brentq(fall, best - 3, best), optimize.brentq(fall, best, best + 5)]
    np.testing.assert_allclose(own(found, "quantile 0.95", "profile"), brute, rtol=1e-5)


def test_an_end_that_is_never_reached_is_infinite() -> None:
    # Lighter tails than normal: any large number of degrees of freedom does.
    x = stats.norm.ppf((np.arange(40) + 0.5) / 40)
    found = intervals.known(families.fit(x, "student-t"), 0.95)
    low, high = own(found, "df", "profile")
    assert 1 < low < 30
    assert high == np.inf
    assert any("df of student-t has no upper end" in note for note in found.notes)
    # At the edge of the family the other intervals are those of the normal distribution.
    same = intervals.known(families.fit(x, "normal"), 0.95)
    np.testing.assert_allclose(own(found, "location", "Wald"), own(same, "mean", "Wald"), atol=1e-4)


def test_regions_are_where_the_likelihood_ratio_is_that_of_chi_squared() -> None:
    x = sample("normal")
    edges, ellipses = contours.contours(families.fit(x, "normal"), (0, 1), (0.5, 0.95))
    fit = families.fit(x, "normal")
    shift, stretch = fit.peak.shift, fit.peak.stretch
    for level, edge in zip((0.5, 0.95), edges, strict=True):
        at, sd = shift + stretch * edge[:, 0], stretch * np.exp(edge[:, 1])
        ratio = 2 * (fit.log_likelihood - stats.norm.logpdf(x, at[:, None], sd[:, None]).sum(axis=1))
        np.testing.assert_allclose(ratio, stats.chi2.ppf(level, 2), rtol=1e-3)
        np.testing.assert_allclose(edge[0], edge[-1])
    step = np.linalg.solve(np.linalg.cholesky(wald.covariance(fit)), (ellipses[1] - fit.peak.u).T)
    np.testing.assert_allclose((step**2).sum(axis=0), stats.chi2.ppf(0.95, 2))


def test_regions_have_the_other_parameters_at_their_best() -> None:
    x = np.random.default_rng(0).standard_t(4, 80)
    fit = families.fit(x, "student-t")
    (edge,), _ = contours.contours(fit, (1, 2), (0.9,))
    for place in (5, 20):
        at = fit.peak.shift + fit.peak.stretch * edge[place, 0]
        fixed = {"location": at, "scale": fit.peak.stretch * np.exp(edge[place, 1])}
        held = families.fit(x, "student-t", fixed=fixed)
        ratio = 2 * (fit.log_likelihood - held.log_likelihood)
        assert ratio == pytest.approx(stats.chi2.ppf(0.9, 2), rel=1e-3)


def test_skewness_moves_both_ends_of_a_profile_interval() -> None:
    """On the logarithm D = n (e^(−h) − 1 + h), so that κ = −1/√n."""
    x = sample("exponential", 400)
    found = intervals.known(families.fit(x, "exponential"), 0.95)
    assert interval_checks.skewness(found, 0) == pytest.approx(-0.05, rel=1e-3)
    (row,), _ = interval_checks.ends(found)
    assert row["holds"]
    # The normal limit alone, and skewness of the wrong sign, are told from it.
    shift = Z**2 / 6 * 0.05
    assert row["tolerance"] < 0.5 * shift / Z
    found.reached[:] = [-Z, Z, -Z, Z]
    assert not interval_checks.ends(found)[0][0]["holds"]


def test_bca_is_scipys_on_a_mean() -> None:
    x = sample("exponential", 60)
    made = stats.bootstrap((x,), np.mean, n_resamples=999, method="BCa", rng=np.random.default_rng(1))
    fit = families.fit(x, "exponential")
    one = quantities.mean(fit)
    limit = wald.normal(fit, one)
    a = bootstraps.acceleration(bootstraps.influences(fit), np.ones(60), limit)
    low, high, inside = bootstraps.bca(made.bootstrap_distribution, x.mean(), a, 0.95)
    np.testing.assert_allclose((low, high), made.confidence_interval, rtol=1e-6)
    assert inside


def test_percentiles_of_refits_are_of_the_quantity() -> None:
    x = sample("exponential", 60)
    fit = families.fit(x, "exponential")
    again = resampling.Refits.joined(list(resampling.refits(fit, 200, np.random.default_rng(0), 10_000)))
    found = intervals.known(fit, 0.9, (0.5,), (), again)
    expected = np.quantile(again.natural[:, 0] * np.log(2), [0.05, 0.95])
    np.testing.assert_allclose(own(found, "quantile 0.5", "percentile"), expected, rtol=1e-5)
    low, high, inside = bootstraps.bca(np.arange(20.0), 19.0, 0.2, 0.99)
    assert not inside
    assert low <= high


def test_what_has_no_interval_is_said() -> None:
    counts = intervals.known(families.fit(np.array([0.0, 1, 2, 5, 3]), "poisson"), 0.95, (0.5,), (2.5,))
    assert [one.name for one in counts.quantities] == ["lambda", "mean", "P(X > 2.5)"]
    assert any("Quantiles of counts" in note for note in counts.notes)
    kinks = intervals.known(families.fit(np.array([0.0, 1, 2, 5, 3]), "laplace"), 0.95)
    assert kinks.notes == [
        "No intervals: laplace has no standard errors from observed information here."
    ]


def test_standard_errors_of_moments_are_the_spread_of_their_refits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(other_methods.COSTS, "mme", (40, 2000))
    x = sample("normal", 100)
    fit = families.fit(x, "normal")
    other = other_methods.by("mme", fit, np.random.default_rng(0), lambda share: None)
    table = other_methods.estimates(fit, other).set_index("parameter")
    # Of 40 refits the spread has a relative error of 11 %.
    assert table.loc["mean", "standard_error"] == pytest.approx(x.std() / 10, rel=0.35)
    assert table.loc["mean", "estimate"] == pytest.approx(table.loc["mean", "likeliest"])
    assert (table["refits"] == 40).all()
    assert "the ranking stays by maximum likelihood" in other.notes[-1]
