"""Choosing between fitted families: Vuong's test, log scores, averaged quantiles, starts."""

import numpy as np
import pytest
from scipy import stats

from core.experiment import InputError
from core.families import averaged, choice, fit, log_score, vuong
from core.families.ranking import rank

RNG = np.random.default_rng(0)
GAMMA = RNG.gamma(2.0, 3.0, 60)


def test_vuong_is_standard_normal_where_two_families_are_as_close() -> None:
    """A symmetric truth is as far from the Gumbel law of maxima as from its mirror image."""
    z = []
    for x in np.random.default_rng(1).logistic(size=(60, 100)):
        made = vuong.compare(fit(x, "gumbel"), fit(x, "gumbel-min"))
        assert made.relation == "apart"
        z.append(made.z)
    assert stats.kstest(z, "norm").pvalue > 0.001


def test_vuong_of_nested_families_is_the_likelihood_ratio_test() -> None:
    x = np.random.default_rng(3).exponential(2.0, 2000)
    large, small = fit(x, "gamma"), fit(x, "exponential")
    made = vuong.compare(large, small)
    assert (made.relation, np.isnan(made.z), made.preferred) == ("nested", True, "")
    classical = stats.chi2.sf(2 * (large.log_likelihood - small.log_likelihood), 1)
    assert made.p_value == pytest.approx(classical, abs=0.03)
    other = vuong.compare(small, large)
    assert (other.p_value, other.difference) == (pytest.approx(made.p_value), -made.difference)


def test_overlapping_families_are_compared_only_where_they_differ() -> None:
    x = np.random.default_rng(4).exponential(2.0, 400)
    alike = vuong.compare(fit(x, "gamma"), fit(x, "weibull"))
    assert alike.relation == "overlapping"
    assert alike.same > vuong.LEVEL
    assert alike.preferred == ""
    y = np.random.default_rng(4).gamma(5.0, 1.0, 4000)
    apart = vuong.compare(fit(y, "gamma"), fit(y, "weibull"))
    assert (apart.same < 1e-3, apart.preferred) == (True, "gamma")


def test_corrections_are_those_of_the_criteria() -> None:
    one, two = fit(GAMMA, "gamma"), fit(GAMMA, "gumbel")
    three = fit(GAMMA, "exponential")
    plain, aic, bic = (vuong.compare(two, three, c) for c in ("none", "aic", "bic"))
    assert plain.difference - aic.difference == pytest.approx(1.0)
    assert plain.difference - bic.difference == pytest.approx(0.5 * np.log(60))
    assert plain.difference == pytest.approx(two.log_likelihood - three.log_likelihood)
    assert vuong.compare(one, two).standard_error > 0


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (lambda: fit(GAMMA + 1, "gamma"), "`fit` must be to the same sample"),
        (lambda: fit(GAMMA, "exponential", "mme"), "must be by maximum likelihood .mle. for Vuong"),
        (lambda: fit((GAMMA, np.r_[np.nan, GAMMA[1:]]), "exponential"), "must not be censored"),
    ],
)
def test_what_vuong_cannot_compare(other, said) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=said):
        vuong.compare(fit(GAMMA, "gamma"), other())


@pytest.mark.parametrize("folds", [60, 7])
def test_log_scores_are_those_of_separate_fits(folds: int) -> None:
    made = fit(GAMMA, "gamma")
    fold = log_score.folds(60, folds, np.random.default_rng(0))
    assert set(np.bincount(fold)) <= {60 // folds, 60 // folds + 1}
    found = log_score.scores(made, fold)
    for i in range(3):
        alone = fit(GAMMA[fold != fold[i]], "gamma").distribution.logpdf(GAMMA[i])
        assert found.each[i] == pytest.approx(alone, abs=1e-6)


def test_a_value_outside_what_the_others_support_scores_nothing() -> None:
    found = log_score.scores(fit(GAMMA, "uniform"), np.arange(60))
    assert np.isneginf(found.each).sum() == 2
    assert np.isnan(found.above(found)).all()


def test_averaged_quantiles_widen_by_what_the_families_differ() -> None:
    entries = rank(GAMMA, ("gamma", "exponential", "normal"))
    made = averaged.quantiles(entries)
    assert made is not None
    w, q, v = made.weights, made.each, made.each_error**2
    assert w.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(made.quantile, w @ q)
    expected = w @ np.sqrt(v + (q - made.quantile) ** 2)
    np.testing.assert_allclose(made.standard_error, expected)
    assert (made.lower < made.quantile).all()
    assert averaged.quantiles(rank(np.arange(9.0), ("poisson",))) is None


def test_the_delta_method_is_the_normal_law_s_own() -> None:
    made = fit(GAMMA, "normal")
    q, error = averaged.delta(made, averaged.LEVELS)
    z = stats.norm.ppf(averaged.LEVELS)
    np.testing.assert_allclose(q, made.parameters["mean"] + z * made.parameters["sd"])
    np.testing.assert_allclose(error, made.parameters["sd"] * np.sqrt((1 + z * z / 2) / 60), rtol=1e-8)


def test_stone_s_penalty_shows_a_wrong_family() -> None:
    x = np.random.default_rng(0).gamma(2.0, 3.0, 1000)
    stream = np.random.default_rng(0)
    assert choice.stone(fit(x, "gamma"), stream)[0]["holds"]
    assert not choice.stone(fit(x, "exponential"), stream)[0]["holds"]


def test_starts_that_disagree_are_said() -> None:
    x = np.random.default_rng(1).gamma(2, 3, 1000)
    made = fit(x, "gev")
    assert made.starts[0] < made.starts[1]
    assert f"{made.starts[0]} of {made.starts[1]} starts" in " ".join(made.notes)
    assert fit(x, "gamma").starts == (1, 1)
