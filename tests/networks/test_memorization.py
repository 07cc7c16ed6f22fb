"""A network built by hand, labels of a share that is random, and Hopfield's bits by enumeration."""

from itertools import product

import numpy as np
import pytest

from core.networks import hopfield
from core.networks.memorization import by_hand, draw


def test_the_network_built_by_hand_gives_any_labels_and_none_to_twins():
    rng = np.random.default_rng(0)
    inputs, labels = rng.standard_normal((50, 4)), rng.integers(0, 10, 50)
    np.testing.assert_allclose(by_hand(inputs, labels, rng), labels, atol=1e-8)
    inputs[1] = inputs[0]
    assert np.isnan(by_hand(inputs, labels, rng)).all()


def test_a_draw_has_distinct_rows_and_nested_random_labels():
    rng = np.random.default_rng(1)
    inputs, classes = rng.standard_normal((300, 5)), rng.integers(0, 3, 300)
    one = draw(inputs, classes, 3, 100, 0.2, rng)
    assert one.inputs["train"].shape == (100, 5)
    assert len(np.unique(one.inputs["train"], axis=0)) == 80
    np.testing.assert_array_equal(one.labels(0.0), one.classes["train"])
    np.testing.assert_array_equal(one.labels(1.0), one.random)
    some, more = (one.labels(s) != one.classes["train"] for s in (0.3, 0.7))
    assert (more | ~some).all()


def test_unstable_bits_are_as_likely_as_in_all_patterns_there_are():
    units, patterns = 3, 3
    seen = [
        hopfield.unstable(np.array(bits).reshape(patterns, units), patterns)
        for bits in product([-1.0, 1.0], repeat=units * patterns)
    ]
    assert hopfield.bit_error(units, patterns) == pytest.approx(np.mean(seen))


def test_the_overlap_is_near_one_below_the_critical_load_and_zero_above():
    assert hopfield.overlap(0.05) > 0.9999
    assert hopfield.overlap(0.137) == pytest.approx(0.97, abs=0.01)
    assert hopfield.overlap(0.14) == 0
