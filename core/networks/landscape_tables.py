"""The tables of a loss landscape: declared apart from what fills them, free of JAX."""

from core.experiment import CHECKS, Table

_PLACE = "norms of the network's weights"
TABLES = {
    "risk": Table(
        "Training risk of each network.",
        {
            "replicate": "number of the network, from 1; two make a pair",
            "split": "train: the rows that are trained on",
            "step": "updates so far",
            "risk": "nats, or half the squared error in squared standard deviations of the target",
        },
    ),
    "lines": Table(
        "Risk on the straight line between the networks of a pair.",
        {
            "pair": "number of the pair, from 1",
            "order": "as trained, or matched: the second network's hidden units in the order that "
            "brings its weights nearest to the first's",
            "position": "0 at the first network, 1 at the second",
            "risk": "in the unit of the table risk",
            "chord": "the straight line between the risks of its ends: convex risk lies below",
        },
    ),
    "barriers": Table(
        "How far the risk rises above the chord, and how far the networks are apart.",
        {
            "pair": "number of the pair, from 1",
            "order": "as trained or matched",
            "barrier": "largest risk − chord, in the unit of the table risk",
            "distance": "Euclidean distance of all weights and biases",
        },
    ),
    "slice": Table(
        "Risk of the first network's surroundings on three planes.",
        {
            "plane": "random: filter-normalised directions; sharpest: the Hessian's two leading "
            "eigenvectors; path: the two leading principal components of its training",
            "x": f"along the first direction, {_PLACE}",
            "y": f"along the second direction, {_PLACE}",
            "x2": f"end of the cell that begins at x, {_PLACE}",
            "y2": f"end of the cell that begins at y, {_PLACE}",
            "risk": "at the middle of the cell, in the unit of the table risk",
        },
    ),
    "profile": Table(
        "Risk along two lines through the first network.",
        {
            "direction": "sharpest: the leading eigenvector; random: filter-normalised",
            "position": f"distance from the network, {_PLACE}",
            "risk": "in the unit of the table risk",
            "quadratic": "value, slope and curvature at the network continued as a parabola",
        },
    ),
    "path": Table(
        "The first network's training, projected on its two leading principal components.",
        {
            "step": "updates so far",
            "x": f"along the first component, {_PLACE}",
            "y": f"along the second component, {_PLACE}",
        },
    ),
    "components": Table(
        "How the variance of that training is shared by its principal components.",
        {
            "component": "number of the component, from 1",
            "share": "of the variance",
            "random_walk": "share for a random walk of as many points in high dimension",
        },
    ),
    "density": Table(
        "Spectral density of the Hessian at the first network.",
        {
            "eigenvalue": "in units of risk per squared unit of weight",
            "density": "share of eigenvalues per unit, smoothed by a normal density of 1 % of the range",
        },
    ),
    "hessian": Table(
        "Two numbers of the Hessian at the first network.",
        {
            "quantity": "largest eigenvalue, or trace: a row for each random vector z",
            "value": "zᵀHz for the trace, whose mean is the trace; risk per squared unit of weight",
        },
    ),
    "overall": Table(
        "What the page states.",
        {
            "quantity": "largest eigenvalue, trace, barrier (as trained, matched) or first component",
            "value": "over probes, pairs or of the first network",
            "standard_error": "of that value, where it is a mean",
            "unit": "unit of the value",
        },
    ),
    "checks": CHECKS,
    "notes": Table("What was assumed or went wrong.", {"note": "a sentence"}),
}
