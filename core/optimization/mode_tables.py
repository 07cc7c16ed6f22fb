"""The tables of a deep linear network's modes: what a row is, and what each column means."""

from core.experiment import Table

_MODE = {"mode": "number of the mode, strongest first", "strength": "its singular value s"}
_START = {"start": "aligned (any depth) or random (two layers)"}
_RISK = "½ E‖Wx − y‖², squared units of the target"
TABLES = {
    "modes": Table(
        "How far each mode is learned.",
        {
            **_START,
            **_MODE,
            "step": "steps taken",
            "time": "steps times learning rate, t/τ",
            "measured": "u, in units of s_k; from random starts the median",
            "lower": "10th percentile over random starts",
            "upper": "90th percentile over random starts",
            "predicted": "u by theory for η → 0; for random starts from the median of u₀",
        },
    ),
    "half_times": Table(
        "When a mode is half learned.",
        {
            **_START,
            "replicate": "number of the start, from 0",
            **_MODE,
            "measured": "time t/τ; empty if the run ended before, or it began there",
            "predicted": "time t/τ by theory, from the initial weights",
            "apart": "the same if earlier modes took nothing from later ones",
            "expected": "mean over random starts by theory",
        },
    ),
    "risk": Table(
        "Risk of one start at one step.",
        {
            **_START,
            "replicate": "number of the start, from 0",
            "split": "train, which is all there is: inputs enter by their covariance",
            "step": "steps taken",
            "risk": _RISK,
        },
    ),
    "theory": Table(
        "The risk that theory predicts.",
        {**_START, "split": "train", "step": "steps taken", "risk": _RISK},
    ),
}
