"""Reliability and calibration error against a count by hand, and against honest probabilities."""

import numpy as np
import pytest

from core.networks.calibration import expected_calibration_error, honest_error, reliability


def honest(rows, rng, classes=3):
    """Probabilities and classes drawn with just these."""
    p = rng.dirichlet(np.ones(classes), rows)
    drawn = (p.cumsum(axis=1) > rng.random((rows, 1))).argmax(axis=1)
    return p, drawn


def test_bins_are_counted_as_by_hand():
    p = np.array([[0.5, 0.5], [0.45, 0.55], [0.3, 0.7], [0.0, 1.0], [0.25, 0.75]])
    labels = np.array([0, 0, 1, 1, 0])
    found = reliability(p, labels, bins=4)
    np.testing.assert_array_equal(found.rows, [0, 1, 3, 1])
    np.testing.assert_allclose(found.confidence[1:], [0.5, (0.55 + 0.7 + 0.75) / 3, 1.0])
    np.testing.assert_allclose(found.accuracy[1:], [1, 1 / 3, 1])
    assert np.isnan(found.accuracy[0])
    expected = (1 * 0.5 + 3 * abs(1 / 3 - 2 / 3) + 0) / 5
    assert expected_calibration_error(p, labels, bins=4) == pytest.approx(expected)


@pytest.mark.parametrize("rows", [200, 2000])
def test_honest_probabilities_have_the_error_that_chance_gives_them(rows):
    rng = np.random.default_rng(0)
    pairs = [honest(rows, rng) for _ in range(200)]
    measured = np.array([expected_calibration_error(p, y) for p, y in pairs])
    predicted = np.mean([honest_error(p) for p, _ in pairs])
    # The normal approximation misses 2 % or so where a bin holds a few rows.
    assert measured.mean() == pytest.approx(predicted, rel=0.05)
    assert measured.mean() > 0.01


def test_overconfidence_is_seen():
    p, labels = honest(5000, np.random.default_rng(1), classes=2)
    sharp = p**3 / (p**3).sum(axis=1, keepdims=True)
    assert expected_calibration_error(sharp, labels) > 5 * honest_error(sharp)


def test_no_rows_have_no_error_and_no_bins_are_refused():
    empty = np.zeros((0, 2)), np.zeros(0, int)
    assert np.isnan(expected_calibration_error(*empty))
    assert honest_error(empty[0]) == 0
    with pytest.raises(ValueError, match="`bins` must be at least 1; it was 0"):
        reliability(*empty, bins=0)
