"""Fits on growing samples, and theory along them."""

import numpy as np
import pytest

from core.linear import descent, risk
from core.linear.fits import lengthening


@pytest.mark.parametrize("penalty", [0.0, 0.3])
def test_growing_samples_give_the_fits_of_each_size(penalty):
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 30, 12)), rng.standard_normal((2, 30))
    for n, fits in zip((5, 12, 30), lengthening(x, (5, 12, 30)), strict=True):
        found = fits.coefficients(y[:, :n], penalty)
        for k in range(2):
            root = np.sqrt(n * penalty) * np.eye(12)
            tall = np.concatenate([x[k, :n], root]), np.concatenate([y[k, :n], np.zeros(12)])
            np.testing.assert_allclose(found[k], np.linalg.lstsq(*tall)[0], rtol=1e-6, atol=1e-9)


def test_points_grow_in_one_direction_and_are_dense_at_the_threshold():
    points, fine = descent.points(50, 200, "samples")
    assert set(points.features) == {50}
    assert {46, 48, 50, 52, 54, 200} <= set(points.samples)
    assert set(points.samples) <= set(fine.samples)
    assert (np.diff(points.samples) > 0).all()


def test_more_samples_hurt_from_the_size_that_the_page_names():
    """In the limit, from n = p (1 − √(v / s)) up to n = p."""
    p, s, v = 10_000, 10.0, 1.0
    turn = p * (1 - np.sqrt(v / s))
    n = np.round(turn * np.array([0.97, 1.0, 1.03])).astype(int)
    found = risk.exact(n, p, s, v)
    assert found[1] < found[0]
    assert found[1] < found[2]
