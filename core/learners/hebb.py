"""Hebb's rule as a learner of scikit-learn's kind: the weights of a class are the sum of its rows less
that of the others. Inputs are taken as they come, of mean zero; there is no threshold.

Source: Hebb (1949), The Organization of Behavior; as a learner, Watkin, Rau & Biehl (1993), Reviews of
Modern Physics 65, 499–556.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

Floats = NDArray[np.float64]


class Hebb(BaseEstimator):  # type: ignore[misc]
    """Learns weights (d, class) in one pass."""

    def fit(self, inputs: Floats, target: NDArray[Any]) -> "Hebb":
        """Sums the rows of `inputs` (n, d), each with +1 for its own class and −1 for the others."""
        self.classes_ = np.unique(target)
        self.weights_ = inputs.T @ np.where(target[:, None] == self.classes_, 1.0, -1.0)
        return self

    def predict(self, inputs: Floats) -> NDArray[Any]:
        """The class (n,) whose weights agree most with each row."""
        return np.asarray(self.classes_[np.argmax(inputs @ self.weights_, axis=1)])
