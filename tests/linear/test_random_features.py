"""Random ReLU features: the limit against an independent one, and where it peaks."""

import numpy as np
import pytest

from core.linear import random_features, risk


@pytest.mark.parametrize("penalty", [1e-6, 0.01, 0.3])
@pytest.mark.parametrize("features", [200, 600, 900])
def test_limit_is_the_universal_formula_for_the_linear_part_and_noise(features, penalty):
    """A feature is u·x / 2 plus independent noise: then the covariance is known, and with it the
    universal formula, at one draw of the directions. Errors are of the order of 1/√(d p)."""
    d, n, signal, noise = 200, 400, 4.0, 1.0
    rng = np.random.default_rng(0)
    u = rng.standard_normal((features, d))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    values, vectors = np.linalg.eigh(u @ u.T / 4 + random_features.REST**2 * np.eye(features))
    beta = rng.standard_normal(d)
    beta *= np.sqrt(signal) / np.linalg.norm(beta)
    along = vectors.T @ (u @ beta / 2) / values
    left = signal + noise - (values * along**2).sum()
    expected = risk.universal(n, values, along**2, left, penalty)
    found = random_features.limit(np.array([features]), n, d, signal, noise, np.array([penalty]))[0]
    assert found == pytest.approx(expected, rel=0.06)


def test_best_penalty_has_no_peak():
    p = np.arange(20, 400, 20)
    best = random_features.optimal_penalty(p, 200, 100, 4.0, 1.0)
    limits = random_features.limit(p, 200, 100, 4.0, 1.0, best)
    assert (np.diff(limits) < 0).all()
    plain = random_features.limit(p, 200, 100, 4.0, 1.0, np.full(p.shape, 1e-9))
    assert plain.argmax() == 9  # p = n
