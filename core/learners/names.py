"""Names of the learners, and of the synthetic designs whose learning curve is known: free of
scikit-learn, for any `Config`."""

from collections.abc import Mapping
from typing import Literal

from core.datasets import labelled

Learner = Literal[
    "auto",
    "linear",
    "ridge",
    "lasso",
    "logistic",
    "hebb",
    "knn",
    "tree",
    "forest",
    "gradient-boosting",
    "network",
    "svm",
]
LEARNERS: Mapping[str, str] = {
    "auto": "Logistic or ridge, by target",
    "linear": "Linear (least squares; discriminant for classes)",
    "ridge": "Ridge",
    "lasso": "Lasso (logistic with ℓ1 for classes)",
    "logistic": "Logistic, ℓ2",
    "hebb": "Hebb's rule",
    "knn": "Nearest neighbours",
    "tree": "Tree",
    "forest": "Random forest",
    "gradient-boosting": "Gradient boosting",
    "network": "Neural network, ReLU",
    "svm": "Support vector machine, Gaussian kernel",
}
KNOWN: Mapping[str, str] = {
    "linear-model": "Linear model, Gaussian features (a number)",
    "gaussians": "Two Gaussian classes",
    "perceptron": "Teacher perceptron, Gaussian inputs",
}
DATA: Mapping[str, str] = {**labelled.BUNDLED, **KNOWN}
SYNTHETIC = (*labelled.SYNTHETIC, *KNOWN)
PENALISED = ("auto", "ridge", "lasso", "logistic")
GROWN = ("forest", "gradient-boosting")
