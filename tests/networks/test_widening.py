"""Plans of networks along width and samples, and that padding of rows changes nothing."""

import numpy as np
import pytest

from core.experiment import silent
from core.networks import descent
from core.networks.descent_tables import _turns
from core.networks.grid import Cell, sweep
from core.networks.program import Program

REST = (0.01, 0.2, 3)


def pool(classes, rows=300, features=6):
    rng = np.random.default_rng(0)
    return descent.Pool(
        rng.standard_normal((rows, features)), rng.integers(0, max(classes, 2), rows), classes
    )


def test_two_classes_and_numbers_have_one_output_and_more_have_one_each():
    assert [pool(classes).outputs for classes in (0, 2, 3, 10)] == [1, 1, 3, 10]


def test_widths_surround_as_many_parameters_as_training_values():
    of = pool(3)
    plan = descent.by_width(of, 100, 50, *REST)
    ratio = np.array([of.parameters(int(w)) for w in plan.widths]) / 300
    assert ratio.min() < 0.15
    assert np.abs(ratio - 1).min() < 0.05
    assert ratio.max() > 7
    assert plan.positions[-1] == 50


def test_samples_surround_as_many_training_values_as_parameters_and_stay_within_the_data():
    of = pool(3)
    plan = descent.by_samples(of, 24, 50, *REST)
    threshold = of.parameters(24) / 3
    assert np.abs(plan.samples / threshold - 1).min() < 0.02
    assert plan.samples.max() <= of.most == 225


def test_both_labels_share_rows_and_weights_and_differ_in_the_share_asked_for():
    of, share = pool(3, rows=2000), 0.3
    plan = descent.by_steps(of, 1500, 8, 5, 0.01, share, 1)
    noisy, true = descent._cells(of, plan, np.random.default_rng(1))
    np.testing.assert_array_equal(noisy.sample.rows["train"], true.sample.rows["train"])
    assert noisy.params is true.params
    wrong = np.mean(noisy.sample.targets["train"] != true.sample.targets["train"])
    assert wrong == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 1500))
    np.testing.assert_array_equal(noisy.sample.targets["test"], true.sample.targets["test"])


def test_rows_of_padding_change_nothing():
    of = pool(3)
    plan = descent.by_steps(of, 20, 4, 5, *REST)
    cell = next(descent._cells(of, plan, np.random.default_rng(1)))
    found = []
    for room in (0, 40):
        sample = type(cell.sample)(
            **{
                **{k: v for k, v in vars(cell.sample).items() if k != "_arrays"},
                "room": room,
            }
        )
        one = Cell(sample, cell.params, cell.settings, cell.seed)
        found.append(sweep(Program("tanh", "gaussian", "adam"), [one], [5], silent).curves()["risk"])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5)


def test_the_peak_of_a_curve_is_its_largest_rise_after_a_minimum():
    turns = _turns(np.array([[5.0, 2.0, 1.0, 1.5, 3.0, 2.0, 1.2]]))
    assert (turns.first[0], turns.peak[0], turns.at[0], turns.last[0]) == (1.0, 3.0, 4, 1.2)
