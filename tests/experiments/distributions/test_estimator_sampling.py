"""Sampling distributions: exact variances and tests, and the three ways in which they fail."""

import numpy as np
import pytest
from scipy import integrate, stats

from core.experiment import silent
from core.experiments.distributions.estimator_sampling import BREAKS, Config, run
from core.families import precision

SMALL = {"replicates": 2000, "samples": 51}


def checks(**values):
    return run(Config(**{**SMALL, **values}), silent)["checks"]


@pytest.mark.parametrize(
    "values", [{"law": "normal"}, {"law": "laplace"}, {"law": "student-t", "df": 10.0}], ids=str
)
def test_theory_holds(values):
    found = checks(**values)
    assert found["holds"].all(), found.to_string()


@pytest.mark.parametrize("label", BREAKS)
def test_a_broken_assumption_is_seen(label):
    assert not checks(**BREAKS[label])["holds"].all()


def test_only_finite_moments_are_tested():
    """Of t with 3 degrees of freedom neither the mean's variance nor the variance's has an error."""
    found = checks(law="student-t", df=3.0)
    assert not found["prediction"].str.contains("variance of the mean|variance estimate").any()
    assert found["holds"].all(), found.to_string()


@pytest.mark.parametrize(
    ("name", "df"), [("normal", 5), ("logistic", 5), ("laplace", 5), ("student-t", 6)]
)
def test_facts_of_the_laws(name, df):
    law = precision.known(name, df)
    frozen = {"normal": stats.norm(), "logistic": stats.logistic(), "laplace": stats.laplace()}.get(
        name, stats.t(df)
    )
    information = 2 * integrate.quad(lambda x: law.score(x) ** 2 * frozen.pdf(x), 0, 200)[0]
    assert law.information == pytest.approx(information, rel=1e-6)
    assert law.middle == pytest.approx(frozen.pdf(0))
    assert law.variance == pytest.approx(frozen.var())
    assert law.kurtosis == pytest.approx(frozen.stats("k") + 3)


def test_variance_of_the_median():
    """Of three normal values 1 − √3/π + … by David & Nagaraja: 0.4487; and by quadrature of any."""
    assert precision.median_variance(precision.known("normal", 5), 3) == pytest.approx(0.44867, abs=1e-5)
    law, n = precision.known("laplace", 5), 21
    beta = stats.beta(11, 11)
    expected = integrate.quad(lambda u: law.quantile(u) ** 2 * beta.pdf(u), 0, 1)[0]
    assert precision.median_variance(law, n) == pytest.approx(expected, rel=1e-6)


def test_likelihood_ratio_of_slopes():
    """Its mean is the integral of its tail."""
    n, q = 20, 3
    tail = integrate.quad(lambda x: precision.ratio_above(n, q, x), 0, 200)[0]
    assert precision.ratio_mean(n, q) == pytest.approx(tail, rel=1e-6)


def test_maximum_likelihood_is_where_the_score_is_zero():
    law = precision.known("student-t", 4.0)
    x = law.draw((50, 41), np.random.default_rng(0))
    at = precision.likeliest(law, x, np.median(x, axis=1))
    score = law.score(x - at[:, None]).sum(axis=1)
    # A thousandth of a standard error before the last step, which divides that by ten at least.
    assert np.abs(score).max() < 1e-3 * np.sqrt(41 * law.information)
