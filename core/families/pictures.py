"""What is drawn of a sample and of the families fitted to it, as tables."""

import pandas as pd

from core.experiment import Frames
from core.families import layout, registry, tables
from core.families.result import Fit
from core.families.source import Source, Values


def described(config: Source, data: Values) -> tuple[Frames, tuple[str, ...]]:
    """The tables `histogram` and `truth`, which need no fit, and sentences on what they leave out."""
    bins = tables.histogram(data.values, data.counts)
    notes: tuple[str, ...] = ()
    beyond = data.values.size - int(bins["count"].sum())
    if beyond:
        low, high = bins["left"].iloc[0], bins["right"].iloc[-1]
        notes = (f"The histogram leaves out {beyond:,} values, beyond {low:.4g} to {high:.4g}.",)
    truth = layout.TRUTH.empty()
    if data.truth and registry.find(config.truth).discrete == data.counts:
        truth = layout.TRUTH.frame(
            tables.curve(registry.find(config.truth).frozen(data.truth), bins, data.counts)
        )
    return {"histogram": bins, "truth": truth}, notes


def curves(data: Values, bins: pd.DataFrame, made: Fit) -> Frames:
    """The rows of `density` and `quantiles` of one fit."""
    law = made.distribution
    return {
        "density": tables.density(made.family, law, bins, data.counts),
        "quantiles": tables.quantiles(made.family, law, data.ordered, data.counts),
    }
