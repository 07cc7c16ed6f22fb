"""One column of numbers, bundled or uploaded."""

import numpy as np
import pandas as pd
import pytest

from core.datasets.columns import BUNDLED, SOURCES, column
from core.datasets.uploaded import provided
from core.experiment import InputError

SIZES = {
    "faithful-waiting": 272,
    "ball-bearings": 23,
    "aluminium-fatigue": 101,
    "exam-grades": 120,
    "tumour-area": 569,
    "wine-proline": 178,
    "iris-sepal-length": 150,
    "diabetes-progression": 442,
}
COPIES = {
    "faithful-waiting": ("faithful_waiting", "waiting"),
    "ball-bearings": ("ball_bearing", "y_4848"),
    "aluminium-fatigue": ("nist_fatigue_birnsaun", "cycles"),
    "exam-grades": ("scipy_examgrades", "y"),
}


def upload(frame, name=""):
    with provided({"d": pd.DataFrame(frame)}):
        return column("upload:d", name)


@pytest.mark.parametrize("data", BUNDLED)
def test_bundled_columns_are_whole_and_have_a_source(data):
    found = column(data)
    assert found.values.shape == (SIZES[data],)
    assert f"({SIZES[data]})" in BUNDLED[data]
    assert found.notes == ()
    assert SOURCES[data].source


@pytest.mark.parametrize("data", COPIES)
def test_copies_equal_the_reference_data(data, reference):
    file, name = COPIES[data]
    np.testing.assert_array_equal(
        column(data).values, pd.read_csv(reference / "data" / f"{file}.csv")[name]
    )


def test_the_only_column_of_numbers_needs_no_name():
    found = upload({"x": [1.0, 2.0], "label": ["a", "b"]})
    assert found.name == "x"
    assert found.notes == ("Column `x` is taken, the only one of numbers.",)


def test_missing_and_infinite_values_are_counted_and_left_out():
    found = upload({"x": [1.0, np.nan, np.inf, 2.0, -np.inf]})
    np.testing.assert_array_equal(found.values, [1.0, 2.0])
    assert found.notes == (
        "3 of 5 values are left out: 1 with missing values and 2 with infinite values.",
    )


@pytest.mark.parametrize(
    ("frame", "name", "message"),
    [
        (
            {"x": [1, 2], "y": [3, 4]},
            "",
            r"^`column` must say which of the 2 columns .* to use: x, y\.$",
        ),
        ({"x": ["a", "b"]}, "", r"^`column` must name a column of numbers; .* only others: x\.$"),
        ({"x": [1, 2]}, "z", r"^`column` must name a column of the data \(x\); 'z' is not one\.$"),
        ({"x": ["1", "a"]}, "x", r"^column `x` must hold numbers; .* for example 'a' in row 2\.$"),
        ({"x": [5.0, 5.0]}, "x", r"^column `x` .* 2 different finite values; all 2 are 5\.$"),
        ({"x": [np.nan, np.inf]}, "x", r"^column `x` .* 2 different finite values; there is none\.$"),
        ({"x": pd.to_datetime(["2020-01-01"] * 2)}, "x", r"must hold numbers; it holds dates\.$"),
    ],
)
def test_unusable_columns_are_refused_in_one_sentence(frame, name, message):
    with pytest.raises(InputError, match=message):
        upload(frame, name)


def test_unknown_data_and_a_column_of_another_file_are_refused():
    with pytest.raises(InputError, match=r"^`data` must be one of faithful-waiting, .*; 'x' is not\.$"):
        column("x")
    with pytest.raises(InputError, match=r"must be empty or 'minutes' for `faithful-waiting`"):
        column("faithful-waiting", "cycles")
