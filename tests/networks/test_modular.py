"""Modular addition: the network built by hand, what random weights do, and what is measured."""

import numpy as np
import pytest

from core.networks import modular
from core.networks.activations import ACTIVATIONS
from core.networks.grokking import crossing
from core.networks.mlp import forward


@pytest.mark.parametrize("p", [3, 5, 9, 31])
def test_the_network_built_by_hand_gives_every_sum_in_the_fewest_layers(p):
    network = modular.built(p)
    assert network[0][0].shape == (2 * p, 3 * (p - 1))
    made = modular.outputs(network)
    a, b = np.divmod(np.arange(p * p), p)
    np.testing.assert_allclose(made, np.eye(p)[(a + b) % p], atol=1e-12)


def test_five_phases_are_too_few():
    """With j / 5 and 4 j / 5 for the phases some other product of cosines keeps its phase."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(modular, "PHASES", np.array([[j / 5, 4 * j / 5] for j in range(5)]))
        assert np.abs(modular.outputs(modular.built(5)) - np.eye(5)[modular.sums(5)]).max() > 0.1


def test_outputs_are_those_of_the_network_on_indicators():
    network = modular.untrained(7, 5, np.random.default_rng(0), np.float64)
    a, b = np.divmod(np.arange(49), 7)
    inputs = np.concatenate([np.eye(7)[a], np.eye(7)[b]], axis=1)
    expected = forward(modular._layers(network), inputs, ACTIVATIONS["quadratic"])
    np.testing.assert_allclose(modular.outputs(network), expected, atol=1e-12)


def test_random_weights_spread_power_as_exponential_variables():
    powers = np.random.default_rng(0).exponential(size=(20_000, 15))
    np.testing.assert_allclose(modular.spectrum(powers), modular.random_spectrum(31), rtol=0.02)
    assert modular.random_spectrum(31).sum() == pytest.approx(1)


def test_a_built_unit_has_one_frequency_and_phases_that_add_up():
    every = np.arange(121)
    seen = modular.look(modular.built(11), modular.sums(11), (every, every[:5]))
    assert seen.concentration == pytest.approx(1)
    assert seen.phases == pytest.approx(1)
    assert seen.accuracy == (1, 1)
    assert seen.risk == pytest.approx((0, 0), abs=1e-12)


def test_risk_and_accuracy_of_a_network_of_nothing():
    first, (second, _) = modular.built(5)
    always_two = [first, (0 * second, np.eye(5)[2])]
    seen = modular.look(always_two, modular.sums(5), (np.arange(25), np.arange(25)))
    assert seen.accuracy[0] == pytest.approx(1 / 5)
    assert seen.risk[0] == pytest.approx(2 * 4 / 5)


def test_where_an_accuracy_crosses_a_level():
    steps = np.array([0.0, 1.0, 10.0, 100.0])
    assert crossing(steps, np.array([0.0, 0.0, 0.5, 1.0]), 0.75) == pytest.approx(10**1.5)
    assert crossing(steps, np.array([0.0, 0.9, 0.5, 1.0]), 0.75) == 1.0
    assert np.isnan(crossing(steps, np.zeros(4), 0.75))
