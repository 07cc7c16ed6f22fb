"""What stands under the chart: whether theory held, why, and the data."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.shell.charts import number, pair
from dashboard.shell.result import Shown
from dashboard.shell.view import View

# Rows sent to the browser; the CSV has them all.
ROWS = 1000
KINDS = {
    "identity": "equal up to rounding; agreement is the residual",
    "exact": "an exact expectation; agreement is |z|, the distance in standard errors",
    "asymptotic": "a limit; agreement is the relative error, which must shrink with size",
    "bound": "never broken more often than allowed; agreement is the rate of violations",
    "empirical_law": "a regularity without a proof; agreement is |log ratio|",
}


def show(view: View, shown: Shown) -> None:
    """Theory, why and data of the run that is shown."""
    st.subheader("Does theory hold?", anchor=False)
    _checks(shown.tables["checks"])
    why(view)
    st.subheader("Data", anchor=False)
    _data(shown)


def why(view: View) -> None:
    """The formula, its assumptions, what to look for, and the sources."""
    st.subheader("Why", anchor=False)
    st.markdown(view.WHY)


def _checks(checks: pd.DataFrame) -> None:
    if checks.empty:
        st.caption("No prediction of theory applies to this configuration.")
        return
    rows = [_row(row) for row in checks.to_dict("records")]
    st.table(pd.DataFrame(rows).set_index("verdict"))
    present = [k for k in KINDS if k in set(checks["kind"])]
    st.caption(" · ".join(f"*{k.replace('_', ' ')}*: {KINDS[k]}" for k in present))


def _row(row: Mapping[Hashable, Any]) -> dict[str, str]:
    predicted, measured = pair(row["predicted"], row["measured"], row["standard_error"])
    return {
        "verdict": ":green[**holds**]" if row["holds"] else ":red[**fails**]",
        "prediction": row["prediction"],
        "predicted": predicted,
        "measured": measured,
        "agreement": f"{number(row['agreement'])} (tolerance {number(row['tolerance'])})",
        "kind": row["kind"].replace("_", " "),
        "source": row["source"],
    }


def _data(shown: Shown) -> None:
    names = list(shown.tables)
    # One table at a time: tabs would send them all at every rerun.
    name = st.segmented_control("Table", names, default=names[0], required=True, key="table")
    if name not in shown.tables:
        name = names[0]
    declared = shown.request.experiment.tables[name]
    table = shown.tables[name]
    first = f", of which the first {ROWS:,} are shown" if len(table) > ROWS else ""
    st.caption(f"{declared.description} {len(table):,} row{'s' * (len(table) != 1)}{first}.")
    st.dataframe(
        table.head(ROWS),
        hide_index=True,
        height=min(38 + 35 * len(table), 318),
        column_config={c: _column(table[c], m) for c, m in declared.columns.items()},
    )


def _column(values: "pd.Series[Any]", meaning: str) -> Any:
    """How a column is shown: numbers to six digits; the CSV has them all."""
    if pd.api.types.is_float_dtype(values):
        return st.column_config.NumberColumn(help=meaning, format="%.6g")
    return st.column_config.Column(help=meaning)
