"""The tables of training at the edge of stability: declared apart from what fills them, free of JAX."""

from core.experiment import CHECKS, Table

_STEP = {"step": "updates so far"}
TABLES = {
    "risk": Table(
        "Training risk of each replicate, about every 1/120 of the training.",
        {
            "replicate": "number of the replicate, from 1",
            "split": "train: the rows that are trained on",
            **_STEP,
            "risk": "half the mean squared error, squared units of the target",
        },
    ),
    "sharpness": Table(
        "Sharpness of each replicate at the same positions, as far as it is finite.",
        {
            "replicate": "number of the replicate, from 1",
            **_STEP,
            "sharpness": "largest eigenvalue of the Hessian of the training risk, for Adam of P⁻¹ times "
            "it; per squared unit of weight",
            "ratio": "sharpness / threshold",
            "rises": "share of the steps since the last position on which the risk rose",
        },
    ),
    "summary": Table(
        "Both over replicates.",
        {
            **_STEP,
            "quantity": "risk or sharpness, in the units above",
            "median": "over replicates",
            "lowest": "of the replicates",
            "highest": "of the replicates",
        },
    ),
    "theory": Table(
        "Where training becomes unstable.",
        {
            "name": "the threshold's formula",
            "sharpness": "threshold, in the unit of the table sharpness",
            "step": "median step at which replicates first reach it; empty where fewer than half did",
        },
    ),
    "overall": Table(
        "What the checks rest on, over replicates.",
        {
            "quantity": "ratio late (sharpness / threshold: the median from the first crossing on, of "
            "the last quarter where there was none), first crossing, rises before, rises after, crossed",
            "value": "mean over replicates; for crossed their number",
            "standard_error": "of that mean",
            "unit": "unit of the value",
        },
    ),
    "checks": CHECKS,
    "notes": Table("What was assumed or went otherwise than theory supposes.", {"note": "a sentence"}),
}
