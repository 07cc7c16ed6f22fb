"""What stands beside the sampler: grids, closed forms, priors, and the families that can be sampled."""

from typing import get_args

import numpy as np
import pytest

from core import families
from core.bayes import closed_forms, leaving_out, priors, quadrature, target
from core.bayes.conjugate import Floats
from core.bayes.sampling_tables import error_of_sd
from core.experiment import InputError
from core.families.names import Counted, Measured, Smooth

DRAWN = {
    "exponential": lambda rng: rng.exponential(3.0, 60),
    "normal": lambda rng: rng.normal(5.0, 2.0, 60),
    "poisson": lambda rng: rng.poisson(4.0, 60).astype(float),
}


def aimed(x: Floats, name: str, prior: priors.Name) -> target.Target:
    family, fit = families.find(name), families.fit(x, name)
    return target.target(family, fit, priors.prior(prior, family, fit.sample, 2.5, 0.0))


@pytest.mark.parametrize("name", priors.CONJUGATE)
def test_grid_and_closed_form_agree_on_moments_and_on_every_value_left_out(name: str) -> None:
    aim = aimed(DRAWN[name](np.random.default_rng(0)), name, "conjugate")
    grid, why = quadrature.integral(aim, aim.x.size, lambda done: None)
    assert grid is not None, why
    exact = closed_forms.closed(aim, aim.x.size)
    mean, sd = grid.moments(grid.u)
    np.testing.assert_allclose(mean, exact.mean, atol=1e-9)
    np.testing.assert_allclose(sd, exact.sd, rtol=1e-6)
    np.testing.assert_allclose(grid.left_out, exact.left_out, atol=1e-9)
    for j in range(mean.size):
        at = mean[j] + sd[j] * np.linspace(-6, 6, 401)
        density = grid.marginal(j, at)
        assert np.trapezoid(density, at) == pytest.approx(1, abs=1e-4)
        assert np.trapezoid(at * density, at) == pytest.approx(mean[j], abs=1e-4)


def test_a_support_that_ends_inside_the_grid_weighs_nothing_beyond() -> None:
    """Generalised Pareto values end at −σ/ξ, and parameters that end before the largest are out."""
    x = np.random.default_rng(0).beta(1.0, 3.0, 400)
    aim = aimed(x, "gpd", "weak")
    grid, why = quadrature.integral(aim, aim.x.size, lambda done: None)
    assert grid is not None, why
    mean, sd = grid.moments(grid.u)
    assert np.isfinite(grid.left_out).all()
    assert (np.abs(mean - aim.mode) < sd).all()


@pytest.mark.parametrize("name", priors.CONJUGATE)
def test_slopes_of_priors_are_their_derivatives(name: str) -> None:
    aim = aimed(DRAWN[name](np.random.default_rng(0)), name, "conjugate")
    u, h, numbers = np.array([0.3, -0.2])[: aim.mode.size], 1e-4, aim.prior.numbers
    gradient, hessian = priors.slopes(name, True, u, numbers)
    for j, step in enumerate(h * np.eye(u.size)):
        rise = [priors.log_prior(name, True, u + s * step, numbers, np) for s in (1, -1)]
        bend = [priors.slopes(name, True, u + s * step, numbers)[0] for s in (1, -1)]
        assert (rise[0] - rise[1]) / (2 * h) == pytest.approx(gradient[j], abs=1e-6)
        np.testing.assert_allclose((bend[0] - bend[1]) / (2 * h), hessian[j], atol=1e-6)


def test_a_conjugate_prior_needs_a_family_that_has_one() -> None:
    with pytest.raises(InputError, match=r"`prior` can be conjugate for .*; `family` was gamma\."):
        aimed(DRAWN["exponential"](np.random.default_rng(0)), "gamma", "conjugate")


def test_families_that_can_be_sampled_are_those_with_a_derivative() -> None:
    every = [families.find(name) for name in (*get_args(Measured), *get_args(Counted))]
    smooth = [f.name for f in every if not f.closed and not any(p.whole for p in f.parameters)]
    assert [name for name in get_args(Smooth) if name != "automatic"] == smooth


def test_monte_carlo_errors_are_the_spread_over_repetitions() -> None:
    """Of autoregressive draws, whose squares depend on each other less than they do."""
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((500, 4, 400))
    x = np.empty_like(noise)
    x[..., 0] = noise[..., 0]
    for t in range(1, 400):
        x[..., t] = 0.7 * x[..., t - 1] + np.sqrt(1 - 0.49) * noise[..., t]
    said = np.mean([error_of_sd(one) for one in x[:50]])
    assert said == pytest.approx(x.std(axis=(1, 2)).std(), rel=0.12)


def test_chains_that_stand_still_have_no_leave_one_out_score() -> None:
    logs = np.broadcast_to(np.array([-1.0, -2.0, -3.0]), (2, 100, 3))
    made = leaving_out.left_out(logs, np.ones(3), lambda done: None)
    assert np.isnan(made.elpd).all()
    assert np.isnan(made.pareto_k).all()
    np.testing.assert_allclose(made.lppd, [-1, -2, -3])
