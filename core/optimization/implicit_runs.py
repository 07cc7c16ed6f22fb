"""What gradient descent chooses, in three problems: runs, tables and checks."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.experiment import Frames, Report
from core.optimization import implicit_bias as bias
from core.optimization.implicit_tables import TABLES
from core.theory import Row, asymptotic, identity

Floats = NDArray[np.float64]
Lines = list[tuple[str, str, str, float, float]]

# Relative error of the integration below which a trend is not asked for.
ROUNDING = 1e-5
ZHANG, SOUDRY = "Zhang et al., arXiv:1611.03530, section 5", "Soudry et al., arXiv:1710.10345"
WOODWORTH, ROWS = "Woodworth et al., arXiv:2002.09277", "linear recursion along singular vectors"


def least_squares(
    shape: tuple[int, int],
    start: float,
    share: float,
    steps: int,
    method: bias.Method,
    seed: int,
    report: Report,
) -> tuple[Frames, list[Row]]:
    """Descent from starts of several lengths, one of them `start`, in units of the solution's norm."""
    rng = np.random.default_rng([seed, 0])
    x, y = rng.standard_normal(shape), rng.standard_normal(shape[0])
    least = bias.nearest(x, y, np.zeros(shape[1]))
    norm, way = float(np.linalg.norm(least)), rng.standard_normal(shape[1])
    lengths = np.array(sorted({0.0, 0.5, 1.0, start}))
    starts = lengths[:, None] * norm * way / np.linalg.norm(way)
    times = np.unique(np.concatenate([[0], np.round(np.geomspace(1, steps, 60))])).astype(np.int64)
    rate = float(share * 2 / np.linalg.norm(x, 2) ** 2)
    # Adam's step has the unit of the weights, and is about its rate whatever the slope.
    told = float(0.01 * norm / np.sqrt(shape[1])) if method == "adam" else rate
    report(0.0, "descending")
    found = bias.descend(x, y, starts, told, method, times, lambda f: report(f, "descending"))
    course = bias.linear_course(x, y, starts, rate, times)
    measured: Lines = []
    theory: Lines = []
    for i, length in enumerate(lengths):
        for of, into in ((found, measured), (course, theory)):
            off = np.linalg.norm(of[:, i] - least, axis=1) / norm
            into += [
                ("distance", f"{length:g}", "exact", t + 1, v) for t, v in zip(times, off, strict=True)
            ]
    at = int(np.flatnonzero(lengths == start)[0])
    _, _, basis = np.linalg.svd(x, full_matrices=False)
    moved = found[-1] - starts
    outside = np.linalg.norm(moved - moved @ basis.T @ basis, axis=1) / norm
    off = np.linalg.norm(found[-1, at] - least) / norm
    rows = [
        identity(
            "Weights at every step are those of the recursion along singular vectors",
            course / norm,
            found / norm,
            source=ROWS,
        ),
        identity("No start moves out of the row space of X", 0.0, outside, source=ZHANG),
        identity(
            f"After {steps} steps descent is at the solution of least norm (distance over norm)",
            0.0,
            off,
            source=ZHANG,
            tolerance=1e-6,
        ),
    ]
    return _frames(measured, theory), rows


def logistic(
    samples: int, gap: float, flipped: int, last: float, steps: int, seed: int, report: Report
) -> tuple[Frames, list[Row]]:
    """Two classes `gap` apart in two dimensions, of which `flipped` labels are wrong, in the flow up to
    time e^`last`, and in `steps` of descent."""
    rng = np.random.default_rng([seed, 0])
    x, way = rng.standard_normal((samples, 2)), np.array([np.cos(0.5), np.sin(0.5)])
    y = np.where(x @ way >= 0, 1.0, -1.0)
    x += 0.5 * gap * y[:, None] * way
    y[:flipped] *= -1
    z, rate = y[:, None] * x, float(1 / np.linalg.norm(x, 2) ** 2)
    report(0.0, "integrating the flow")
    u = np.concatenate([[-3.0], np.geomspace(0.5, last, 150)])
    w = bias.logistic_flow(z, u, lambda f: report(0.5 * min(f, 1.0), "integrating the flow"))
    times = np.unique(np.round(np.geomspace(1, steps, 40))).astype(np.int64)
    at = np.concatenate([[0], times])
    gd = bias.logistic_descent(z, rate, at, lambda f: report(0.5 + 0.5 * f, "descending"))[1:]
    limit, edge = bias.margin(z)
    # Of support vectors, e^(−z·w) t tends to their weights in the limit; so ρ in w → ŵ log t + ρ.
    active, share = _support(z, limit)
    rest = np.linalg.lstsq(z[active], -np.log(share))[0] if active.any() else np.full(2, np.nan)
    expected = u[:, None] * limit + rest
    measured: Lines = []
    for series, logs, seen in (("flow", u, w), ("descent", np.log(times * rate), gd)):
        for curve, values in (
            ("direction", _apart(seen, limit)),
            ("growth", np.linalg.norm(seen, axis=1)),
        ):
            measured += [(curve, series, "", s, v) for s, v in zip(logs, values, strict=True) if s > 0]
    late = u > min(2.0, last / 2)
    both = (("direction", _apart(expected, limit)), ("growth", np.linalg.norm(expected, axis=1)))
    theory: Lines = [
        (curve, "", "asymptotic", s, v)
        for curve, values in both
        for s, v in zip(u[late], values[late], strict=True)
    ]
    frames = _frames(measured, theory)
    frames["points"] = TABLES["points"].frame({"x1": x[:, 0], "x2": x[:, 1], "label": y.astype(int)})
    frames["boundaries"] = _boundaries(u, w, limit, float(np.abs(x).max()))
    same = bias.logistic_flow(z, np.concatenate([[-12.0], np.log(times[-1:] * rate)]), lambda f: None)[
        -1
    ]
    rows = _logistic_checks(z, u, w, limit, edge, active, share, expected)
    claim = f"After {steps} steps plain descent is where the flow is at the same time (norm of w)"
    norms = np.linalg.norm(same), np.linalg.norm(gd[-1])
    return frames, [*rows, asymptotic(claim, *norms, source=SOUDRY, tolerance=0.01)]


def diagonal(
    shape: tuple[int, int], nonzero: int, smallest: float, steps: int, seed: int, report: Report
) -> tuple[Frames, list[Row]]:
    """Diagonal networks from starts between `smallest` and 10, on targets of a sparse truth."""
    rng = np.random.default_rng([seed, 0])
    n, p = shape
    x, truth = rng.standard_normal(shape) / np.sqrt(n), np.zeros(p)
    places = rng.choice(p, min(nonzero, p), replace=False)
    truth[places] = rng.choice([-1.0, 1.0], places.size) * rng.uniform(0.5, 1.5, places.size)
    y = x @ truth
    alphas = np.geomspace(smallest, 10, 11)
    report(0.0, "training diagonal networks")
    found = bias.diagonal_descent(x, y, alphas, 2.0, steps, lambda f: report(0.9 * f, "training"))
    sparse, round_ = bias.least_l1(x, y), bias.nearest(x, y, np.zeros(p))
    flow = np.empty_like(found)
    for i, alpha in enumerate(alphas):
        report(0.9 + 0.1 * i / alphas.size, "solving for the limits")
        flow[i] = bias.diagonal_limit(x, y, alpha)
    measured: Lines = []
    theory: Lines = []
    least = {"l1": np.abs(sparse).sum(), "l2": np.linalg.norm(round_)}
    for of, into in ((found, measured), (flow, theory)):
        for curve, norms in (("l1", np.abs(of).sum(axis=1)), ("l2", np.linalg.norm(of, axis=1))):
            excess = norms / least[curve] - 1
            into += [(curve, "", "exact", a, v) for a, v in zip(alphas, excess, strict=True)]
    named = {
        "truth": truth,
        "least l1": sparse,
        "least l2": round_,
        "smallest start": found[0],
        "largest start": found[-1],
    }
    frames = _frames(measured, theory)
    frames["weights"] = TABLES["weights"].frame(
        {
            "solution": np.repeat(list(named), p),
            "feature": np.tile(np.arange(1, p + 1), len(named)),
            "weight": np.concatenate(list(named.values())),
        }
    )
    apart = np.linalg.norm(found - flow, axis=1) / np.linalg.norm(flow, axis=1)
    claim = "From every start α descent ends at the least Σ q(w/α²) (1 + distance over norm)"
    off = np.abs(found).sum(axis=1) / least["l1"] - 1
    first = "From the smallest α weights have the least ℓ1 norm, the nearer the smaller α"
    second = "From the largest α weights have the least ℓ2 norm"
    return frames, [
        asymptotic(claim, 1.0, 1 + apart, source=f"{WOODWORTH}, theorem 1", tolerance=0.02),
        asymptotic(
            first,
            least["l1"],
            np.abs(found[0]).sum(),
            source=WOODWORTH,
            tolerance=0.01,
            shrinks=bool(off[0] < off[5]),
        ),
        asymptotic(second, least["l2"], np.linalg.norm(found[-1]), source=WOODWORTH, tolerance=0.01),
    ]


def _support(z: Floats, limit: Floats) -> tuple[NDArray[np.bool_], Floats]:
    """Which rows have ŵ·z = 1, and their positive weights in ŵ = Σ weight z."""
    active = np.abs(z @ limit - 1) < 1e-7
    if not active.any():
        return active, np.empty(0)
    share = np.asarray(np.linalg.lstsq(z[active].T, limit)[0], float)
    kept = share > 1e-9
    active[np.flatnonzero(active)[~kept]] = False
    return active, share[kept]


def _logistic_checks(
    z: Floats,
    u: Floats,
    w: Floats,
    limit: Floats,
    edge: float,
    active: NDArray[np.bool_],
    share: Floats,
    expected: Floats,
) -> list[Row]:
    along = w @ limit * edge
    slopes = np.gradient(along, u)
    early = abs(slopes[u.size // 4] * edge - 1)
    rows = [
        asymptotic(
            "Along the direction of maximum margin w grows by 1/margin for each unit of log t, the "
            "nearer the later",
            1 / edge,
            slopes[-2],
            source=f"{SOUDRY}, theorem 3",
            tolerance=0.01,
            shrinks=bool(abs(slopes[-2] * edge - 1) <= max(early, ROUNDING)),
        ),
        asymptotic(
            "t e^(−z·w) of each support vector tends to its weight in ŵ = Σ weight z",
            share if share.size else np.nan,
            np.exp(u[-1] - z[active] @ w[-1]) if share.size else np.nan,
            source=f"{SOUDRY}, theorem 4",
            tolerance=0.02,
        ),
    ]
    # One support vector leaves ρ across it to the whole path.
    if active.sum() != 1:
        half = u > u[-1] / 2
        rows.append(
            asymptotic(
                "The direction is as far from that of maximum margin as ŵ log t + ρ, about 1/log t",
                _apart(expected, limit)[half],
                _apart(w, limit)[half],
                source=f"{SOUDRY}, theorem 4",
                tolerance=0.02,
            )
        )
    return rows


def _apart(w: Floats, limit: Floats) -> Floats:
    """Distance (time,) of directions."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.linalg.norm(
            w / np.linalg.norm(w, axis=1, keepdims=True) - limit / np.linalg.norm(limit), axis=1
        )
    return found


def _boundaries(u: Floats, w: Floats, limit: Floats, reach: float) -> pd.DataFrame:
    shown = sorted({min(float(s), float(u[-1])) for s in (0.0, 3.0, 10.0, float(u[-1]))})
    parts: list[tuple[str, bool, Floats]] = [
        (f"log t = {s:.3g}", False, w[np.abs(u - s).argmin()]) for s in shown
    ]
    if np.isfinite(limit).all():
        parts.append(("maximum margin", True, limit))
    rows: list[dict[str, Any]] = []
    for name, theory, normal in parts:
        along = np.array([-normal[1], normal[0]]) / np.linalg.norm(normal)
        # Within the square of the chart.
        size = reach / np.abs(along).max()
        rows += [
            {"name": name, "theory": theory, "x1": s * along[0], "x2": s * along[1]}
            for s in (-size, size)
        ]
    return TABLES["boundaries"].frame(rows)


def _frames(measured: Sequence[Any], theory: Sequence[Any]) -> Frames:
    names = ["curve", "series", "formula", "position", "value"]
    both = {"measured": measured, "theory": theory}
    return {
        name: TABLES[name].frame(pd.DataFrame(list(rows), columns=names)) for name, rows in both.items()
    }
