"""The tables of what steps do to normalised weights: what a row is, and what each column means."""

from core.experiment import Table

_AT = {"decay": "weight decay λ", "initial_norm": "‖w‖ of every unit at the start"}
TABLES = {
    "path": Table(
        "Means over units, replicates and a stretch of steps.",
        {
            **_AT,
            "step": "steps taken, middle of the stretch",
            "angle": "root mean square angle by which a step turns a unit, radians",
            "predicted_angle": "arccos(1 − ηλ), radians",
            "norm": "fourth root of the mean of ‖w‖⁴",
            "predicted_norm": "the same by theory, from the start and the q of the equilibrium",
            "rate": "effective learning rate η / √(mean of ‖w‖⁴)",
        },
    ),
    "equilibrium": Table(
        "One replicate over the last part of the steps, by when norms have settled.",
        {
            **_AT,
            "replicate": "number of the replicate, from 0",
            "angle": "root mean square angle a step, radians",
            "predicted_angle": "arccos(1 − ηλ), radians",
            "gradient": "q, mean of ‖w‖²‖g‖², nats² a unit",
            "fourth": "mean of ‖w‖⁴",
            "predicted_fourth": "η q / (2λ − ηλ²); empty without decay",
        },
    ),
    "risk": Table(
        "Risk of one replicate at one step.",
        {
            **_AT,
            "replicate": "number of the replicate, from 0",
            "split": "train, which is all of the data",
            "step": "steps taken",
            "risk": "mean cross-entropy against the law of the noisy labels, nats",
        },
    ),
    "theory": Table(
        "The least risk.",
        {"name": "the prediction in words", "split": "train", "risk": "entropy of a label, nats"},
    ),
}
