"""Number of components, EM's rate, and what a column that does not fit is told."""

import numpy as np
import pandas as pd
import pytest

from core import run
from core.experiment import InputError

SMALL = {"samples": 200, "groups": 2, "separation": 5.0, "most": 3, "restarts": 3}


@pytest.fixture(scope="module")
def small():
    return run("mixture", **SMALL)


def test_the_line_of_theory_meets_the_climb(small):
    """Predicted from the information at the maximum; measured on the way there."""
    line = small["decay"].set_index("step")["gap"]
    climb = small["climb"].pivot(index="step", columns="start", values="gap")
    shared = climb.index.intersection(line.index[-6:])
    assert len(shared) >= 3
    off = np.log(climb.loc[shared]).sub(np.log(line[shared]), axis=0).abs().max()
    assert off.min() < 0.2


def test_starts_land_on_permutations_of_one_maximum(small):
    top = small["landings"].query("gap < 1e-6")
    assert top["start"].nunique() >= 2
    spread = top.groupby("place")["mean"].agg(np.ptp)
    assert spread.max() < 1e-3
    for _, one in top.groupby("start"):
        assert sorted(one["place"]) == [1, 2]


def test_tables_of_a_mixture_fit_together(small):
    share = small["responsibility"].groupby("x")["probability"].sum()
    np.testing.assert_allclose(share, 1.0, rtol=1e-9)
    weights = small["components"].query("parameter == 'weight'")
    assert weights["estimate"].sum() == pytest.approx(1.0)
    last = small["density"].query("step == step.max()").groupby("component")["density"].sum()
    assert last[1:].sum() == pytest.approx(last[0], rel=1e-3)
    assert small["selection"]["chosen"].sum() == 1
    assert small["selection"]["log_likelihood"].is_monotonic_increasing


def test_one_group_is_one_group():
    tables = run("mixture", **{**SMALL, "groups": 1})
    assert tables["selection"].query("chosen")["components"].item() == 1
    assert tables["decay"].empty
    assert tables["checks"]["holds"].all()
    assert any("arrives at once" in note for note in tables["notes"]["note"])


@pytest.mark.parametrize(
    ("values", "family", "message"),
    [
        (
            [1.0, -2.0, 3.0],
            "gamma",
            r"`family` must allow all values: gammas are above 0, and 1 of 3 .* -2",
        ),
        ([1.0, 2.5, 3.0], "poisson", r"Poissons are whole numbers of 0 or more, .* such as 2.5"),
        ([1.0, 1e300, 3.0], "normal", r"`column` must hold values below 1e100 in size; one is 1e\+300"),
    ],
)
def test_columns_that_do_not_fit(values, family, message):
    with pytest.raises(InputError, match=message):
        run("mixture", data=pd.DataFrame({"a": values}), family=family)


def test_few_values_allow_few_components():
    frame = pd.DataFrame({"a": [1.0, 2.0, 4.0, 8.0, 9.0, 9.5, 11.0]})
    tables = run("mixture", data=frame, restarts=2)
    assert len(tables["selection"]) == 2
    assert "7 distinct values allow 2 components at most." in list(tables["notes"]["note"])
