"""Which estimator, scikit-learn's or a network, is a learner, with its parameters, for classes or for a
number?"""

from dataclasses import dataclass
from typing import Any

from core.experiment import InputError
from core.learners.names import Learner


@dataclass(frozen=True)
class Model:
    """A learner and its parameters; those that it lacks are not looked at. `penalty`: scikit-learn's
    alpha of ridge, 1/C of logistic ones, 100 alpha of lasso. `depth` 0 is the learner's own. `room` is
    the most training rows that a network will have, so that all sizes share a program."""

    learner: Learner
    penalty: float = 1.0
    neighbours: int = 5
    trees: int = 50
    depth: int = 0
    cost: float = 1.0
    width: int = 32
    layers: int = 1
    learning_rate: float = 0.01
    weight_decay: float = 0.01
    steps: int = 400
    room: int = 0

    def name(self, classes: bool) -> str:
        """The learner's name, "auto" resolved."""
        if self.learner != "auto":
            return self.learner
        return "logistic" if classes else "ridge"

    def estimator(self, classes: int, samples: int, seed: int) -> Any:
        """An unfitted estimator for `samples` training rows and this many classes, 0 for a number.

        Raises:
            InputError: a learner that needs classes, for a number.
        """
        name = self.name(bool(classes))
        if name in ("logistic", "hebb") and not classes:
            raise InputError(f"`learner` must not be {name} for a target that is a number; it was.")
        if name == "network":
            return _network(self, classes, seed)
        return (_classifier if classes else _regressor)(self, name, samples, seed)


def _network(model: Model, classes: int, seed: int) -> Any:
    # Imported late: JAX takes a second to load.
    from core.learners.perceptron import Perceptron

    return Perceptron(
        classes=classes,
        width=model.width,
        layers=model.layers,
        learning_rate=model.learning_rate,
        weight_decay=model.weight_decay,
        steps=model.steps,
        seed=seed,
        room=model.room,
    )


def _classifier(model: Model, name: str, samples: int, seed: int) -> Any:
    from sklearn import discriminant_analysis, ensemble, linear_model, neighbors, svm, tree

    depth = model.depth or None
    if name == "linear":
        return discriminant_analysis.LinearDiscriminantAnalysis()
    if name == "ridge":
        return linear_model.RidgeClassifier(alpha=model.penalty)
    if name == "lasso":
        return linear_model.LogisticRegression(
            C=1 / model.penalty, l1_ratio=1.0, solver="saga", tol=1e-3, max_iter=300, random_state=seed
        )
    if name == "logistic":
        return linear_model.LogisticRegression(C=1 / model.penalty, max_iter=300)
    if name == "hebb":
        from core.learners.hebb import Hebb

        return Hebb()
    if name == "knn":
        return neighbors.KNeighborsClassifier(min(model.neighbours, samples))
    if name == "tree":
        return tree.DecisionTreeClassifier(max_depth=depth, random_state=seed)
    if name == "forest":
        return ensemble.RandomForestClassifier(model.trees, max_depth=depth, random_state=seed)
    if name == "gradient-boosting":
        return ensemble.GradientBoostingClassifier(
            n_estimators=model.trees, max_depth=depth or 3, random_state=seed
        )
    return svm.SVC(C=model.cost)


def _regressor(model: Model, name: str, samples: int, seed: int) -> Any:
    from sklearn import ensemble, linear_model, neighbors, svm, tree

    depth = model.depth or None
    if name == "linear":
        return linear_model.LinearRegression()
    if name == "ridge":
        return linear_model.Ridge(alpha=model.penalty)
    if name == "lasso":
        return linear_model.Lasso(alpha=model.penalty / 100)
    if name == "knn":
        return neighbors.KNeighborsRegressor(min(model.neighbours, samples))
    if name == "tree":
        return tree.DecisionTreeRegressor(max_depth=depth, random_state=seed)
    if name == "forest":
        return ensemble.RandomForestRegressor(
            model.trees, max_depth=depth, max_features=1 / 3, random_state=seed
        )
    if name == "gradient-boosting":
        return ensemble.GradientBoostingRegressor(
            n_estimators=model.trees, max_depth=depth or 3, random_state=seed
        )
    return svm.SVR(C=model.cost)
