"""Tables and checks of the training error and what corrects it, from replicates of the targets."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from core.experiment import CHECKS, Frames, Table
from core.linear import selection
from core.linear.designs import Floats

# Imported late, by what needs it: SciPy takes a while to load.
if TYPE_CHECKING:
    from core.theory import Row

ELEMENTS = "Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, "
SHIBATA = "Shibata (1976), Biometrika 63, 117–126"
STEIN = "James & Stein (1961), Proc. Fourth Berkeley Symposium 1, 361–379"
NORMS = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0])
# The mean loss of James–Stein has a standard error that itself has one only for more than 8 means, or
# where their length keeps the values away from 0.
ENOUGH, AWAY = 9, 3.0
# From so many expected choices of an order on, their number is nearly normal.
ENOUGH_CHOSEN = 25

_UNIT = "squared units of the target"
_AT = {
    "setting": "number of features in the model, or ridge penalty λ",
    "freedom": "effective degrees of freedom, tr H",
}
_WHAT = (
    "test (error on new targets at the same inputs), train, cp (Mallows), aic (train · exp(2 df / n)), "
    "gcv (train / (1 − df / n)²), loo (leave-one-out), kfold, or optimism (test − train)"
)
TABLES = {
    "estimates": Table(
        "Error on new targets, and what estimates it, over the replicates.",
        {
            **_AT,
            "quantity": _WHAT,
            "value": f"mean over replicates, {_UNIT}",
            "standard_error": f"of the mean, {_UNIT}",
            "deviation": f"standard deviation between replicates, {_UNIT}",
        },
    ),
    "theory": Table(
        "What theory expects of each.",
        {**_AT, "quantity": _WHAT, "value": f"expected value, {_UNIT}"},
    ),
    "risk": Table(
        "Error of one replicate at one setting, noise included.",
        {
            "replicate": "number of the replicate, from 0",
            "split": "train, or test: on new targets at the same inputs",
            "setting": "number of features in the model, or ridge penalty λ",
            "risk": f"mean squared error, {_UNIT}",
        },
    ),
    "orders": Table(
        "How often each criterion chooses each number of features; of least squares only.",
        {
            "criterion": "aic or bic (told the noise variance), aic_unknown or bic_unknown "
            "(variance estimated), loo or kfold",
            "order": "number of features chosen",
            "frequency": "share of the replicates",
            "standard_error": "of the frequency",
            "predicted": "probability for Gaussian noise of the variance told and effects that stand "
            "out; empty where the criterion has no law",
        },
    ),
    "shrinkage": Table(
        "Risk of estimates of a mean vector against its length.",
        {
            "norm": "length ‖θ‖ of the mean vector, in standard deviations of one value",
            "estimate": "james_stein, or positive (shrunk to 0 at most)",
            "risk": "mean of ‖θ̂ − θ‖², in squared standard deviations; that of the values themselves "
            "is their number",
            "standard_error": "of the risk",
            "predicted": "exact risk of james_stein",
        },
    ),
    "checks": CHECKS,
}


class Problem(NamedTuple):
    """A design, its models and truth: `settings` (c,), number of true features `order`, noiseless
    targets `truth` (n,), the `noise` variance and that which criteria are `told`, and weights
    (c, n, n): `fitted` to all, `left_out` by the shortcut, and `held_out` by folds; `refitted`
    (c, k, n) without each of the samples `checked` (k,) in turn."""

    model: selection.Model
    settings: Floats
    order: int
    truth: Floats
    noise: float
    told: float
    fitted: Floats
    left_out: Floats
    checked: np.ndarray
    refitted: Floats
    held_out: Floats

    @property
    def freedom(self) -> Floats:
        return np.asarray(np.trace(self.fitted, axis1=1, axis2=2))


class Measured(NamedTuple):
    """Mean squared residuals (r, c) on the sample, on new targets, and with data left out."""

    train: Floats
    test: Floats
    loo: Floats
    kfold: Floats


def measure(problem: Problem, y: Floats, new: Floats) -> Measured:
    """Of targets `y` (r, n) and `new` ones of the same inputs."""
    test = [((new - y @ matrix.T) ** 2).mean(axis=1) for matrix in problem.fitted]
    parts = (problem.fitted, problem.left_out, problem.held_out)
    train, loo, kfold = (selection.residual(matrix, y) for matrix in parts)
    return Measured(train, np.stack(test, axis=1), loo, kfold)


def joined(parts: list[Measured]) -> Measured:
    """Chunks of replicates as one."""
    return Measured(*(np.concatenate(values) for values in zip(*parts, strict=True)))


def theory(problem: Problem) -> pd.DataFrame:
    """The table `theory`."""
    noise, n, df = problem.noise, problem.truth.size, problem.freedom
    parts = (problem.fitted, problem.left_out, problem.held_out)
    train, loo, kfold = (selection.expected(part, problem.truth, noise) for part in parts)
    optimism = 2 * noise * df / n
    values = {**_estimates(problem, train, loo, kfold), "test": train + optimism, "optimism": optimism}
    # Cp is expected to be the error on new targets: that is its claim.
    values["cp"] = train + optimism
    made = [_at(problem).assign(quantity=name, value=value) for name, value in values.items()]
    return TABLES["theory"].frame(pd.concat(made, ignore_index=True))


def tables(problem: Problem, found: Measured) -> Frames:
    """The tables of the replicates so far, but for `shrinkage` and `checks`."""
    made = []
    for name, values in _values(problem, found).items():
        mean, deviation = values.mean(axis=0), values.std(axis=0, ddof=1)
        row = _at(problem).assign(quantity=name, value=mean, deviation=deviation)
        made.append(row.assign(standard_error=deviation / np.sqrt(len(values))))
    return {
        "estimates": TABLES["estimates"].frame(pd.concat(made, ignore_index=True)),
        "theory": theory(problem),
        "risk": _risk(problem, found),
        "orders": TABLES["orders"].frame(_orders(problem, found)),
    }


def shrinkage(dimension: int, draws: int, rng: np.random.Generator) -> pd.DataFrame:
    """The table `shrinkage`: the same normal values about means of every length."""
    values = rng.standard_normal((draws, dimension))
    exact, rows = selection.james_stein(NORMS, dimension), []
    for norm, predicted in zip(NORMS, exact, strict=True):
        theta = np.zeros(dimension)
        theta[0] = norm
        x = theta + values
        factor = 1 - (dimension - 2) / (x**2).sum(axis=1)
        for name, shrunk in (("james_stein", factor), ("positive", np.maximum(factor, 0))):
            loss = ((shrunk[:, None] * x - theta) ** 2).sum(axis=1)
            error = loss.std(ddof=1) / np.sqrt(draws)
            expected = predicted if name == "james_stein" else np.nan
            rows.append((norm, name, loss.mean(), error, expected))
    return pd.DataFrame(rows, columns=list(TABLES["shrinkage"].columns))


def shrinks(table: pd.DataFrame, dimension: int) -> "Row":
    """The check of James–Stein's risk."""
    # Imported late: SciPy takes a while to load.
    from core.theory import exact

    least = 0.0 if dimension >= ENOUGH else AWAY
    shown = table[(table["estimate"] == "james_stein") & (table["norm"] >= least)]
    claim = f"James–Stein's risk is p − (p − 2)² E 1/(p − 2 + 2K), at lengths from {least:g}"
    means = (shown[name] for name in ("predicted", "risk", "standard_error"))
    return exact(claim, *means, source=STEIN)


def checks(problem: Problem, found: Measured) -> "list[Row]":
    """Each estimate against what theory expects of it, and the orders chosen against their law."""
    # Imported late: SciPy takes a while to load.
    from core.theory import exact, identity

    expected = {name: part["value"].to_numpy() for name, part in theory(problem).groupby("quantity")}
    values, count = _values(problem, found), len(found.train)
    claim = "Weights of leave-one-out by refitting are those of (y_i − (H y)_i) / (1 − h_ii)"
    short = problem.left_out[:, problem.checked]
    rows = [identity(claim, problem.refitted, short, source=f"{ELEMENTS}equation 7.64")]
    claims = {
        "optimism": ("Test error − training error is 2 σ² df / n", "equation 7.24"),
        "train": ("Training error is ‖(I − H) f‖² / n + σ² ‖I − H‖² / n", "section 7.4"),
        "cp": ("Cp is the error on new targets, on average", "equation 7.26"),
        "loo": ("Leave-one-out is its expected value, at every setting", "section 7.10"),
        "kfold": ("K-fold is its expected value, at every setting", "section 7.10"),
    }
    for name, (claim, where) in claims.items():
        mean, error = values[name].mean(axis=0), values[name].std(axis=0, ddof=1) / np.sqrt(count)
        source = f"{ELEMENTS}{where}"
        rows.append(exact(claim, expected[name], mean, error, source=source, replicates=count))
    orders = _orders(problem, found)
    if orders.empty:
        return rows
    for name, words in (("aic", "AIC"), ("bic", "BIC")):
        shown = orders[(orders["criterion"] == name) & (orders["predicted"] * count >= ENOUGH_CHOSEN)]
        p = shown["predicted"].to_numpy()
        # One order is certain where there is nothing to add.
        error = np.sqrt(np.maximum(p * (1 - p), 1e-12) / count)
        claim = (
            f"{words} chooses each order as often as a random walk of χ²₁ less its penalty peaks there"
        )
        rows.append(exact(claim, p, shown["frequency"], error, source=SHIBATA))
    return rows


def _estimates(problem: Problem, train: Floats, loo: Floats, kfold: Floats) -> dict[str, Floats]:
    """Estimates of the error on new targets, all linear in the residual sums (…, c)."""
    share = problem.freedom / problem.truth.size
    return {
        "train": train,
        "cp": train + 2 * problem.told * share,
        "aic": train * np.exp(2 * share),
        "gcv": train / (1 - share) ** 2,
        "loo": loo,
        "kfold": kfold,
    }


def _values(problem: Problem, found: Measured) -> dict[str, Floats]:
    made = _estimates(problem, found.train, found.loo, found.kfold)
    return {"test": found.test, **made, "optimism": found.test - found.train}


def _at(problem: Problem) -> pd.DataFrame:
    return pd.DataFrame({"setting": problem.settings, "freedom": problem.freedom})


def _risk(problem: Problem, found: Measured) -> pd.DataFrame:
    count, size = found.train.shape
    parts = [
        {
            "replicate": np.repeat(np.arange(count), size),
            "split": split,
            "setting": np.tile(problem.settings, count),
            "risk": values.ravel(),
        }
        for split, values in (("train", found.train), ("test", found.test))
    ]
    return pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)


def _orders(problem: Problem, found: Measured) -> pd.DataFrame:
    if problem.model != "subsets":
        return TABLES["orders"].empty()
    n, p, count = problem.truth.size, problem.settings, len(found.train)
    known, unknown = n * found.train / problem.told, n * np.log(found.train)
    criteria = {
        "aic": known + 2 * p,
        "bic": known + np.log(n) * p,
        "aic_unknown": unknown + 2 * p,
        "bic_unknown": unknown + np.log(n) * p,
        "loo": found.loo,
        "kfold": found.kfold,
    }
    parts = []
    for name, values in criteria.items():
        share = np.bincount(values.argmin(axis=1), minlength=p.size) / count
        part = pd.DataFrame({"criterion": name, "order": p.astype(int), "frequency": share})
        part["predicted"] = _law(problem, {"aic": 2.0, "bic": np.log(n)}.get(name))
        parts.append(part.assign(standard_error=np.sqrt(share * (1 - share) / count)))
    return pd.concat(parts, ignore_index=True)


def _law(problem: Problem, penalty: float | None) -> Floats | float:
    if penalty is None:
        return np.nan
    extra = problem.settings.size - 1 - problem.order
    return np.concatenate([np.zeros(problem.order), selection.chosen_beyond(extra, penalty)])
