"""Of all the solutions that fit the data, which one does gradient descent choose?

Three problems with many solutions of training risk zero, from which descent picks one without being
told to.

Least squares with p > n features. No step leaves w₀ + the row space of X, so descent ends at the
solution nearest to its start: from 0, at that of least norm.

Logistic regression on separable data. Weights grow for ever, as w(t) = ŵ log t + ρ + o(1), with ŵ of
least norm among ŵ·z ≥ 1, z = y x: the direction of maximum margin, approached as slowly as 1/log t. The
flow is integrated in log t, where t = e^1000 costs little more than t = e^10. t e^(−z·w) of a support
vector tends to its weight in ŵ = Σ weight z, which fixes ρ: nothing is fitted. A point with
ŵ·z = 1 + g, next to the margin, is forgotten only as t^(−g): at a seed in forty not even at t = e^1000.

Diagonal networks w = a² − b² from a = b = α. The flow ends at the least Σ q(w_i/α²) of all solutions,
q(z) = 2 − √(4 + z²) + z arcsinh(z/2): the ℓ1 norm for small α, the ℓ2 norm for large.

Sources: Zhang et al., arXiv:1611.03530, section 5; Soudry et al., arXiv:1710.10345; Woodworth et al.,
arXiv:2002.09277.
"""

from typing import Any, Literal

from core.experiment import CHECKS, Frames, InputError, Report, field
from core.experiment import Config as Base
from core.optimization.implicit_tables import TABLES as MADE

VERSION = 1

LINEAR: dict[str, tuple[Any, ...]] = {"problem": ("least_squares",)}
LOGISTIC: dict[str, tuple[Any, ...]] = {"problem": ("logistic",)}
DIAGONAL: dict[str, tuple[Any, ...]] = {"problem": ("diagonal",)}


class Config(Base):
    """The problem, its data and how far descent goes."""

    problem: Literal["logistic", "least_squares", "diagonal"] = field(
        "logistic",
        "What is fitted.",
        section="data",
        names={
            "logistic": "Logistic regression: maximum margin",
            "least_squares": "Least squares: least norm",
            "diagonal": "Diagonal network: least ℓ1 or ℓ2",
        },
    )
    samples: int = field(30, "Training samples n.", section="data", ge=4, le=100)
    features: int = field(
        60,
        "Features p; more than samples.",
        section="data",
        ge=5,
        le=400,
        when={"problem": ("least_squares", "diagonal")},
    )
    gap: float = field(
        0.5, "Distance between the classes.", section="data", ge=0.1, le=5.0, when=LOGISTIC
    )
    nonzero: int = field(
        4, "Coefficients of the truth that are not zero.", section="data", ge=1, le=50, when=DIAGONAL
    )
    steps: int = field(
        20_000,
        "Steps of gradient descent.",
        section="training",
        scale="log",
        ge=10,
        le=50_000,
    )
    step: float = field(
        0.5,
        "Step as a share of the stability limit 2/λ.",
        section="training",
        ge=0.05,
        le=0.95,
        step=0.05,
        when=LINEAR,
    )
    log_time: float = field(
        1000.0,
        "log t at the end of the flow; theory is its limit.",
        label="Last log t",
        section="assumption",
        scale="log",
        ge=2.0,
        le=2000.0,
        when=LOGISTIC,
    )
    flipped: int = field(
        0,
        "Wrong labels: with some, no hyperplane separates the classes; theory asks for 0.",
        section="assumption",
        ge=0,
        le=4,
        when=LOGISTIC,
    )
    start: float = field(
        0.0,
        "Length of w₀ in units of the least norm; theory of the least norm asks for 0.",
        section="assumption",
        ge=0.0,
        le=5.0,
        step=0.1,
        when=LINEAR,
    )
    method: Literal["gd", "adam"] = field(
        "gd",
        "Gradient descent, or Adam, whose steps leave the row space.",
        section="assumption",
        names={"gd": "Gradient descent", "adam": "Adam"},
        when=LINEAR,
    )
    alpha: float = field(
        1e-4,
        "The smallest start α; the ℓ1 norm is the limit 0.",
        section="assumption",
        scale="log",
        ge=1e-6,
        le=5.0,
        when=DIAGONAL,
    )


TABLES = {**MADE, "checks": CHECKS}

BREAKS: dict[str, dict[str, Any]] = {
    "Classes that no hyperplane separates": {"flipped": 2},
    "Stop at t = e⁴": {"log_time": 4.0},
    "Least squares: start elsewhere": {"problem": "least_squares", "start": 1.0},
    "Least squares: Adam": {"problem": "least_squares", "method": "adam"},
    "Diagonal network: large starts": {"problem": "diagonal", "alpha": 1.0},
}


def run(config: Config, report: Report) -> Frames:
    """The tables; work grows as steps · samples · features.

    Raises:
        InputError: not more features than samples, where many solutions are asked for.
    """
    # Imported late: the server and the command line import every experiment's module at start.
    from core import theory
    from core.optimization import implicit_runs as runs

    if config.problem != "logistic" and config.features <= config.samples:
        raise InputError(
            f"`features` must be more than `samples`, {config.samples}, for more than one solution; it "
            f"was {config.features}."
        )
    shape, seed = (config.samples, config.features), config.seed
    if config.problem == "logistic":
        some = config.samples, config.gap, config.flipped, config.log_time, config.steps
        tables, rows = runs.logistic(*some, seed, report)
    elif config.problem == "least_squares":
        how = config.start, config.step, config.steps, config.method
        tables, rows = runs.least_squares(shape, *how, seed, report)
    else:
        tables, rows = runs.diagonal(shape, config.nonzero, config.alpha, config.steps, seed, report)
    filled = {name: tables.get(name, TABLES[name].empty()) for name in TABLES}
    return {**filled, "checks": theory.checks(rows)}
