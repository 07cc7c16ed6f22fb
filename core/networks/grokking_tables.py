"""The tables of what is learned early and known late: free of JAX."""

from core.experiment import Table

RIGHT = 0.95
FITTED = 0.99

_UNIT = "variances of the teacher's output (linear model) or squared units (network)"
_REPLICATE = {"replicate": "number of the replicate, from 0"}
_SPLIT = {"split": "train: the samples trained on; test: new ones"}
_TIME = {"time": "time t, steps times step size (linear model), or steps (network)"}
_ACCURACY = "share of right predictions"
_RISK = f"mean squared error, {_UNIT}; of a network summed over its outputs"
TABLES = {
    "risk": Table(
        "One replicate at one time.",
        {**_REPLICATE, **_SPLIT, **_TIME, "risk": _RISK, "accuracy": _ACCURACY},
    ),
    "summary": Table(
        "Means over replicates.",
        {
            **_SPLIT,
            **_TIME,
            "risk": _RISK,
            "risk_error": f"standard error of risk, {_UNIT}",
            "accuracy": _ACCURACY,
            "accuracy_error": "standard error of accuracy",
        },
    ),
    "theory": Table(
        "What theory predicts for the means: as n and d grow (linear model), or exactly, before the "
        "first step (network).",
        {**_SPLIT, **_TIME, "risk": _RISK, "accuracy": _ACCURACY},
    ),
    "delay": Table(
        f"When loss of the linear model falls to where {RIGHT:.0%} of normal errors are within the "
        "tolerance; empty where it never does, and for networks.",
        {
            "ratio": "features per training sample, d / n",
            "train": "time on training samples, at their mean loss over replicates",
            "test": "time on new samples, at their mean loss over replicates",
            "delay": "ratio of the two",
            "lower": "10th percentile of that ratio in single replicates",
            "upper": "90th percentile of that ratio in single replicates",
            "predicted_train": "time predicted for training samples",
            "predicted_test": "time predicted for new samples",
            "predicted": "ratio of the two predicted times",
        },
    ),
    "networks": Table(
        "When each network knows; empty for the linear model.",
        {
            **_REPLICATE,
            "train": f"steps until {FITTED:.0%} of training pairs are right; empty where they never are",
            "test": f"steps until {RIGHT:.0%} of new pairs are right; empty where they never are",
            "delay": "ratio of the two",
            "memorised": f"share of new pairs that are right once {FITTED:.0%} of training pairs are",
            "limit": "largest such share in 99.9 % of networks whose answers to new pairs are chance",
            "diverged": "steps by which its outputs were no longer finite; empty where they stayed so",
        },
    ),
    "weights": Table(
        "The weights of each network while it trains; empty for the linear model.",
        {
            **_REPLICATE,
            **_TIME,
            "norm": "root of the sum of squares of all weights",
            "concentration": "mean over units of the share of a unit's power that is at its strongest "
            "frequency, first layer",
            "phases": "mean cosine of input phases less output phase of a unit, weighted by power",
        },
    ),
    "spectrum": Table(
        "The power of a unit's first-layer weights by frequency, strongest first; empty for the linear "
        "model.",
        {
            "network": "start, end (of training), or built (by hand)",
            "rank": "1 for the strongest frequency of a unit",
            "share": "mean share of a unit's power at that frequency, over units and networks",
            "standard_error": "of that mean over networks; empty for the built one",
            "predicted": "exact mean for independent Gaussian weights, at the start; 1, 0, 0 … for the "
            "built network; empty at the end",
        },
    ),
}
