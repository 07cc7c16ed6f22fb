"""p-values of goodness of fit: exact where the law is known, uniform where the family is right."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from core.experiment import InputError
from core.families import find, fit, goodness, limiting, rowwise, stephens
from core.families.distances import between, counted
from core.families.significance import p_values

LEVELS = np.array(stephens.LEVELS)
PRINTED = {
    ("cvm", "normal"): (0.091, 0.104, 0.126, 0.148, 0.179),
    ("ad", "normal"): (0.561, 0.631, 0.752, 0.873, 1.035),
    ("cvm", "exponential"): (0.148, 0.175, 0.222, 0.271, 0.338),
    ("ad", "exponential"): (0.916, 1.062, 1.321, 1.591, 1.959),
    ("ad", "known"): (1.610, 1.933, 2.492, 3.070, 3.857),
}


def rng(seed=0):
    return np.random.default_rng(seed)


def test_distances_of_rows_are_those_of_each_sample():
    x = rng().gamma(2.0, 3.0, (3, 40))
    law = stats.gamma(2.2, 0, 2.8)
    found = between(law.cdf(np.sort(x, axis=1)))
    for row in range(3):
        for name, value in goodness.statistics(x[row], np.ones(40), law).items():
            assert found[name][row] == pytest.approx(value, rel=1e-12)


def test_distances_between_limits_are_the_integrals_there():
    u, low, high = np.sort(rng().random((1, 12)), axis=1), 0.2, 0.7
    s = np.linspace(low, high, 400_001)
    gap = np.searchsorted(u[0], s, side="right") / 12 - s
    found = between(np.where(u < low, 0.0, np.where(u > high, 1.0, u)), low, high)
    assert found["ks"][0] == pytest.approx(np.abs(gap).max(), abs=1e-5)
    assert found["cvm"][0] == pytest.approx(12 * np.mean(gap**2) * (high - low), rel=1e-4)
    weighted = np.mean(gap**2 / (s * (1 - s))) * (high - low)
    assert found["ad"][0] == pytest.approx(12 * weighted, rel=1e-4)


def test_pearsons_statistic_is_scipys():
    seen, expected = np.array([[12.0, 20, 18, 10]]), np.array([[0.25, 0.25, 0.3, 0.2]])
    found = counted(seen, expected, np.arange(4))["chi2"][0]
    assert found == pytest.approx(stats.chisquare(seen[0], 60 * expected[0]).statistic)


@pytest.mark.parametrize(("test", "family"), PRINTED)
def test_limiting_law_has_the_printed_points(test, family):
    found = limiting.exceedance(limiting.estimated(test, family), np.array(PRINTED[test, family]))
    # Points are printed to half a unit of the third decimal, 2 % of the probability at most.
    np.testing.assert_allclose(found, LEVELS, rtol=0.025)


@pytest.mark.parametrize("family", ["gumbel", "weibull", "logistic", "gamma"])
def test_fits_of_rows_are_maxima(family):
    x = find(family).frozen(dict(zip(find(family).names, (3.0, 2.0), strict=True)))
    rows = np.asarray(x.rvs((4, 60), random_state=rng()))
    law, found = find(family), np.array(rowwise.FAMILIES[family].fit(rows)).T
    for values, parameters in zip(rows, found, strict=True):

        def loss(p, values=values):
            return -law.frozen(dict(zip(law.names, p, strict=True))).logpdf(values).mean()

        best = loss(parameters)
        # Half a curvature of 1e-6 squared away from a maximum is below rounding, a slope is not.
        for step in (1e-4, -1e-4):
            assert loss(parameters * (1 + np.array([step, 0]))) > best
            assert loss(parameters * (1 + np.array([0, step]))) > best


def test_tables_have_the_level_they_claim():
    x = rng().normal(3.0, 2.0, (4000, 50))
    found = stephens.statistics(x, "normal")
    for test in ("ks", "cvm", "ad"):
        value = stephens.modified(test, found[test], 50, "normal")
        point = 0.895 if test == "ks" else {"cvm": 0.126, "ad": 0.752}[test]
        # 4 standard errors, and 5 % of the level for the tables.
        assert (value > point).mean() == pytest.approx(
            0.05, abs=4 * np.sqrt(0.05 * 0.95 / 4000) + 0.0025
        )


@pytest.fixture(scope="module")
def normal():
    return fit(rng(3).normal(2.0, 5.0, 60), "normal")


def test_simulation_agrees_with_the_tables(normal):
    simulated, tabled = p_values(normal, rng(), enough=1000), stephens.p_values(normal)
    assert set(simulated) == set(tabled) == {"ks", "cvm", "ad"}
    for test in ("cvm", "ad"):
        assert simulated[test].value == pytest.approx(
            tabled[test][0], abs=4 * simulated[test].standard_error + 0.02
        )
    low, high = tabled["ks"]
    error = 4 * simulated["ks"].standard_error
    assert low - error <= simulated["ks"].value <= high + error


def test_the_limit_with_any_fit_is_that_of_the_tables(normal):
    for test in ("cvm", "ad"):
        np.testing.assert_allclose(
            limiting.of(normal, test)[:20], limiting.estimated(test, "normal")[:20], rtol=1e-4
        )


def test_a_clear_answer_stops_early_and_the_rest_do_not(normal):
    """With 20 exceedances the relative error is √((1 − p) / 20); both ways use the same draws."""
    stopped, whole = p_values(normal, rng(), enough=20), p_values(normal, rng(), enough=1000)
    for test, found in stopped.items():
        assert found.stopped
        assert found.draws < 999
        assert found.value == 20 / found.draws
        assert found.value == pytest.approx(whole[test].value, abs=4 * found.standard_error)
        assert not whole[test].stopped
        assert whole[test].value == (whole[test].exceedances + 1) / 1000
        assert found.lost == whole[test].lost == 0


def test_p_values_are_uniform_where_the_family_is_right_and_small_where_it_is_not():
    """Exact at every n for a location and a scale; of 40 samples, 20 values each."""
    right, wrong = [], []
    for seed in range(40):
        given = rng(seed)
        right.append(p_values(fit(given.normal(size=20), "normal"), given, draws=79, enough=100))
    for seed in range(5):
        given = rng(seed)
        wrong.append(p_values(fit(given.exponential(size=60), "normal"), given, draws=99, enough=20))
    for test in ("ks", "cvm", "ad"):
        assert stats.kstest([p[test].value for p in right], "uniform").pvalue > 0.001
        assert np.mean([p[test].value for p in wrong]) < 0.05


def test_counts_are_tested_in_classes():
    given = rng(5)
    poisson = p_values(fit(given.poisson(4.0, 300).astype(float), "poisson"), given)
    assert set(poisson) == {"ks", "cvm", "ad", "chi2"}
    assert all(p.value > 0.001 for p in poisson.values())
    spread = p_values(fit(given.negative_binomial(2, 0.3, 300).astype(float), "poisson"), given)
    assert all(p.value == 0.001 for p in spread.values())


def test_a_detection_limit_is_simulated_too():
    given = rng(1)
    x = given.exponential(2.0, 80)
    seen = np.where(x > 3.0, np.nan, x)
    right = fit((np.where(x > 3.0, 3.0, x), seen), "exponential")
    assert all(p.value > 0.01 for p in p_values(right, given).values())
    late = given.normal(2.5, 0.7, 80).clip(0.1)
    wrong = fit((np.where(late > 3.0, 3.0, late), np.where(late > 3.0, np.nan, late)), "exponential")
    assert all(p.value == 0.001 for p in p_values(wrong, given).values())


def test_a_support_that_is_estimated_has_no_weighted_distance():
    """The uniform's fitted law is 0 and 1 at the smallest and largest value."""
    found = p_values(fit(rng(2).random(40), "uniform"), rng(), draws=99)
    assert np.isnan(found["ad"].value)
    assert found["ks"].value > 0.01
    assert found["cvm"].value > 0.01


def test_what_cannot_be_simulated_is_refused(normal):
    x = np.linspace(1.0, 2.0, 20)
    each = fit((x, np.where(np.arange(20) < 5, np.nan, x)), "exponential")
    with pytest.raises(InputError, match=r"one limit on a side .* right limits go from 1 to 1\.2"):
        p_values(each, rng())
    between_bounds = fit((x, np.where(np.arange(20) < 5, x + 1, x)), "exponential")
    with pytest.raises(InputError, match="5 values are known by intervals"):
        p_values(between_bounds, rng())
    with pytest.raises(InputError, match=r"`weights` must be whole numbers .* not 0\.5"):
        p_values(fit(x, "normal", weights=np.full(20, 0.5)), rng())
    with pytest.raises(InputError, match=r"by maximum likelihood .* not by mps"):
        p_values(replace(normal, method="mps"), rng())
    with pytest.raises(InputError, match=r"`tests` must be among ks, cvm, ad for normal, not 'chi2'"):
        p_values(normal, rng(), tests=["chi2"])
