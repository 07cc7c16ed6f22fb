"""The tables of what gradient descent chooses."""

from core.experiment import Table

_AT = {
    "curve": "distance (least squares); direction or growth (logistic); l1 or l2 (diagonal)",
    "series": "length of the start; flow or descent; empty where there is one",
}
_VALUE = {
    "position": "steps + 1 (least squares), log of time (logistic) or start α (diagonal)",
    "value": "distance from the least-norm solution over its norm; distance of the direction from that "
    "of maximum margin; norm of w; or excess of the norm over the least one, as a share",
}
TABLES = {
    "measured": Table("What the trained weights do.", {**_AT, **_VALUE}),
    "theory": Table(
        "What theory predicts of it.", {**_AT, "formula": "exact, or asymptotic (a limit)", **_VALUE}
    ),
    "weights": Table(
        "Weights of the diagonal networks, and of least ℓ1 and ℓ2 norm; empty for other problems.",
        {
            "solution": "truth, least l1, least l2, smallest start or largest start",
            "feature": "number of the feature, from 1",
            "weight": "its weight, units of the target per unit of the feature",
        },
    ),
    "points": Table(
        "The samples of the logistic problem; empty for others.",
        {"x1": "first feature", "x2": "second feature", "label": "−1 or 1"},
    ),
    "boundaries": Table(
        "Where its classifiers change their answer: ends of a line for each.",
        {
            "name": "after how long, or maximum margin",
            "theory": "whether it is the limit",
            "x1": "first feature",
            "x2": "second feature",
        },
    ),
}
