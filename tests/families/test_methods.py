"""Other estimates than maximum likelihood, and locations that are free."""

import numpy as np
import pytest
from scipy import stats

from core.experiment import InputError
from core.families import fit
from core.families.methods.mge import DISTANCES, Steps
from core.families.methods.qme import quantiles
from core.families.significance import p_values

SAMPLE = np.round(stats.gamma(2.3, scale=40).rvs(300, random_state=np.random.default_rng(0)), 1)
TIMES = np.random.default_rng(1).integers(0, 3, 300)


def literal(name: str, f: np.ndarray) -> float:
    """The distances as their sources print them, for probabilities f (n,) of ordered values."""
    n, i = f.size, np.arange(1, f.size + 1)
    above, odd = 1 - f[::-1], 2 * i - 1
    printed = {
        "KS": max(np.max(i / n - f), np.max(f - (i - 1) / n)),
        "CvM": 1 / (12 * n) + np.sum((f - odd / (2 * n)) ** 2),
        "AD": -n - np.mean(odd * (np.log(f) + np.log(above))),
        "ADR": n / 2 - 2 * f.sum() - np.mean(odd * np.log(above)),
        "ADL": -3 * n / 2 + 2 * f.sum() - np.mean(odd * np.log(f)),
        "AD2R": 2 * np.log(1 - f).sum() + np.mean(odd / above),
        "AD2L": 2 * np.log(f).sum() + np.mean(odd / f),
        "AD2": 2 * (np.log(f) + np.log(1 - f)).sum() + np.mean(odd / f + odd / above),
    }
    return printed[name] if name == "KS" else printed[name] / n


@pytest.mark.parametrize("name", DISTANCES)
def test_distances_are_those_of_their_sources(name: str) -> None:
    f = np.sort(np.random.default_rng(2).beta(0.8, 1.3, 50))
    after = np.arange(1, 51) / 50
    ours = DISTANCES[name](Steps(after - 0.02, after, f, 1 - f))
    assert ours == pytest.approx(literal(name, f), rel=1e-10)


@pytest.mark.parametrize("method", ["mme", "qme:0.25,0.75", "mge:AD", "mge:AD2R", "mge:KS", "mps"])
def test_weights_count_values_in_every_method(method: str) -> None:
    weighted = fit(SAMPLE, "weibull", method, weights=TIMES)
    repeated = fit(np.repeat(SAMPLE, TIMES), "weibull", method)
    for name, value in repeated.parameters.items():
        assert weighted.parameters[name] == pytest.approx(value, rel=1e-6)
    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood, rel=1e-9)
    assert weighted.method == method
    assert np.isnan(weighted.covariance).all()
    assert any("standard errors come with maximum likelihood only" in note for note in weighted.notes)


def test_moments_are_the_samples() -> None:
    for family in ("gamma", "logistic", "student-t", "negative-binomial", "laplace"):
        x = np.round(SAMPLE)
        law = fit(x, family, "mme").distribution
        mean, variance, kurtosis = law.stats("mvk")
        assert mean == pytest.approx(x.mean(), rel=1e-6), family
        assert variance == pytest.approx(x.var(), rel=1e-6), family
        if family == "student-t":
            assert kurtosis == pytest.approx(stats.kurtosis(x), rel=1e-5)


def test_quantiles_are_the_samples() -> None:
    p = np.array([0.1, 0.5])
    law = fit(SAMPLE, "gamma", "qme:0.1,0.5").distribution
    np.testing.assert_allclose(law.ppf(p), np.quantile(SAMPLE, p), rtol=1e-7)
    many = quantiles(np.sort(SAMPLE), np.ones(300), np.linspace(0.001, 0.999, 50))
    np.testing.assert_allclose(many, np.quantile(SAMPLE, np.linspace(0.001, 0.999, 50)))


def test_a_fixed_parameter_stays_and_one_quantile_is_enough_for_the_other() -> None:
    made = fit(SAMPLE, "gamma", "qme:0.5", fixed={"shape": 2.0})
    assert made.parameters["shape"] == 2.0
    assert made.distribution.median() == pytest.approx(np.median(SAMPLE), rel=1e-7)


def test_spacings_with_heavy_ties_stay_near_the_likelihoods_maximum() -> None:
    """Where ties are dropped, as fitdistrplus does, the estimate is off by a third."""
    x = np.round(SAMPLE, -1) + 1
    ours, best = fit(x, "weibull", "mps"), fit(x, "weibull")
    assert ours.parameters["shape"] == pytest.approx(best.parameters["shape"], rel=0.05)


@pytest.mark.parametrize(
    ("method", "family", "options", "message"),
    [
        ("mle2", "gamma", {}, "`method` must be one of mle, mme, qme:p1,p2,..., mge:KS"),
        ("mge", "gamma", {}, "one of mle, mme"),
        ("mge:XX", "gamma", {}, "one of mle, mme, qme:p1,p2,..., mge:KS"),
        ("qme:0.5", "gamma", {}, "as many probabilities as gamma has free parameters, 2, not 1"),
        ("qme:0.5,1.5", "gamma", {}, "must differ and lie between 0 and 1"),
        ("qme:a,b", "gamma", {}, "must be numbers, as in qme:0.25,0.75"),
        ("mge:AD", "poisson", {}, "poisson is a family of counts"),
        ("mps", "geometric", {}, "geometric is a family of counts"),
        ("mme", "cauchy", {}, "cauchy has no finite mean"),
        ("mps", "gamma", {"weights": np.full(300, 0.5)}, "weights must be whole numbers"),
        (
            "mme",
            "gamma",
            {"truncated": (0.5, None)},
            "does not have the moments of all values; mle, qme",
        ),
    ],
)
def test_refused(method: str, family: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        fit(np.round(SAMPLE) + 1, family, method, **options)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_a_location_that_is_free_is_found() -> None:
    x = 50 + stats.weibull_min(2.5, scale=20).rvs(400, random_state=np.random.default_rng(3))
    made = fit(x, "weibull", free=("location",))
    assert made.family == "weibull+location"
    assert abs(made.parameters["location"] - 50) < 4 * made.standard_errors["location"]
    assert made.log_likelihood == pytest.approx(made.distribution.logpdf(x).sum(), rel=1e-10)
    assert made.log_likelihood > fit(x, "weibull").log_likelihood
    with pytest.raises(InputError, match="`free` must name location only for families of values"):
        fit(x, "gev+location")
    with pytest.raises(InputError, match="`free` must name nothing but location, not 'shape'"):
        fit(x, "weibull", free=("shape",))


def test_a_likelihood_without_bound_is_said() -> None:
    x = 5 + stats.gamma(0.4).rvs(100, random_state=np.random.default_rng(4))
    assert "the likelihood has no maximum" in fit(x, "gamma", free=("location",)).notes[0]


def test_a_location_where_the_density_jumps_is_the_smallest_value() -> None:
    """Of the exponential the maximum has a closed form: the smallest value, and the mean excess."""
    x = 5 + np.random.default_rng(0).exponential(2.0, 40)
    made = fit(x, "exponential+location")
    assert made.parameters["location"] == x.min()
    assert made.parameters["scale"] == pytest.approx(np.mean(x - x.min()), rel=1e-9)
    assert np.isnan(made.standard_errors["location"])
    best = stats.expon.logpdf(x, *stats.expon.fit(x)).sum()
    assert made.log_likelihood == pytest.approx(best, rel=1e-12)
    with pytest.raises(InputError, match="location at the smallest value"):
        p_values(made, np.random.default_rng(0))
    held = fit(x, "exponential+location", fixed={"location": 4.0})
    assert held.parameters["scale"] == pytest.approx(np.mean(x - 4.0), rel=1e-6)
