"""Every family: its density, distribution function, parameters and maximum, against scipy."""

import numpy as np
import pytest
from scipy import stats

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp

from core.experiment import InputError
from core.families import families, find, fit, jets, verify
from core.families.names import Assumed, Counted, Measured, Truth
from core.families.ranking import rank
from core.families.resampling import Refits, refits
from tests.families import test_continuous

# Parameters away from special cases, by family; `test_continuous` has those of the less common ones.
TYPICAL: dict[str, dict[str, float]] = {
    "normal": {"mean": -3.0, "sd": 2.5},
    "lognormal": {"meanlog": 1.2, "sdlog": 0.7},
    "exponential": {"scale": 40.0},
    "gamma": {"shape": 2.3, "scale": 0.02},
    "weibull": {"shape": 1.7, "scale": 300.0},
    "gumbel": {"location": 10.0, "scale": 3.0},
    "gev": {"mu": 3.0, "sigma": 0.2, "xi": 0.15},
    "gpd": {"xi": 0.2, "sigma": 7.0},
    "logistic": {"location": -1.0, "scale": 0.3},
    "loglogistic": {"shape": 3.1, "scale": 12.0},
    "laplace": {"location": 5.0, "scale": 2.0},
    "student-t": {"df": 4.0, "location": 100.0, "scale": 3.0},
    "cauchy": {"location": -20.0, "scale": 4.0},
    "beta": {"shape1": 2.0, "shape2": 0.8},
    "pareto2": {"shape": 2.5, "scale": 30.0},
    "inverse-gaussian": {"mean": 3.0, "shape": 8.0},
    "birnbaum-saunders": {"alpha": 0.6, "beta": 50.0},
    "burr12": {"shape1": 1.8, "shape2": 2.2, "scale": 5.0},
    "rayleigh": {"scale": 3.0},
    "uniform": {"min": -2.0, "max": 7.0},
    "half-normal": {"scale": 0.4},
    "poisson": {"lambda": 4.2},
    "negative-binomial": {"size": 2.4, "mu": 6.5},
    "geometric": {"prob": 0.3},
    "zero-inflated-poisson": {"zero": 0.3, "lambda": 2.5},
    "zero-inflated-negative-binomial": {"zero": 0.3, "size": 3.0, "mu": 8.0},
    "hurdle-poisson": {"zero": 0.05, "lambda": 1.7},
    "hurdle-negative-binomial": {"zero": 0.2, "size": 2.0, "mu": 5.0},
    "binomial": {"size": 12.0, "prob": 0.35},
    "beta-binomial": {"size": 20.0, "shape1": 2.0, "shape2": 3.5},
    "logarithmic": {"prob": 0.8},
    "zeta": {"exponent": 2.6},
    "discrete-uniform": {"min": -3.0, "max": 8.0},
    "skellam": {"mu1": 4.0, "mu2": 7.0},
}
CONTINUOUS = [name for name in TYPICAL if not find(name).discrete]
SMOOTH = [name for name in TYPICAL if not find(name).closed]


def values(name: str, n: int = 400, seed: int = 0) -> np.ndarray:
    law = find(name).frozen(TYPICAL[name])
    return np.asarray(law.rvs(n, random_state=np.random.default_rng(seed)), float)


def test_every_family_is_covered() -> None:
    assert {*TYPICAL, *test_continuous.TYPICAL} == set(families())


def test_names_as_types_are_those_of_the_registry() -> None:
    kinds = {name: family.discrete for name, family in families().items()}
    assert set(Measured.__args__) == {n for n, discrete in kinds.items() if not discrete}
    assert set(Counted.__args__) == {n for n, discrete in kinds.items() if discrete}
    assert set(Truth.__args__) | set(Assumed.__args__) - {"best"} <= set(kinds)


@pytest.mark.parametrize("name", TYPICAL)
def test_density_agrees_with_scipy(name: str) -> None:
    family, law = find(name), find(name).frozen(TYPICAL[name])
    x = law.ppf(np.array([1e-9, 1e-4, 0.05, 0.3, 0.5, 0.8, 0.99, 1 - 1e-6]))
    ours = jets.each(family, x, np.array([TYPICAL[name][n] for n in family.names]))
    theirs = law.logpmf(x) if family.discrete else law.logpdf(x)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", [n for n in CONTINUOUS if n in SMOOTH])
def test_tails_agree_with_scipy(name: str) -> None:
    """Closed forms to rounding; quadrature, where there is none, to about 12 digits."""
    family, law = find(name), find(name).frozen(TYPICAL[name])
    x = law.ppf(np.array([1e-6, 0.05, 0.3, 0.5, 0.8, 0.99, 1 - 1e-6]))
    theta = np.array([TYPICAL[name][n] for n in family.names])
    below, above = (jets.each(family, x, theta, kind) for kind in ("below", "above"))
    np.testing.assert_allclose(below, law.logcdf(x), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(above, law.logsf(x), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", TYPICAL)
def test_fit_is_a_maximum_near_the_truth(name: str) -> None:
    x = values(name)
    made = fit(x, name)
    law = made.distribution
    logs = law.logpmf(x) if find(name).discrete else law.logpdf(x)
    assert made.log_likelihood == pytest.approx(logs.sum(), rel=1e-9, abs=1e-7)
    assert made.score < 1e-6
    assert verify.total_mass(made) == pytest.approx(1.0, abs=1e-8)
    for parameter, truth in TYPICAL[name].items():
        error = made.standard_errors[parameter]
        if np.isfinite(error):
            # 4.5 standard errors: 1e-5 for a normal value; there are 45 parameters.
            assert abs(made.parameters[parameter] - truth) < 4.5 * error, parameter
    others = np.random.default_rng(1).normal(size=(20, len(TYPICAL[name])))
    for shift in others:
        near = {
            p: v + 0.2 * s * (made.standard_errors[p] if np.isfinite(made.standard_errors[p]) else 0)
            for (p, v), s in zip(made.parameters.items(), shift, strict=True)
        }
        moved = find(name).frozen(near)
        logs = moved.logpmf(x) if find(name).discrete else moved.logpdf(x)
        assert logs.sum() <= made.log_likelihood + 1e-7


@pytest.mark.parametrize("name", ["exponential", "gev", "negative-binomial"])
def test_a_fixed_parameter_stays_and_is_not_counted(name: str) -> None:
    held = next(iter(TYPICAL[name]))
    if len(TYPICAL[name]) == 1:
        with pytest.raises(InputError, match=f"`fixed` must leave a parameter of {name} free"):
            fit(values(name), name, fixed=TYPICAL[name])
        return
    free, some = fit(values(name), name), fit(values(name), name, fixed={held: TYPICAL[name][held]})
    assert some.parameters[held] == pytest.approx(TYPICAL[name][held], rel=1e-12)
    assert some.standard_errors[held] == 0.0
    assert some.log_likelihood < free.log_likelihood
    assert some.aic == pytest.approx(2 * (len(free.free) - 1) - 2 * some.log_likelihood)


@pytest.mark.parametrize("name", ["gamma", "laplace", "negative-binomial"])
def test_weights_count_values(name: str) -> None:
    # Both fill the same room of 512.
    x = values(name, 300)
    times = np.random.default_rng(2).integers(0, 3, 300)
    weighted, repeated = fit(x, name, weights=times), fit(np.repeat(x, times), name)
    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood, rel=1e-10)
    assert weighted.bic == pytest.approx(repeated.bic, rel=1e-10)
    for statistic, value in repeated.statistics.items():
        assert weighted.statistics[statistic] == pytest.approx(value, rel=1e-6, nan_ok=True)


def test_statistics_agree_with_scipy() -> None:
    x = values("gamma")
    made = fit(x, "gamma")
    assert made.statistics["ks"] == pytest.approx(stats.kstest(x, made.distribution.cdf).statistic)
    assert made.statistics["cvm"] == pytest.approx(
        stats.cramervonmises(x, made.distribution.cdf).statistic, rel=1e-9
    )


@pytest.mark.parametrize("name", ["gamma", "gev"])
def test_censored_fit_is_a_maximum(name: str) -> None:
    """Left, right and interval censoring together, against scipy's own censored likelihood."""
    x = values(name, 120)
    low, high = np.quantile(x, [0.15, 0.8])
    width = (high - low) / 4
    left, right = x.copy(), x.copy()
    between = (np.arange(120) % 3 == 0) & (x > low + width) & (x < high - width)
    left[between], right[between] = x[between] - width / 2, x[between] + width / 2
    left[x < low], right[x < low] = np.nan, low
    left[x > high], right[x > high] = high, np.nan
    made = fit((left, right), name)
    data = (
        stats.CensoredData.interval_censored
        if False
        else stats.CensoredData(
            uncensored=x[left == right],
            left=right[np.isnan(left)],
            right=left[np.isnan(right)],
            interval=np.column_stack([left[between], right[between]]),
        )
    )
    law = made.distribution
    theirs = (
        law.logpdf(data._uncensored).sum()
        + law.logcdf(data._left).sum()
        + law.logsf(data._right).sum()
        + np.log(law.cdf(data._interval[:, 1]) - law.cdf(data._interval[:, 0])).sum()
    )
    assert made.log_likelihood == pytest.approx(theirs, rel=1e-9)
    assert made.score < 1e-6
    assert np.isnan(made.statistics["ks"])


@pytest.mark.parametrize(
    ("ours", "name"),
    [
        *((f.name, n) for f in families().values() for n in (f.name, f.scipy, *f.aliases) if n),
        ("gamma", "chi-squared"),
        ("nakagami", "chi"),
    ],
)
def test_a_family_answers_to_all_its_names(ours: str, name: str) -> None:
    assert find(name).name == ours
    assert find(name.upper().replace("-", "_")).name == ours


def test_same_sample_gives_the_same_fit() -> None:
    x = values("burr12")
    assert fit(x, "burr12").parameters == fit(x.copy(), "burr12").parameters


def test_moved_and_stretched_data_move_and_stretch_the_fit() -> None:
    x = values("student-t")
    near, far = fit(x, "student-t"), fit(1e6 + 1e-3 * x, "student-t")
    assert far.parameters["df"] == pytest.approx(near.parameters["df"], rel=1e-6)
    assert far.parameters["scale"] == pytest.approx(1e-3 * near.parameters["scale"], rel=1e-6)


def test_a_limit_that_no_search_comes_near_is_found() -> None:
    x = np.abs(np.random.default_rng(0).normal(size=20)) + 3.0
    made = fit(x, "skew-normal")
    size = np.sqrt(np.mean((x - x.min()) ** 2))
    limit = np.sum(stats.halfnorm.logpdf(x, x.min(), size))
    assert made.log_likelihood == pytest.approx(limit, rel=1e-9)
    assert any("edge of the family" in note and "half-normal" in note for note in made.notes)


def test_a_tail_without_a_mean_is_whole() -> None:
    family, x = find("student-t"), np.array([-1e4, 40.0])
    with jax.disable_jit():
        below, above = family.log_tails(jnp.asarray(x), *map(jnp.float64, (0.3, 0.0, 1.0)))
    np.testing.assert_allclose(below, stats.t.logcdf(x, 0.3), rtol=1e-9)
    np.testing.assert_allclose(above, stats.t.logsf(x, 0.3), rtol=1e-9)


def test_a_maximum_at_the_edge_is_said() -> None:
    x = np.random.default_rng(0).uniform(0.5, 1.5, 400)
    made = fit(x, "pareto2")
    assert any("edge of the family" in note and "exponential" in note for note in made.notes)
    assert np.isnan(made.standard_errors["shape"])


def test_a_large_sample_has_the_same_maximum_as_scipy() -> None:
    x = values("student-t", 20_000)
    theirs = stats.t.logpdf(x, *stats.t.fit(x)).sum()
    assert fit(x, "t").log_likelihood >= theirs - 1e-9 * abs(theirs)


def test_refits_spread_as_the_standard_errors_say() -> None:
    made = fit(values("gamma", 500), "gamma")
    again = Refits.joined(list(refits(made, 300, np.random.default_rng(0), made.sample.left.size)))
    assert again.natural.shape == (300, 2)
    assert again.lost == 0
    ratio = again.natural.std(axis=0) / [made.standard_errors[n] for n in made.free]
    # See verify.fluctuation: 1 ± 4 standard deviations.
    np.testing.assert_allclose(ratio, 1.0, atol=4 * verify.fluctuation(made, 300)[0])


def test_ranking_puts_the_truth_first_and_keeps_those_that_fail() -> None:
    x = np.r_[values("normal", 300), -1.0]
    entries = rank(x, ["gamma", "normal", "laplace"])
    assert [e.family for e in entries] == ["normal", "laplace", "gamma"]
    assert entries[-1].fit is None
    assert "values above 0" in entries[-1].note
    assert sum(e.weight for e in entries if e.fit) == pytest.approx(1.0)
    assert entries[0].delta == 0.0
    assert entries[0].tied


def test_counts_are_ranked_among_counts() -> None:
    assert rank(values("negative-binomial"))[0].family == "negative-binomial"
    with pytest.raises(
        InputError, match="all of measurements or all of counts, not gamma together with poisson"
    ):
        rank(values("poisson"), ["gamma", "poisson"])
