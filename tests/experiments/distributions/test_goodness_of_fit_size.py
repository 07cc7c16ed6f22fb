"""Size and power: exact with simulated tables, the naive trap, and tables that are not the family's."""

import numpy as np
import pytest
from scipy import stats

from core.experiment import InputError, silent
from core.experiments.distributions.goodness_of_fit_size import BREAKS, Config, run
from core.families import null_laws

SMALL = {"replicates": 2000, "samples": 30}


def checks(**values):
    return run(Config(**{**SMALL, **values}), silent)["checks"]


@pytest.mark.parametrize("family", ["lognormal", "exponential", "gumbel", "weibull", "logistic"])
def test_theory_holds_for_each_family(family):
    found = checks(family=family)
    assert found["holds"].all(), found.to_string()


@pytest.mark.parametrize("label", BREAKS)
def test_a_wrong_table_does_not_have_its_level(label):
    found = checks(**BREAKS[label])
    assert not found["holds"].iloc[0]


def test_naive_test_hardly_ever_rejects():
    size = run(Config(**SMALL), silent)["size"].set_index(["method", "test", "level"])["size"]
    assert size["naive", "ks", 0.05] < 0.003
    assert size["simulated", "ks", 0.05] > 0.035


def test_naive_p_values_are_scipys_for_a_known_law():
    rng = np.random.default_rng(0)
    u = rng.random((3, 20))
    found = {
        "ks": np.array([stats.kstest(row, "uniform").statistic for row in u]),
        "cvm": np.array([stats.cramervonmises(row, "uniform").statistic for row in u]),
        "ad": np.ones(3),
    }
    p = null_laws.naive(found, 20)
    # scipy's are exact or corrected to the finite n, ours are tables and limits.
    exact = [stats.kstest(row, "uniform").pvalue for row in u]
    np.testing.assert_allclose(p["ks"], exact, atol=0.025)
    corrected = [stats.cramervonmises(row, "uniform").pvalue for row in u]
    np.testing.assert_allclose(p["cvm"], corrected, atol=0.02)


def test_power_grows_with_n_and_the_corrected_test_has_more():
    power = run(Config(**SMALL, alternative="student-t", shape=3.0), silent)["power"]
    ad = power[power["test"] == "ad"].set_index(["method", "samples"])["power"]
    assert ad["simulated"].is_monotonic_increasing
    assert (ad["simulated"] >= ad["naive"]).all()


def test_negative_values_are_not_offered_to_a_positive_family():
    with pytest.raises(InputError, match=r"`alternative` must have positive values .* student-t"):
        run(Config(family="weibull", alternative="student-t"), silent)
