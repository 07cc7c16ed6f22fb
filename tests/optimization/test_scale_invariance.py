"""Scale-invariant weights: the closed forms against their recursion."""

import numpy as np
import pytest
from scipy import stats

from core.optimization import scale_invariance


@pytest.mark.parametrize(("rate", "decay"), [(0.1, 0.01), (0.5, 0.3)])
def test_the_angle_is_that_of_a_step_that_keeps_the_norm(rate, decay):
    """In the plane: a gradient orthogonal to w of the size that keeps ‖w‖."""
    shrink = 1 - rate * decay
    before, after = np.array([1.0, 0.0]), np.array([shrink, np.sqrt(1 - shrink**2)])
    angle = float(scale_invariance.turning(rate, decay))
    assert np.cos(angle) == pytest.approx(before @ after)
    assert angle == pytest.approx(np.sqrt(2 * rate * decay), rel=rate * decay)
    # And the norm whose gradient, √q / ‖w‖, has that size.
    fourth = float(scale_invariance.equilibrium(rate, decay, 3.0))
    assert rate**2 * 3.0 / fourth == pytest.approx(1 - shrink**2)


@pytest.mark.parametrize("decay", [0.0, 0.02])
@pytest.mark.parametrize("start", [0.5, 3.0])
def test_relaxation_follows_the_recursion_of_the_norm(start, decay):
    rate, gradient, square = 0.05, 2.0, start**2
    for _ in range(600):
        square = (1 - rate * decay) ** 2 * square + rate**2 * gradient / square
    found = float(scale_invariance.relaxation(600, start**4, rate, decay, gradient))
    # Of first order in the growth of ‖w‖² in a step, η² q / ‖w‖⁴ = 0.08 at first from 0.5.
    assert found == pytest.approx(square**2, rel=0.03)


def test_the_floor_is_the_entropy_of_a_label():
    law = [0.7, 0.1, 0.1, 0.1]
    assert scale_invariance.label_noise_floor(0.3, 4) == pytest.approx(stats.entropy(law))
    assert scale_invariance.label_noise_floor(0.0, 4) == 0.0
