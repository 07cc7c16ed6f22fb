"""Random designs and the fits on them, against dense linear algebra."""

import numpy as np
import pytest
from scipy import linalg

from core.linear import designs
from core.linear.fits import growing


def covariance(p, rho):
    return linalg.toeplitz(rho ** np.arange(p))


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.95])
def test_variance_is_the_quadratic_form(rho):
    beta = np.random.default_rng(0).standard_normal((3, 40))
    expected = np.einsum("ri,ij,rj->r", beta, covariance(40, rho), beta)
    np.testing.assert_allclose(designs.variance(beta, rho), expected, rtol=1e-12)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.95])
def test_spectrum_is_that_of_the_covariance(rho):
    beta = np.random.default_rng(0).standard_normal(40)
    eigenvalues, squares = designs.spectrum(beta, rho)
    np.testing.assert_allclose(np.sort(eigenvalues), linalg.eigvalsh(covariance(40, rho)), rtol=1e-10)
    assert eigenvalues @ squares == pytest.approx(float(designs.variance(beta, rho)), rel=1e-10)


@pytest.mark.parametrize("rho", [0.0, 0.7])
@pytest.mark.parametrize("p", [1, 10, 40])
def test_effective_truth_is_the_projection_on_the_features_in_use(rho, p):
    beta, sigma = np.random.default_rng(0).standard_normal(40), covariance(40, rho)
    best = beta[:p] + linalg.solve(sigma[:p, :p], sigma[:p, p:] @ beta[p:])
    left = beta @ sigma @ beta - best @ sigma[:p, :p] @ best
    found = designs.effective(beta, p, rho, 2.0)
    np.testing.assert_allclose(found.beta, best, rtol=1e-10, atol=1e-12)
    assert found.noise == pytest.approx(2.0 + left)


@pytest.mark.parametrize("design", ["gaussian", "correlated", "entries", "samples"])
def test_features_have_variance_one(design):
    rng = np.random.default_rng(1)
    x = designs.draw(design, 20_000, 20, rng, rho=0.6, tail=12.0)
    # A multivariate t of 12 degrees of freedom has kurtosis 3.75: the mean of 20 correlated squares
    # over 20,000 rows has a standard error below sqrt(2.75 / 20,000) = 0.012; five of them.
    assert np.mean(x**2) == pytest.approx(1.0, abs=0.06)
    neighbours = np.mean(x[:, 1:] * x[:, :-1])
    assert neighbours == pytest.approx(0.6 if design == "correlated" else 0.0, abs=0.05)


@pytest.mark.parametrize("p", [5, 20, 33])
def test_fits_are_those_of_lstsq_and_of_augmented_rows(p):
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((2, 20, 40)), rng.standard_normal((2, 20))
    fits = {f.used.shape[2]: f for f in growing(x, [5, 20, 33])}[p]
    plain, ridged = fits.coefficients(y, 0.0), fits.coefficients(y, 0.1)
    for r in range(2):
        used = x[r, :, :p]
        # Square designs are the worst conditioned: condition number about 1e3, squared in the Gram.
        np.testing.assert_allclose(plain[r], np.linalg.lstsq(used, y[r])[0], rtol=1e-6, atol=1e-8)
        augmented = np.vstack([used, np.sqrt(20 * 0.1) * np.eye(p)])
        target = np.concatenate([y[r], np.zeros(p)])
        np.testing.assert_allclose(ridged[r], np.linalg.lstsq(augmented, target)[0], atol=1e-10)


@pytest.mark.parametrize("p", [5, 33])
def test_path_is_the_ridge_fit_and_its_derivative(p):
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((2, 20, 40)), rng.standard_normal((2, 20))
    fits = next(growing(x, [p]))
    path, turn = fits.path(y, np.array([0.01, 0.5]))
    np.testing.assert_allclose(path[..., 1], fits.coefficients(y, 0.5), atol=1e-12)
    step = 1e-5
    ahead, behind = (fits.coefficients(y, 0.5 * np.exp(s)) for s in (step, -step))
    # Central differences: error about step² plus rounding / step.
    np.testing.assert_allclose(turn[..., 1], (ahead - behind) / (2 * step), atol=1e-8)
