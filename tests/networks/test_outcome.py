"""The tables of a trained network's test rows agree with one another and with the risk."""

import numpy as np
import pytest

from core import run

# As in test_fit_network.py: the same compiled programs.
SHORT = {"epochs": 3, "samples": 120, "widths": (8,)}


@pytest.fixture(scope="module")
def digits():
    return run("fit-network", data="digits", epochs=3)


def test_predictions_are_those_that_risk_and_error_are_of(digits):
    found, first = digits["predictions"], digits["summary"].iloc[0]
    assert found["loss"].mean() == pytest.approx(first["test_risk"], rel=1e-5)
    wrong = (found["target"] != found["predicted"]).mean()
    assert wrong == pytest.approx(first["test_error"], rel=1e-5)
    assert found["row"].is_unique


def test_probabilities_sum_to_one_and_give_the_loss(digits):
    wide = digits["probabilities"].pivot(index="row", columns="class", values="probability")
    np.testing.assert_allclose(wide.sum(axis=1), 1, rtol=1e-5)
    found = digits["predictions"].set_index("row")
    own = np.array([wide.loc[row, target] for row, target in found["target"].items()])
    np.testing.assert_allclose(-np.log(own), found["loss"], rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(wide.max(axis=1)[found.index], found["probability"], rtol=1e-6)


def test_mistakes_are_counted_over_all_replicates(digits):
    cells = digits["confusion"]
    right = cells["target"] == cells["predicted"]
    share = cells.loc[~right, "rows"].sum() / cells["rows"].sum()
    assert share == pytest.approx(digits["summary"]["test_error"].mean(), rel=1e-5)
    np.testing.assert_allclose(cells.groupby("target")["share"].sum(), 1, rtol=1e-12)


def test_bins_of_reliability_hold_every_row_and_its_share_right(digits):
    bins = digits["reliability"]
    assert bins["rows"].sum() == digits["confusion"]["rows"].sum()
    right = (bins["rows"] * bins["right"]).sum() / bins["rows"].sum()
    assert right == pytest.approx(1 - digits["summary"]["test_error"].mean(), rel=1e-5)
    assert bins["confidence"].between(bins["lower"], bins["upper"]).all()
    overall = digits["overall"].set_index("quantity")["value"]
    assert 0 < overall["calibration error if honest"] < overall["calibration error"] < 1


def test_the_hardest_rows_are_pictured_with_their_own_pixels(digits):
    from sklearn.datasets import load_digits

    worst = digits["hardest"]
    assert list(worst["loss"]) == sorted(digits["predictions"]["loss"], reverse=True)[:12]
    np.testing.assert_allclose(-np.log(worst["probability"]), worst["loss"], rtol=1e-4)
    drawn = digits["pictures"].query("place == 1").pivot(index="down", columns="across", values="ink")
    images = load_digits().images
    np.testing.assert_array_equal(drawn, images[worst["row"].iloc[0] - 1])


def test_a_number_has_predictions_in_its_unit_and_no_classes():
    tables = run("fit-network", data="diabetes", **SHORT)
    found = tables["predictions"]
    np.testing.assert_allclose(found["loss"], (found["target"] - found["predicted"]) ** 2, rtol=1e-3)
    for name in ("probabilities", "confusion", "reliability", "pictures"):
        assert tables[name].empty
    assert len(tables["hardest"]) == 12


def test_where_all_diverged_there_is_nothing_to_predict():
    tables = run("fit-network", learning_rate=1e9, **SHORT)
    for name in ("predictions", "confusion", "hardest", "parameters", "network"):
        assert tables[name].empty
