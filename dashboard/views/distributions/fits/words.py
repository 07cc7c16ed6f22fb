"""The verdict on fitted families, in words."""

import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Tables, rows
from dashboard.views.distributions.fits import shared

LEVEL = 0.05


def finding(tables: Tables) -> str:
    """The verdict in words."""
    fits = shared.ranked(tables)
    if fits.empty:
        return "No family is fitted yet."
    n = int(fits["samples"].iloc[0])
    tied = list(fits[fits["tied"].astype(bool)]["family"])
    others = len(fits) - len(tied)
    if len(tied) > 1:
        rest = f"the other {others} fit less well" if others > 1 else "the other fits less well"
        joined = ", ".join(tied[:-1]) + " and " + tied[-1]
        said = f"By AICc, {joined} cannot be told apart at n = {n:,}{f'; {rest}' if others else ''}."
    elif others == 0:
        said = f"Only {tied[0]} was compared, at n = {n:,}."
    else:
        second = fits.iloc[1]
        said = (
            f"Best of {len(fits)} at n = {n:,}: {tied[0]}; next is {second['family']}, "
            f"{charts.number(second['delta'])} higher in AICc."
        )
    return said + _separated(tables, list(fits["family"]), tied) + _consistency(fits)


def _separated(tables: Tables, order: list[str], tied: list[str]) -> str:
    """What Vuong's test says of the best family and the next one that it can be compared with."""
    pairs = rows(tables, "comparison")
    if pairs.empty or len(order) < 2:
        return ""
    mine = pairs[(pairs["first"] == order[0]) & (pairs["relation"] != "nested")]
    if mine.empty:
        return ""
    next_ = mine.iloc[0]
    told = f"(Vuong's test, z = {next_['z']:.2g}, p = {next_['p_value']:.2g})"
    if next_["preferred"]:
        return f" {order[0].capitalize()} is closer to the truth than {next_['second']} {told}."
    agrees = "" if next_["second"] in tied else " all the same"
    return f" {order[0].capitalize()} and {next_['second']} may{agrees} be as close to the truth {told}."


def _consistency(fits: pd.DataFrame) -> str:
    """Which of the best families the data speak against, by their p-values."""
    known = fits[fits["p_value"].notna()]
    if known.empty:
        return ""
    fine = known["p_value"] >= LEVEL
    if fine.all():
        every = "They are" if len(known) > 1 else "It is"
        return f" {every} consistent with the data (p ≥ {LEVEL})."
    against = ", ".join(f"{f.family} (p = {f.p_value:.2g})" for f in known[~fine].itertuples())
    if not fine.any():
        return f" The data speak against the best too: {against}."
    return f" Consistent with the data: {', '.join(known[fine]['family'])}; not: {against}."
