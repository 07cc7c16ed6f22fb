"""Pinned runs: kept beside the one that is shown, so that two settings can be compared."""

import altair as alt
import pandas as pd
import streamlit as st

from dashboard.shell import charts
from dashboard.shell.result import Shown
from dashboard.shell.upload import told

# As many as can be told apart by colour, with the run that is shown.
MOST = 4
NOT_POSITIONS = {"replicate", "split", "risk", "error", "entropy"}


def position(shown: Shown) -> str | None:
    """The column along which the run's risk is measured, such as the epoch; None where a run has no
    risk to compare."""
    risk = shown.tables.get("risk", pd.DataFrame())
    if not {"split", "risk"} <= set(risk.columns):
        return None
    return next((name for name in risk.columns if name not in NOT_POSITIONS), None)


def button(shown: Shown) -> None:
    """Pins the run that is shown, or lets it go."""
    if position(shown) is None:
        return
    pinned = _pinned(shown)
    if shown.request.id in pinned:
        if st.button("Unpin", key="pin", help="No longer compare other runs with this one."):
            del pinned[shown.request.id]
            st.rerun()
    elif st.button("Pin", key="pin", help="Keep this run on the page to compare others with it."):
        for oldest in list(pinned)[: max(0, len(pinned) - MOST + 1)]:
            del pinned[oldest]
        pinned[shown.request.id] = shown
        st.rerun()


def show(shown: Shown) -> None:
    """The pinned runs and the one that is shown on the same axes, where any other is pinned."""
    pinned = _pinned(shown)
    others = [run for run in pinned.values() if run.request.id != shown.request.id]
    along = position(shown)
    if not others or along is None:
        return
    compared = [*others, shown]
    st.subheader("Pinned runs", anchor=False)
    curves = pd.concat([_curve(run, along) for run in compared], ignore_index=True)
    st.altair_chart(
        _chart(curves, along, [_name(run) for run in compared]), key="pinned", width="stretch"
    )
    st.caption(
        f"Median risk over replicates, of {MOST} pinned runs at most. Solid: test; dashed: train. "
        "The run that is shown is the last in the legend."
    )


def _pinned(shown: Shown) -> dict[str, Shown]:
    found: dict[str, Shown] = st.session_state.setdefault(f"pins:{shown.request.experiment.name}", {})
    return found


def _name(run: Shown) -> str:
    return f"{run.request.id[:6]}: {told(run.request)}"


def _curve(run: Shown, along: str) -> pd.DataFrame:
    risk = run.tables["risk"]
    middle = risk.groupby(["split", along], as_index=False, sort=True)["risk"].median()
    return middle.assign(run=_name(run))


def _chart(curves: pd.DataFrame, along: str, names: list[str]) -> alt.Chart:
    test = curves.loc[curves["split"] == "test", "risk"].dropna()
    positive = bool((test > 0).all())
    # Training risk can be rounding alone: two decades below the least test risk it leaves the chart.
    least = max(float(curves["risk"].min()), float(test.min()) / 100) if positive else alt.Undefined
    scale = alt.Scale(type="log" if positive else "linear", nice=False, domainMin=least)
    legend = alt.Legend(title=None, orient="bottom", columns=1, labelLimit=600)
    colours = alt.Scale(domain=names, range=charts.SERIES[: len(names)])
    dashes = alt.Scale(domain=["test", "train"], range=[[1, 0], charts.DASHED])
    return (
        alt.Chart(curves)
        .mark_line(clip=True)
        .encode(
            x=alt.X(f"{along}:Q", title=along.replace("_", " ")),
            y=alt.Y("risk:Q", title=f"median risk{' (log scale)' if positive else ''}", scale=scale),
            color=alt.Color("run:N", scale=colours, legend=legend),
            strokeDash=alt.StrokeDash("split:N", scale=dashes, legend=None),
            tooltip=[
                "run:N",
                "split:N",
                alt.Tooltip(f"{along}:Q"),
                alt.Tooltip("risk:Q", format=".4~g"),
            ],
        )
        .properties(height=360, padding={"bottom": 4})
    )
