"""The tables of what noise does to gradient descent: what a row is, and what each column means."""

from core.experiment import Table

_MEAN = {"standard_error": "of the mean, same unit", "predicted": "by theory, same unit"}
TABLES = {
    "stationary": Table(
        "Mean of x² in the stationary state, over time and chains.",
        {
            "sweep": "step: the step is varied; batch: the batch size is, at one step; "
            "scaled: batch size and step are, in proportion",
            "momentum": "momentum β",
            "step": "step times curvature, ηλ",
            "batch": "samples in a batch, B",
            "variance": "mean of x², squared units of x",
            **_MEAN,
            "diverged": "step at which a chain first went beyond 1e100; empty if none did",
        },
    ),
    "curves": Table(
        "The predicted stationary variance on a fine grid of steps.",
        {
            "momentum": "momentum β",
            "step": "step times curvature, ηλ",
            "variance": "predicted E x², squared units of x",
        },
    ),
    "stream": Table(
        "Squared distance from the solution in least mean squares.",
        {
            "multiple": "step as a multiple of the largest stable one",
            "step": "step η",
            "time": "steps taken",
            "error": "mean over chains of ‖w − w*‖²",
            **_MEAN,
        },
    ),
    "schedule": Table(
        "Mean of x² with steps 1/(λt).",
        {"time": "steps taken, t", "square": "mean over chains of x², squared units of x", **_MEAN},
    ),
    "batches": Table(
        "The largest mean fall of the loss ½‖w − w*‖² in one step on a batch.",
        {
            "error": "‖w − w*‖² before the step",
            "scale": "noise scale B_noise, samples",
            "batch": "samples in the batch, B",
            "gain": "fall of the loss at the best step, as a share of the fall without noise",
            **_MEAN,
        },
    ),
}
