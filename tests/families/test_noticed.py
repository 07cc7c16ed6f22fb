"""What is said of values before they are fitted."""

import numpy as np
import pytest

from core.families.noticed import noticed

X = np.random.default_rng(0).gamma(2.0, 3.0, 200)


@pytest.mark.parametrize(
    ("x", "counts", "said"),
    [
        (np.maximum(X, 1.5), False, "equal the least, 1.5: that looks like a detection limit"),
        (np.minimum(X, 12.0), False, "equal the largest, 12: that looks like a limit of the scale"),
        (np.round(X), False, "All values are whole numbers"),
        (np.round(4 * X) / 4, False, "values differ: ties add to the distances"),
    ],
)
def test_said(x, counts, said):
    assert any(said in note for note in noticed(x, counts))


@pytest.mark.parametrize("x", [X, np.array([1.0, 2.0]), np.round(X, 2)])
def test_nothing_is_said_of_ordinary_values(x):
    assert noticed(x, False) == () or x.size == 2


def test_counts_may_be_whole_and_tied():
    assert noticed(np.random.default_rng(0).poisson(4.0, 200).astype(float), True) == ()
