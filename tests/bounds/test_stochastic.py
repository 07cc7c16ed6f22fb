"""Stochastic networks: padding counts nothing, and KL is the mean log ratio."""

import jax.numpy as jnp
import numpy as np
import pytest

from core.bounds import stochastic_network
from core.bounds.populations import Gaussian

WIDTH = 6


@pytest.fixture(scope="module")
def trained():
    """A network trained on 100 of two far classes, its sample padded to two different lengths."""
    people, rng = Gaussian(2.5, 3, 0.0), np.random.default_rng(0)
    inputs, labels = people.draw(rng, 100)
    start = stochastic_network.centre(3, WIDTH, rng)
    made = []
    for room in (100, 150):
        rows = stochastic_network.rows(inputs, labels, room)
        task = stochastic_network.task(rows, 100, start, 300, 0.05)
        made.append((rows, list(stochastic_network.train(task, WIDTH, 1, [300]))[-1][1]))
    return start, made


def test_padding_changes_nothing(trained):
    _, ((_, first), (_, second)) = trained
    np.testing.assert_allclose(first.mean, second.mean, atol=1e-3)


def test_what_is_trained_is_the_error_of_networks_that_are_drawn(trained):
    start, ((rows, posterior), _) = trained
    fresh = stochastic_network.rows(*Gaussian(2.5, 3, 0.0).draw(np.random.default_rng(1), 1000), 0)
    found = np.concatenate(list(stochastic_network.errors(posterior, (rows, fresh), WIDTH, 70, 2)))
    assert found.shape == (70, 2)
    assert (found.mean(axis=0) < 0.1).all()
    untrained = stochastic_network.Posterior(jnp.asarray(start), posterior.log_deviation)
    (before,) = stochastic_network.errors(untrained, (rows, fresh), WIDTH, 10, 2)
    assert before.mean() > 0.15


def test_the_mean_log_ratio_is_the_divergence(trained):
    start, ((_, posterior), _) = trained
    cost, j = stochastic_network.divergence(posterior, start)
    logs = stochastic_network.ratios(posterior, start, j, 2000, np.random.default_rng(3))
    assert logs.mean() == pytest.approx(cost, abs=4 * logs.std() / np.sqrt(2000))
