"""The science of fit-columns: families, p-values and the number of verdicts that are chance."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core import families
from core.datasets import uploaded
from core.experiment import InputError, silent
from core.experiments.distributions.fit_columns import Config, run
from core.families import columns, mistakes


def own(frame: pd.DataFrame, **options: object) -> dict[str, pd.DataFrame]:
    with uploaded.provided({"0" * 32: frame}):
        return run(Config(data="upload:" + "0" * 32, replicates=20, **options), silent)


@pytest.mark.parametrize("name", ["gamma", "normal", "exponential"])
def test_a_column_s_fit_is_that_of_the_family_alone(name: str) -> None:
    x = np.random.default_rng(0).gamma(2.0, 3.0, 60)
    made, alone = columns.fitted(x, (name,))[0], families.fit(x, name)
    assert made.log_likelihood == pytest.approx(alone.log_likelihood, rel=1e-10)
    assert made.aicc == pytest.approx(alone.aicc, rel=1e-10)
    assert made.ad == pytest.approx(alone.statistics["ad"], rel=1e-8)
    assert dict(zip(columns.PARAMETERS[name], made.parameters, strict=True)) == pytest.approx(
        alone.parameters, rel=1e-6
    )


@pytest.mark.parametrize(
    ("name", "law"),
    [
        ("lognormal", lambda m, s: stats.lognorm(s, scale=np.exp(m))),
        ("weibull", lambda k, s: stats.weibull_min(k, scale=s)),
        ("gumbel", stats.gumbel_r),
        ("logistic", stats.logistic),
    ],
)
def test_densities_are_scipy_s_at_a_maximum(name, law) -> None:  # type: ignore[no-untyped-def]
    x = np.random.default_rng(1).gamma(2.0, 3.0, 50)
    made = columns.fitted(x, (name,))[0]
    assert made.log_likelihood == pytest.approx(law(*made.parameters).logpdf(x).sum(), rel=1e-12)
    for k in range(len(made.parameters)):
        for factor in (0.999, 1.001):
            near = list(made.parameters)
            near[k] *= factor
            assert law(*near).logpdf(x).sum() < made.log_likelihood


def test_adjusted_p_values_are_benjamini_and_hochberg_s() -> None:
    p = np.random.default_rng(0).random((5, 13)) ** 3
    np.testing.assert_allclose(columns.adjusted(p), stats.false_discovery_control(p, axis=1))


@pytest.mark.parametrize(("level", "m"), [(0.1, 20), (0.07, 20), (0.05, 7), (0.25, 100), (0.01, 100)])
def test_thresholds_fall_on_p_values(level: float, m: int) -> None:
    b = mistakes.draws(level, m)
    steps = (b + 1) * level / m
    assert b >= 199
    assert steps >= round(steps) >= 1
    assert steps - round(steps) < level / m + 1e-9


def test_p_values_of_right_columns_are_uniform() -> None:
    rng = np.random.default_rng(0)
    p = []
    for x in np.exp(rng.standard_normal((80, 30))):
        ad = columns.fitted(x, ("lognormal",))[0].ad
        p.append(columns.share_above(columns.null("lognormal", (), 199, 30, rng), np.array([ad]))[0])
    assert stats.kstest(p, "uniform").pvalue > 0.001


def test_checks_of_the_default_are_rarely_red() -> None:
    red = [
        run(Config(seed=s, replicates=60), silent)["checks"]["holds"].eq(False).sum() for s in range(8)
    ]
    assert sum(red) <= 1


def test_a_table_of_one_s_own() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "normal": rng.normal(-5.0, 1.0, 400),
            "lognormal": np.exp(rng.normal(0.0, 1.0, 400)),
            "two": np.where(rng.random(400) < 0.5, -5.0, 5.0) + rng.normal(size=400),
            "constant": 1.0,
            "text": "a",
        }
    )
    tables = own(frame)
    found = tables["columns"].set_index("column")
    assert list(found.index) == ["normal", "lognormal", "two"]
    assert "normal" in (found.loc["normal", "family"], found.loc["normal", "tied"])
    assert found.loc["lognormal", "family"] == "lognormal"
    assert list(found["verdict"] == "not of this family") == [False, False, True]
    assert tables["notes"]["note"].str.contains("constant, text").any()


def test_a_column_that_no_family_can_have_is_said() -> None:
    frame = pd.DataFrame({"x": np.arange(-10.0, 10.0), "y": np.arange(1.0, 21.0)})
    found = own(frame, families=("gamma",))["columns"].set_index("column")
    assert found.loc["x", "verdict"] == "not fitted"
    assert "0 or less" in found.loc["x", "note"]
    assert found.loc["y", "family"] == "gamma"


def test_what_cannot_be_a_table() -> None:
    with pytest.raises(InputError, match="`others` must be below the number of columns, 4; it was 5"):
        run(Config(columns=4), silent)
    with pytest.raises(InputError, match="`data` must have a column of numbers with 8 different ones"):
        own(pd.DataFrame({"a": [1.0, 2.0]}))
