"""Values seen between two points only, and counts known by bounds."""

import numpy as np
import pytest
from scipy import optimize, stats

from core.families import find, fit, goodness, jets, ranges
from core.families.significance import p_values

RNG = np.random.default_rng


def seen(law, low, high, n, seed=0):
    x = np.asarray(law.rvs(n, random_state=RNG(seed)), float)
    return x[(x >= low) & (x <= high)]


def test_an_exponential_truncated_on_the_left_is_shifted() -> None:
    x = seen(stats.expon(0, 3), 2, np.inf, 200)
    made = fit(x, "exponential", truncated=(2, None))
    mean = x.mean() - 2
    assert made.parameters["scale"] == pytest.approx(mean, rel=1e-7)
    assert made.standard_errors["scale"] == pytest.approx(mean / np.sqrt(x.size), rel=1e-6)
    shifted = stats.expon(2, mean)
    assert made.log_likelihood == pytest.approx(shifted.logpdf(x).sum(), rel=1e-12)
    for name, value in goodness.statistics(x, np.ones(x.size), shifted).items():
        assert made.statistics[name] == pytest.approx(value, rel=1e-6)


def test_an_exponential_truncated_above_is_the_truncated_exponential() -> None:
    x = seen(stats.expon(0, 3), 0, 5, 300)
    made = fit(x, "exponential", truncated=(None, 5))
    other = fit(x, "truncated-exponential", fixed={"upper": 5.0})
    assert made.parameters["scale"] == pytest.approx(other.parameters["scale"], rel=1e-6)
    assert made.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-12)
    assert made.standard_errors["scale"] == pytest.approx(other.standard_errors["scale"], rel=1e-4)
    np.testing.assert_allclose(made.seen.cdf(x), other.distribution.cdf(x), rtol=1e-6)
    np.testing.assert_allclose(made.seen.logpdf(x), other.distribution.logpdf(x), rtol=1e-6)
    p = np.array([1e-6, 0.2, 0.9])
    np.testing.assert_allclose(made.seen.ppf(p), other.distribution.ppf(p), rtol=1e-6)


@pytest.mark.parametrize("points", [(0.0, 4.0), (0.0, None), (None, 4.0)])
def test_a_truncated_normal_is_at_scipys_maximum(points: tuple[float | None, float | None]) -> None:
    low, high = (
        end if end is not None else far for end, far in zip(points, (-np.inf, np.inf), strict=True)
    )
    x = seen(stats.norm(1, 1.5), low, high, 400)
    made = fit(x, "normal", truncated=points)

    def loss(p):
        return -stats.truncnorm((low - p[0]) / p[1], (high - p[0]) / p[1], *p).logpdf(x).sum()

    best = optimize.minimize(
        loss, [1.0, 1.5], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-11}
    )
    found = list(made.parameters.values())
    assert made.log_likelihood == pytest.approx(-best.fun, abs=1e-7)
    np.testing.assert_allclose(found, best.x, rtol=1e-4)
    assert loss(np.array(found)) == pytest.approx(-made.log_likelihood, rel=1e-12)


def test_the_values_unit_is_only_a_unit() -> None:
    x = seen(stats.norm(1, 1.5), 0, 4, 300)
    near, far = (fit(k * x, "normal", truncated=(0, 4 * k)) for k in (1.0, 1e-9))
    assert 1e9 * far.parameters["sd"] == pytest.approx(near.parameters["sd"], rel=1e-6)
    assert far.log_likelihood == pytest.approx(near.log_likelihood - x.size * np.log(1e-9), rel=1e-10)


def test_points_beyond_the_support_leave_nothing_out() -> None:
    x = seen(stats.gamma(2, 0, 3), 0, np.inf, 100)
    made = fit(x, "gamma", truncated=(-1.0, None))
    assert made.log_likelihood == fit(x, "gamma").log_likelihood
    assert made.seen is made.distribution


def test_a_value_censored_in_a_truncated_sample_lies_below_the_upper_point() -> None:
    x = seen(stats.norm(1, 2), -np.inf, 4, 300)
    late = x > 3
    made = fit((np.where(late, 3, x), np.where(late, np.nan, x)), "normal", truncated=(None, 4))
    law = stats.norm(*made.parameters.values())
    theirs = law.logpdf(x[~late]).sum() + late.sum() * np.log(law.cdf(4) - law.cdf(3))
    assert made.log_likelihood == pytest.approx(theirs - x.size * law.logcdf(4), rel=1e-10)
    assert made.score < 1e-6


def test_p_values_are_of_the_truncated_law() -> None:
    x = seen(stats.expon(0, 3), 2, np.inf, 300)
    found = p_values(fit(x, "exponential", truncated=(2, None)), RNG(1), draws=99)
    same = p_values(fit(x - 2, "exponential"), RNG(1), draws=99)
    for test, value in same.items():
        assert found[test].statistic == pytest.approx(value.statistic, rel=1e-6)
        # Both draw by other numbers: 4 standard errors of their difference.
        assert abs(found[test].value - value.value) < 4 * np.hypot(
            found[test].standard_error, value.standard_error
        )


def test_counts_of_1_or_more_follow_the_zero_truncated_poisson() -> None:
    """λ / (1 − e^−λ) is the mean: Cohen 1960, Biometrics 16, 446."""
    x = seen(stats.poisson(2.0), 1, np.inf, 300)
    rate = optimize.brentq(lambda v: v / -np.expm1(-v) - x.mean(), 0.01, 20)
    made = fit(x, "poisson", truncated=(1, None))
    assert made.parameters["lambda"] == pytest.approx(rate, rel=1e-7)
    p = -np.expm1(-rate)
    information = x.size * (1 / (rate * p) - np.exp(-rate) / p**2)
    assert made.standard_errors["lambda"] == pytest.approx(information**-0.5, rel=1e-6)
    assert made.seen.cdf(0) == 0.0
    assert float(made.seen.pmf(np.arange(1, 60)).sum()) == pytest.approx(1.0)
    # The hurdle's counts above 0 have that law.
    assert p_values(made, RNG(0), draws=49)["chi2"].value > 1e-3


@pytest.mark.parametrize(
    ("name", "theta", "low", "high"),
    [
        ("poisson", (4.2,), 1, np.inf),
        ("poisson", (4.2,), 40, np.inf),
        ("poisson", (1e4,), 10_300, np.inf),
        ("poisson", (1e4,), 9_000, 9_900),
        ("binomial", (120.0, 0.9), 100, np.inf),
        ("binomial", (120.0, 0.9), -np.inf, 100),
        ("poisson", (1e4,), 9_000, 11_000),
    ],
)
def test_probabilities_of_ranges_are_the_laws(name, theta, low, high) -> None:
    """Sums over blocks of counts agree to 1e-10, of single counts to rounding."""
    family = find(name)
    law = family.frozen(dict(zip(family.names, theta, strict=True)))
    most = theta[0] if name == "binomial" else np.inf
    (chunk,) = ranges.chunks(family, np.array([float(low)]), np.array([float(high)]), np.ones(1), most)
    found = jets._terms(family, "among", chunk.x, chunk.right, np.array(theta))[0]
    truth = law.logsf(low - 1) if np.isinf(high) else np.log(law.cdf(high) - law.cdf(low - 1))
    assert float(found) == pytest.approx(truth, rel=1e-10)


def test_counts_known_by_bounds_are_at_their_maximum() -> None:
    """Top-coded, bottom-coded and grouped counts, both bounds included."""
    x = np.asarray(stats.nbinom(2, 0.3).rvs(200, random_state=RNG(3)), float)
    left, right = x.copy(), x.copy()
    right[x >= 9], left[x >= 9] = np.nan, 9
    group = (x >= 4) & (x <= 6) & (np.arange(200) % 2 == 0)
    left[group], right[group] = 4, 6
    left[x == 0], right[x == 0] = np.nan, 0
    made = fit((left, right), "negative-binomial")
    size, mu = made.parameters.values()

    def logs(size, mu):
        law = stats.nbinom(size, size / (size + mu))
        exact = left == right
        some = [law.logsf(8) * (x >= 9).sum(), law.logcdf(0) * (x == 0).sum()]
        return law.logpmf(x[exact]).sum() + sum(some) + np.log(law.cdf(6) - law.cdf(3)) * group.sum()

    assert made.log_likelihood == pytest.approx(logs(size, mu), rel=1e-10)
    for near in ((size * 1.01, mu), (size / 1.01, mu), (size, mu * 1.01), (size, mu / 1.01)):
        assert logs(*near) < made.log_likelihood
    assert np.isfinite(list(made.standard_errors.values())).all()
