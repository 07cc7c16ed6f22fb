"""The laws of noise matrices, against brute force, published values and one another."""

import numpy as np
import pytest

from core.linear import spiked, tracy_widom, tridiagonal
from core.optimization import marchenko_pastur

LAWS = [spiked.Covariance(40, 25), spiked.Covariance(25, 40), spiked.Symmetric(30)]


def noise(law, seed=0):
    return law.noise("gaussian", np.random.default_rng(seed), rho=0.0, tail=5.0)


def test_tracy_widom_has_its_published_moments_and_quantiles():
    grid = np.linspace(-6.5, 5, 4001)
    middle = (grid[1:] + grid[:-1]) / 2
    mass = np.diff(tracy_widom.cdf(grid))
    mean = (middle * mass).sum()
    assert mean == pytest.approx(tracy_widom.MEAN, abs=2e-4)
    assert ((middle - mean) ** 2 * mass).sum() == pytest.approx(tracy_widom.VARIANCE, abs=2e-3)
    # Johnstone (2001), table 1: 0.95 at 0.98; Bejan: 0.99 at 2.0234.
    assert tracy_widom.quantile([0.95, 0.99]) == pytest.approx([0.9793, 2.0234], abs=2e-4)
    np.testing.assert_array_equal(tracy_widom.cdf([-20.0, 20.0]), [0.0, 1.0])


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_path_of_one_direction_is_that_of_matrices_with_it(law):
    strengths, matrix = np.array([0.0, 0.7, 1.0, 2.5, 40.0]), noise(law)
    path = law.path(matrix, strengths, np.linalg.eigh(matrix[1:, 1:]))
    for k, w in enumerate(strengths):
        values, vectors = np.linalg.eigh(law.lifted(matrix, np.array([w])))
        assert path.eigenvalue[k] == pytest.approx(values[-1], rel=1e-10)
        assert path.overlap[k] == pytest.approx(vectors[0, -1] ** 2, rel=1e-7)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_density_and_quantiles_are_one_law(law):
    low = law.edges()[0]
    at = law.quantiles(np.array([0.2, 0.5, 0.9]))
    shares = []
    for end in at:
        grid = np.linspace(low, end, 20_001)
        shares.append(np.trapezoid(law.density(grid), grid))
    whole = min(1.0, law.rank / law.features)
    np.testing.assert_allclose(np.array(shares) / whole, [0.2, 0.5, 0.9], atol=1e-3)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_tridiagonal_matrices_have_the_largest_eigenvalues_of_full_ones(law):
    drawn = law.sampled(400, np.random.default_rng(1))
    full = np.array([np.linalg.eigvalsh(noise(law, seed))[-1] for seed in range(200)])
    error = np.hypot(drawn.std() / np.sqrt(drawn.size), full.std() / np.sqrt(full.size))
    assert abs(drawn.mean() - full.mean()) < 4 * error
    assert drawn.std() == pytest.approx(full.std(), rel=0.25)


def test_a_one_by_one_covariance_is_a_chi_squared():
    drawn = tridiagonal.covariance(10, 1, 4000, np.random.default_rng(0))
    assert drawn.mean() == pytest.approx(1.0, abs=0.03)
    assert drawn.var() == pytest.approx(0.2, rel=0.15)


@pytest.mark.parametrize("ratio", [0.3, 1.0, 4.0])
def test_quantiles_of_the_marchenko_pastur_law_stay_between_its_edges(ratio):
    found = marchenko_pastur.quantiles([0.0, 0.5, 1.0], ratio)
    np.testing.assert_allclose(found[[0, 2]], marchenko_pastur.edges(ratio), atol=1e-3)
    assert found[0] < found[1] < found[2]
