"""Optimism: every estimate is what theory expects, the order follows its law, and both fail where
the noise is not what is assumed."""

import numpy as np
import pytest

from core.experiment import InputError, silent
from core.experiments.generalization.optimism import BREAKS, Config, run
from dashboard.views.generalization.optimism import panels, verdict


def tables(**values):
    return run(Config(**values), silent)


def part(found, quantity, table="estimates"):
    return found[table][found[table]["quantity"] == quantity].set_index("setting")["value"]


@pytest.mark.parametrize(
    "values",
    [{"model": "ridge"}, {"design": "cosines"}, {"noise_law": "student"}, {"order": 0, "folds": 20}],
    ids=str,
)
def test_theory_holds(values):
    found = tables(**values)["checks"]
    assert found["holds"].all(), found.to_string()


def test_told_half_the_variance_only_what_is_told_is_wrong():
    found = tables(**BREAKS["Half the noise variance is told"])["checks"]
    wrong = found[~found["holds"]]["prediction"]
    assert [claim.split()[0] for claim in wrong] == ["Cp", "AIC", "BIC"]


def test_correlated_noise_deceives_cross_validation_too():
    """Slow features follow the noise: held-out neighbours share it, and the shortcut is still exact."""
    found = tables(**BREAKS["Correlated noise, slow features"])["checks"].set_index("prediction")[
        "holds"
    ]
    assert found.filter(like="Weights of leave-one-out").item()
    for claim in ("Test error", "Cp", "Leave-one-out is", "K-fold"):
        assert not found.filter(regex=f"^{claim}").item()


def test_least_squares_by_hand():
    """2 σ² p / n; training error σ² (1 − p/n) once all effects are in."""
    found = tables(replicates=50, noise=2.0)
    settings = np.arange(21.0)
    np.testing.assert_allclose(part(found, "optimism", "theory"), 2 * 4 * settings / 60, atol=1e-12)
    np.testing.assert_allclose(part(found, "train", "theory").loc[5.0:], 4 * (1 - settings[5:] / 60))


def test_training_error_of_ridge_by_hand():
    """One replicate at one penalty from the normal equations."""
    found = tables(model="ridge", samples=20, features=4, order=4, replicates=50)
    x = np.random.default_rng([0, 0]).standard_normal((20, 4))
    rng = np.random.default_rng(np.random.SeedSequence([0, 1]).spawn(50)[0])
    y = x.sum(axis=1) + rng.standard_normal(20)
    risk = found["risk"]
    row = risk[(risk["split"] == "train") & (risk["replicate"] == 0)].iloc[7]
    fitted = x @ np.linalg.solve(x.T @ x + row["setting"] * np.eye(4), x.T @ y)
    assert row["risk"] == pytest.approx(((y - fitted) ** 2).mean())


def test_replicates_do_not_depend_on_how_many_there_are():
    few, more = (tables(replicates=count)["risk"] for count in (50, 80))
    merged = few.merge(more, on=["replicate", "split", "setting"], suffixes=("", "_more"))
    assert len(merged) == len(few)
    np.testing.assert_allclose(merged["risk"], merged["risk_more"], rtol=1e-9)


def test_too_many_features_and_too_high_an_order_are_refused_in_a_sentence():
    with pytest.raises(
        InputError, match=r"^`features` must be at most 14, .* 16 samples .*; it was 20\.$"
    ):
        tables(samples=20)
    with pytest.raises(InputError, match=r"^`order` must be at most .*, 3; it was 5\.$"):
        tables(features=3)


def test_partial_tables_are_drawn():
    seen = []
    config = Config(samples=120)
    run(config, lambda *report: seen.append(report))
    fractions = [fraction for fraction, *_ in seen]
    assert fractions == sorted(fractions)
    partial = next(report[2] for report in seen if len(report) == 3)
    assert [p.key for p in panels(partial, config)] == ["estimates", "optimism", "orders"]
    assert len(verdict(partial, config)) == 4
