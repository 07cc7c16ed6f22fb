"""Bounds and weights from the columns of a file, and numbers that are written with marks."""

import numpy as np
import pandas as pd
import pytest

from core.datasets.observed import observed
from core.datasets.read import read
from core.datasets.uploaded import provided
from core.experiment import InputError

NAN = np.nan


def take(columns, *names):
    with provided({"d": pd.DataFrame(columns)}):
        return observed("upload:d", *names)


def test_bounds_and_weights_are_columns():
    made = take(
        {"lo": [1, 2, NAN, 4, NAN], "hi": [1, np.inf, 3, 5, NAN], "w": [1, 2, 3, 0, 1]}, "lo", "hi", "w"
    )
    np.testing.assert_array_equal(made.left, [1, 2, NAN, 4])
    np.testing.assert_array_equal(made.right, [1, NAN, 3, 5])
    np.testing.assert_array_equal(made.weights, [1, 2, 3, 0])
    assert "1 of 5 values are left out" in made.notes[0]
    assert "3 of 4 values are known by bounds only" in made.notes[1]


def test_a_table_of_frequencies_needs_no_bounds():
    made = take({"x": [0, 1, 2], "n": [5, 3, 1]}, "x", "", "n")
    assert made.right is None
    np.testing.assert_array_equal(made.weights, [5, 3, 1])


def test_limits_of_detection_are_bounds():
    made = take({"x": ["<0.5", "0.7", " > 10", None, "2"]}, "x")
    np.testing.assert_array_equal(made.left, [NAN, 0.7, 10, 2])
    np.testing.assert_array_equal(made.right, [0.5, 0.7, NAN, 2])
    assert made.notes[0] == "Values of `x` such as '<0.5' are read as bounds: censored there."


def test_a_plain_column_is_as_it_was():
    made = take({"x": [1.0, 2.0, NAN]}, "")
    assert made.right is None
    assert made.weights is None
    assert "1 of 3 values are left out" in made.notes[0]


@pytest.mark.parametrize(
    ("columns", "names", "message"),
    [
        (
            {"a": [1, 5], "b": [2, 3]},
            ("a", "b"),
            "`b` must be at or above column `a`; in row 2 it holds 3",
        ),
        (
            {"a": [1, 5], "w": [1, -1]},
            ("a", "", "w"),
            "`w` must hold weights of 0 or more; it holds -1 in",
        ),
        ({"a": [1, 5], "w": [0, 0]}, ("a", "", "w"), "`w` must hold a weight above 0; all are 0"),
        ({"a": [1, 5]}, ("a", "b"), "`upper` must name a column of the data"),
        ({"a": [1, 1], "b": [1, 1]}, ("a", "b"), "`a` must hold at least 2 different finite values"),
        ({"a": ["<1", "few", "2"]}, ("a",), "`a` must hold numbers; it holds text, for example 'few'"),
    ],
)
def test_refused(columns, names, message):
    with pytest.raises(InputError, match=message):
        take(columns, *names)


@pytest.mark.parametrize(
    ("written", "values", "note"),
    [
        ("12.5%\n3 %\n-4%", [12.5, 3, -4], "Percent signs in `x` are dropped: '12.5%' is read as 12.5."),
        ('"1,234.5"\n"12"\n"1,000,000"', [1234.5, 12, 1e6], "'1,234.5' is read as 1234.5."),
        ("1 234\n5\n-2 000 000", [1234, 5, -2e6], "'1 234' is read as 1234."),
        ("1'234\n500", [1234, 500], "Marks between thousands in `x` are dropped"),
    ],
)
def test_marks_in_numbers_are_dropped_and_said(written, values, note):
    made = read("f.csv", f"x,y\n{chr(10).join(row + ',0' for row in written.splitlines())}\n".encode())
    np.testing.assert_array_equal(made.frame["x"], values)
    assert any(note in said for said in made.notes)


@pytest.mark.parametrize("written", ["12%\n3", "1,23\n4", "a\n1 234", "1-2\n3-4", "2024 01\n2024 02"])
def test_other_text_stays_text(written):
    rows = "\n".join(f'"{row}",0' for row in written.splitlines())
    made = read("f.csv", f"x,y\n{rows}\n".encode())
    assert made.frame["x"].map(type).eq(str).all()
