"""The tables that mixtures give, as they are declared; `core.mixtures.tables` makes them."""

from core.experiment import Table

_NATS = "nats"
_X, _DENSITY = "value", "density, per unit of the values; probability for Poisson"
DENSITY = Table(
    "The mixture after some steps of EM, from the start with the longest way to the highest maximum.",
    {
        "step": "EM steps taken",
        "component": "0 for the whole mixture; components by order of their means, at the last step",
        "x": _X,
        "density": f"{_DENSITY}; of a component times its weight",
    },
)
TRUTH = Table(
    "The density that simulated values are drawn from; empty for real ones and for heavy tails.",
    {"x": _X, "density": _DENSITY},
)
CLIMB = Table(
    "The log-likelihood by EM step, from each start, with the chosen number of components.",
    {
        "start": "number of the start, from 1",
        "step": "EM steps taken",
        "log_likelihood": _NATS,
        "gap": f"below the highest maximum found, {_NATS}",
    },
)
DECAY = Table(
    "What theory says of the gap near the maximum: it falls by λ² in a step.",
    {"step": "EM steps taken", "gap": f"predicted, through the last measured gap, {_NATS}"},
)
LANDINGS = Table(
    "Where each start ended: the same maximum under other names.",
    {
        "start": "number of the start, from 1",
        "label": "number that the component had at the start, where order is random",
        "place": "order of its mean at the end",
        "mean": "mean of the component, in the unit of the values; location of Student t",
        "weight": "its weight",
        "gap": f"below the highest maximum found, {_NATS}",
    },
)
COMPONENTS = Table(
    "The mixture at its maximum, components in order of their means.",
    {
        "component": "number of the component",
        "parameter": "weight, or the field's name of the parameter",
        "estimate": "maximum likelihood estimate",
        "standard_error": "from the observed information; empty at an edge",
        "truth": "what simulated values were drawn with; empty where that is not known",
    },
)
RESPONSIBILITY = Table(
    "The probability that a value comes from a component.",
    {"x": _X, "component": "number of the component", "probability": "probability"},
)
SELECTION = Table(
    "Mixtures of 1, 2, … components, the best of all starts.",
    {
        "components": "number of components",
        "free_parameters": "number of free parameters",
        "log_likelihood": _NATS,
        "bic": "Bayesian information criterion, nats × 2",
        "delta": "BIC above the least",
        "floored": "whether a component stands at the floor",
        "chosen": "whether it is chosen",
    },
)
RATIO = Table(
    "Likelihood ratios 2 (log L of one component more − log L), and simulated ones.",
    {
        "components": "number of components of the smaller mixture",
        "ratio": "likelihood ratio, nats × 2",
        "source": "sample (the values), or simulated (from the smaller mixture)",
        "p": "share of the simulated ratios at or above the sample's; the same in all rows",
    },
)
RATE = Table(
    "Factor by which a step of EM shortens the distance, for halves of N(m, 1) and N(−m, 1).",
    {
        "distance": "2 m, standard deviations between the means",
        "rate": "factor in a step",
        "standard_error": "of the sample's formula as an estimate of the population's; else empty",
        "formula": "population (E[x² sech²(m x)]), sample (its mean over a sample), measured (EM)",
    },
)
NOTES = Table("What was assumed, left out or not tested.", {"note": "a sentence"})
