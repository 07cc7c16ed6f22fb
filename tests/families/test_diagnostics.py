"""Moments and their plane, residuals, return levels and statements, against scipy and by force."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.families import cullen_frey, families, fit, moment_plane, residuals, return_levels, snippet
from core.families.diagnostics import diagnosed
from core.families.histogram import edges

# Parameters of every family: by their domain, but for those that bound one another.
BY_DOMAIN = {
    "real": 0.31,
    "signed": 0.31,
    "positive": 1.7,
    "unit": 0.3,
    "above_minus_one": 0.13,
    "above_one": 2.6,
}
BOUND = {
    "triangular": {"min": -1.0, "mode": 0.1, "max": 2.0},
    "uniform": {"min": -1.0, "max": 2.0},
    "discrete-uniform": {"min": 2.0, "max": 9.0},
}


def parameters(name: str) -> dict[str, float]:
    known = families()[name].parameters
    return BOUND.get(name, {p.name: 7.0 if p.whole else BY_DOMAIN[p.domain] + 0.1 / 3 for p in known})


@pytest.fixture
def gamma() -> np.ndarray:
    return np.sort(np.random.default_rng(0).gamma(2, 3, 1000))


@pytest.mark.parametrize("name", families())
def test_the_statement_makes_the_very_law(name: str) -> None:
    values = parameters(name)
    own = families()[name].frozen(values)
    made: dict[str, Any] = {}
    exec(snippet.statement(name, values), made)
    x = own.ppf(np.array([0.01, 0.3, 0.9]))
    density = "logpmf" if families()[name].discrete else "logpdf"
    assert (getattr(made["distribution"], density)(x) == getattr(own, density)(x)).all()


def test_the_statement_is_scipys_where_scipy_has_the_family() -> None:
    assert snippet.statement("gamma", {"shape": 0.1, "scale": 2.0}) == (
        "from scipy import stats; distribution = stats.gamma(a=0.1, loc=0.0, scale=2.0)"
    )
    assert "find('kumaraswamy').frozen({'shape1': 1.5," in snippet.statement(
        "kumaraswamy", {"shape1": 1.5, "shape2": 2.5}
    )


def test_moments_are_scipys_and_keep_pearsons_inequality(gamma: np.ndarray) -> None:
    x = np.stack([gamma, 1e300 * gamma / gamma.max(), np.where(gamma > 5, 1.0, 0.0)])
    skewness, kurtosis = cullen_frey.moments(x)
    np.testing.assert_allclose(skewness[:2], stats.skew(gamma), rtol=1e-12)
    np.testing.assert_allclose(kurtosis[:2], stats.kurtosis(gamma, fisher=False), rtol=1e-12)
    # Two values lie on the bound.
    assert kurtosis[2] == pytest.approx(skewness[2] ** 2 + 1, rel=1e-12)
    assert np.isnan(cullen_frey.moments(np.ones((1, 5)))).all()


def test_lines_are_where_scipys_laws_are() -> None:
    """Each curve of the plane at moments that scipy gives."""
    laws: list[tuple[str, Any]] = [
        ("gamma", stats.gamma(2.5)),
        ("inverse-gaussian", stats.invgauss(0.4)),
        ("lognormal", stats.lognorm(0.4)),
        ("weibull", stats.weibull_min(1.4)),
        ("loglogistic", stats.fisk(9.0)),
        ("poisson", stats.poisson(3.0)),
        ("geometric", stats.geom(0.4)),
    ]
    pair = np.array([[1.0, 6.0]])
    plane = pd.concat([moment_plane.plane(pair, counts=c) for c in (False, True)])
    lines = plane[plane["kind"] == "line"].groupby("family")
    for name, law in laws:
        skewness, excess = (float(v) for v in law.stats(moments="sk"))
        line = lines.get_group(name).sort_values("squared_skewness")
        at = np.interp(skewness**2, line["squared_skewness"], line["kurtosis"])
        assert at == pytest.approx(excess + 3, rel=3e-4), name
    for name, law in (
        ("exponential", stats.expon),
        ("gumbel", stats.gumbel_r),
        ("uniform", stats.uniform),
    ):
        point = plane[(plane["family"] == name) & (plane["kind"] == "point")].iloc[0]
        skewness, excess = (float(v) for v in law.stats(moments="sk"))
        assert (point["squared_skewness"], point["kurtosis"]) == pytest.approx((skewness**2, excess + 3))


@pytest.mark.parametrize(
    ("law", "region"),
    [
        (stats.beta(2, 5), "beta"),
        (stats.nbinom(2, 0.3), "negative-binomial"),
        (stats.binom(5, 0.2), "binomial"),
    ],
)
def test_regions_hold_their_laws_and_end_at_their_limits(law: Any, region: str) -> None:
    skewness, excess = (float(v) for v in law.stats(moments="sk"))
    plane = moment_plane.plane(np.array([[1.0, 6.0]]), counts=region != "beta")
    inside = plane[plane["family"] == region].sort_values("squared_skewness")
    low, high = (
        np.interp(skewness**2, inside["squared_skewness"], inside[c]) for c in ("kurtosis", "upper")
    )
    assert low < excess + 3 < high


def test_a_left_skewed_sample_is_held_against_left_skewed_families() -> None:
    left = moment_plane.plane(np.array([[-0.5, 3.2]]), counts=False)
    assert set(left[left["kind"] == "line"]["family"]) == {"weibull"}
    assert "gumbel-min" in set(left["family"])


def test_a_worms_band_holds_95_percent_of_true_laws_at_every_rank() -> None:
    """400 samples of 50: a share outside 0.05 by more than 4.5 standard errors has probability 4e-4
    at one of 50 ranks."""
    law, x = stats.expon(), np.sort(np.random.default_rng(1).exponential(size=(400, 50)))
    worms = [residuals.worm("exponential", law, residuals.ranked(row)) for row in x]
    inside = np.mean([w["residual"].between(w["low"], w["high"]) for w in worms], axis=0)
    assert np.abs(inside - 0.95).max() < 4.5 * (0.05 * 0.95 / 400) ** 0.5


def test_a_rootogram_is_of_counts_and_their_binomial_band() -> None:
    x = np.random.default_rng(2).poisson(3.0, 4000)
    cuts = edges(x.astype(float), True)
    bins = pd.DataFrame(
        {"left": cuts[:-1], "right": cuts[1:], "count": np.histogram(x, cuts)[0], "density": 0.0}
    )
    made = residuals.rootogram("poisson", stats.poisson(3.0), bins, x.size).set_index("value")
    share = stats.poisson.pmf(2, 3.0)
    assert made.loc[2, "expected"] == pytest.approx((4000 * share) ** 0.5)
    assert made.loc[2, "residual"] == pytest.approx((x == 2).sum() ** 0.5 - (4000 * share) ** 0.5)
    # The variance of the root of a count is near (1 − p) / 4.
    assert made.loc[2, "high"] == pytest.approx(1.96 * ((1 - share) / 4) ** 0.5, rel=0.05)
    wrong = residuals.rootogram("poisson", stats.poisson(2.0), bins, x.size)
    assert not wrong["residual"].between(wrong["low"], wrong["high"]).all()


def test_return_levels_are_quantiles_with_the_interval_of_a_scale() -> None:
    """The level of an exponential is −θ̂ log(1/T), and log θ̂ has standard error 1/√n."""
    x = np.random.default_rng(3).exponential(2.0, 400)
    made = return_levels.fitted(fit(x, "exponential"))
    np.testing.assert_allclose(made["level"], x.mean() * np.log(made["period"]), rtol=1e-9)
    np.testing.assert_allclose(made["high"] / made["level"], np.exp(1.959964 / 20), rtol=1e-6)
    seen = return_levels.observed(np.sort(x), False)
    assert seen["level"].iloc[-1] == x.max()
    assert seen["period"].iloc[-1] == 401
    ties = return_levels.observed(np.array([0.0, 0.0, 1.0, 5.0]), True)
    assert list(ties["period"]) == [5 / 3, 2.5, 5.0]


def test_a_sample_unlike_the_assumed_fit_is_told(gamma: np.ndarray) -> None:
    cuts = edges(gamma, False)
    bins = pd.DataFrame({"left": cuts[:-1], "right": cuts[1:], "count": 1, "density": 0.0})

    def holds(family: str) -> list[bool]:
        made = fit(gamma, family)
        stream = np.random.default_rng(4)
        found = diagnosed([made], made, gamma, bins, False, stream, lambda words, share: None)
        return [row["holds"] for row in found.checks]

    assert holds("gamma") == [True, True]
    assert holds("normal") == [True, False]


def test_equal_values_stand_at_their_mean_rank_and_many_are_thinned() -> None:
    ties = residuals.ranked(np.array([1.0, 2.0, 2.0, 2.0, 7.0]))
    assert list(ties.value) == [1.0, 2.0, 7.0]
    assert ties.median[1] == pytest.approx(0.0, abs=1e-12)
    # The ends of a large sample are all there, its middle is not.
    many = residuals.ranked(np.arange(1e5)).value
    assert many.size <= residuals.PLACES
    assert list(many[:2]) == [0.0, 1.0]
    assert many[-1] == 99999.0
