"""Uploaded files: every dialect comes back equal, and bad input is refused in one sentence."""

import contextlib
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets import read as reading
from core.datasets.read import read
from core.experiment import InputError

LETTERS = st.characters(codec="latin-1", categories=["Lu", "Ll"])
# Words that stand for a missing value, a boolean or a number would not come back as text.
WORD = st.text(LETTERS, min_size=2, max_size=8).filter(
    lambda w: w.lower() not in {"na", "nan", "null", "none", "inf", "infinity", "true", "false"}
)
NUMBER = st.floats(allow_nan=False, width=64)
NAME = st.text(LETTERS, min_size=1, max_size=6)


@st.composite
def frames(draw):
    names = draw(st.lists(NAME, min_size=3, max_size=3, unique=True))
    size = draw(st.integers(1, 8))
    numbers = draw(st.lists(NUMBER, min_size=size, max_size=size))
    texts = draw(st.lists(WORD, min_size=size, max_size=size))
    integers = draw(st.lists(st.integers(-(2**53), 2**53), min_size=size, max_size=size))
    return pd.DataFrame(dict(zip(names, (numbers, texts, integers), strict=True)))


@settings(max_examples=60, deadline=None)
@given(
    frame=frames(),
    mark=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    decimal=st.sampled_from([".", ","]),
    newline=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([0, 2]),
)
def test_any_dialect_comes_back_equal(frame, mark, encoding, decimal, newline, quoting):
    if decimal == mark:
        decimal = "."
    text = frame.to_csv(index=False, sep=mark, decimal=decimal, lineterminator=newline, quoting=quoting)
    found = read("data.csv", text.encode(encoding)).frame
    assert list(found.columns) == list(frame.columns)
    for name in frame:
        if frame[name].dtype == float:
            np.testing.assert_array_equal(found[name].to_numpy(float), frame[name])
        else:
            assert found[name].tolist() == frame[name].tolist()


@settings(max_examples=30, deadline=None)
@given(frame=frames())
def test_parquet_comes_back_equal(frame):
    file = io.BytesIO()
    frame.to_parquet(file)
    pd.testing.assert_frame_equal(read("data.parquet", file.getvalue()).frame, frame)


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
        ("latin-1", "Latin-1"),
    ],
)
def test_encodings_are_told_apart_and_said(encoding, said):
    found = read("a.csv", "größe,name\n1.5,Zoë\n2,Ana\n".encode(encoding))
    assert list(found.frame.columns) == ["größe", "name"]
    assert found.frame["name"].tolist() == ["Zoë", "Ana"]
    assert f"Read as {said} text" in found.notes[0]


def test_windows_characters_are_not_lost_in_latin_1():
    found = read("a.csv", "price,unit\n1,€\n".encode("cp1252"))
    assert found.frame["unit"].tolist() == ["€"]
    assert "Windows-1252" in found.notes[0]


@pytest.mark.parametrize(
    ("text", "values", "said"),
    [
        ("a;b\n1,5;2\n-0,25;3\n", [1.5, -0.25], "semicolons, with decimal commas"),
        ("a;b\n1.5;2\n-0.25;3\n", [1.5, -0.25], "semicolons, with decimal points"),
        ("a\tb\n1,5\t2\n", [1.5], "tabs, with decimal commas"),
        ("a;b\n0,5;1e-05\n1e-05;2\n", [0.5, 1e-5], "semicolons, with decimal commas"),
        ("a|b\n1.5|2\n", [1.5], "bars, with decimal points"),
        ("a\n1,5\n2,5\n", [1.5, 2.5], "one column, with decimal commas"),
        ("a\n1.5\n2.5\n", [1.5, 2.5], "one column, with decimal points"),
        ("a,b\r1.5,2\r2.5,3\r", [1.5, 2.5], "commas, with decimal points"),
        ("a,b\n1.5,'x;y'\n2.5,'z;w'\n", [1.5, 2.5], "commas, with decimal points"),
    ],
)
def test_separators_and_decimal_marks_are_said(text, values, said):
    found = read("a.csv", text.encode())
    assert found.frame["a"].tolist() == values
    assert said in found.notes[0]


@pytest.mark.parametrize("mark", ["", "NA", "NaN", "null", "None", "#N/A"])
def test_missing_marks_are_missing(mark):
    found = read("a.csv", f"a,b\n1,x\n{mark},{mark}\n".encode()).frame
    assert found.isna().sum().tolist() == [1, 1]


def test_a_number_far_down_makes_a_whole_column_numbers():
    """Types are judged by every row, not by the first block."""
    found = read("a.csv", b"a,b\n" + b"1,2\n" * 400_000 + b"1.5,x\n").frame
    assert found["a"].dtype == float
    assert found["b"].iloc[0] == "2"


def test_unnamed_columns_are_called_by_their_place():
    found = read("a.csv", b",x\n0,1.5\n1,2.5\n")
    assert list(found.frame.columns) == ["column_1", "x"]
    assert "column_1" in found.notes[1]


def test_a_million_rows():
    values = np.random.default_rng(0).standard_normal(1_000_000)
    content = pd.DataFrame({"x": values}).to_csv(index=False).encode()
    np.testing.assert_array_equal(read("a.csv", content).frame["x"], values)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"^`a.csv` must hold a table; it is empty\.$"),
        (b" \n\n", r"^`a.csv` must hold a table; it is empty\.$"),
        ("﻿".encode(), r"^`a.csv` must hold a table; it is empty\.$"),
        (b"a,b\n", r"at least one row under its header; it has only column names: a, b\.$"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", r"^`a.csv` must be a CSV, .* it holds binary data"),
        (bytes(range(256)) * 8, r"^`a.csv` must be a CSV, .* it holds binary data"),
        (b"PK\x03\x04\x14\x00\x06", r"^`a.csv` must be a CSV, .* it holds binary data"),
        (b"PAR1 and then nothing", r"^`a.csv` must be a Parquet file; it is damaged"),
        (b"a,b,a\n1,2,3\n", r"column names that differ; 'a' occurs 2 times\.$"),
        (b"a,b\n1,2\n1,2,3\n", r"header names columns \(2\); the row '1,2,3' has 3\.$"),
        (b"My export\na,b\n1,2\n", r"header names columns \(1\); the row 'a,b' has 2\.$"),
        (b"1,2\n3,4\n", r"must name its columns in the first row; it holds only numbers there: 1, 2\.$"),
    ],
    ids=lambda case: case[:20] if isinstance(case, bytes) else "",
)
def test_bad_files_are_refused_in_one_sentence(content, message):
    with pytest.raises(InputError, match=message):
        read("a.csv", content)


def test_files_beyond_the_limits_are_refused(monkeypatch):
    monkeypatch.setattr(reading, "LARGEST_BYTES", 2**20)
    with pytest.raises(InputError, match=r"^`a.csv` must be at most 1 MB; it is 2.0 MB\.$"):
        read("a.csv", b"a\n" + b"1.25\n" * 419_431)
    monkeypatch.setattr(reading, "MOST_VALUES", 10)
    with pytest.raises(InputError, match=r"at most 10 values; it has 6 rows of 2 columns\.$"):
        read("a.csv", b"a,b\n" + b"1,2\n" * 6)
    file = io.BytesIO()
    pd.DataFrame({"a": range(11)}).to_parquet(file)
    with pytest.raises(InputError, match=r"at most 10 values; it has 11 rows of 1 columns\.$"):
        read("a.parquet", file.getvalue())


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=200), name=st.sampled_from(["a.csv", "a.parquet"]))
def test_any_bytes_are_read_or_refused(content, name):
    with contextlib.suppress(InputError):
        found = read(name, content).frame
        assert len(found)
        assert found.columns.is_unique
