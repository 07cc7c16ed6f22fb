"""What a learner sees: gaps, texts, groups and time, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from core.datasets.uploaded import provided
from core.experiment import InputError
from core.learners.preparing import prepared
from core.learners.rows import Rows, Source
from core.learners.splits import check, split


def read(frame, rng=0, **fields):
    with provided({"d": pd.DataFrame(frame)}):
        return Source("upload:d", **{"target": "y", **fields}).draw(np.random.default_rng(rng))


def table(count=40):
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "a": rng.normal(size=count),
            "b": rng.choice(["u", "v", "w"], count),
            "y": rng.normal(size=count),
        }
    )


def test_gaps_and_texts_are_kept_until_the_training_part_says_what_they_become():
    frame = table()
    frame.loc[3, "a"], frame.loc[4, "b"], frame.loc[5, "y"] = np.nan, None, np.nan
    frame.loc[6, "a"] = np.inf
    rows = read(frame)
    assert rows.count == 39
    assert rows.levels == (1,)
    assert np.isnan(rows.inputs).sum() == 3
    said = " ".join(rows.notes)
    assert "1 of 40 rows without `y` are left out" in said
    assert "3 missing or infinite values" in said
    train, test = np.arange(20), np.arange(20, 39)
    inputs, _ = prepared(rows, train, test)
    assert np.isfinite(inputs).all()
    np.testing.assert_allclose(inputs[:, 0].mean(), 0, atol=1e-12)


def test_what_the_test_rows_hold_changes_nothing_of_the_training_rows():
    rows = read(table())
    train, test = np.arange(20), np.arange(20, 40)
    before, _ = prepared(rows, train, test)
    changed = rows.inputs.copy()
    changed[test] = np.nan_to_num(changed[test]) * 1e6 + 7
    after, new = prepared(Rows(changed, rows.target, None, rows.levels), train, test)
    np.testing.assert_array_equal(before, after)
    # A level that no training row has is none of the known ones.
    np.testing.assert_array_equal(new[:, 1:].sum(axis=1), 0)


def test_groups_stay_on_one_side_and_together():
    rows = read(table().assign(g=np.arange(40) % 7), group="g")
    for seed in range(5):
        cut = split(rows, 0.25, np.random.default_rng(seed))
        assert sorted([*cut.train, *cut.test]) == list(range(40))
        assert not set(rows.groups[cut.train]) & set(rows.groups[cut.test])
        order = rows.groups[cut.train]
        assert (np.diff(order) != 0).sum() == np.unique(order).size - 1
    assert rows.inputs.shape[1] == 2
    assert "only 7 groups" in check(rows)[0]


def test_the_latest_rows_test_what_earlier_ones_taught():
    dates = pd.Series(pd.date_range("2020-01-01", periods=40)).dt.strftime("%Y-%m-%d")
    rows = read(table().assign(t=dates.sample(frac=1, random_state=0).to_numpy()), time="t")
    cut = split(rows, 0.25, np.random.default_rng(0))
    assert rows.times[cut.train].max() < rows.times[cut.test].min()
    assert cut.test.size == 10


def test_every_beginning_of_the_training_rows_has_the_shares_of_the_classes():
    rows = Rows(np.zeros((100, 1)), np.arange(100) % 4 // 3, ("0", "1"))
    cut = split(rows, 0.2, np.random.default_rng(0))
    for n in (8, 20, 40, 80):
        assert abs(rows.target[cut.train[:n]].sum() - n / 4) <= 1.5
    assert rows.target[cut.test].sum() == pytest.approx(5, abs=2)


def test_a_class_of_one_row_is_only_trained_on():
    rows = Rows(np.zeros((30, 1)), np.array([2] + [0, 1] * 14 + [0]), ("0", "1", "2"))
    assert "Classes of one row" in check(rows)[0]
    for seed in range(20):
        assert 0 in split(rows, 0.5, np.random.default_rng(seed)).train


def test_of_many_rows_a_sample_is_taken_and_said():
    rows = read(table(5000), rows=200)
    assert rows.count == 200
    assert "200 of 5,000 rows are used, drawn at random" in " ".join(rows.notes)


@pytest.mark.parametrize(
    ("frame", "fields", "said"),
    [
        (table(11), {}, "`data` must have at least 12 rows with a target; it has 11"),
        (table().assign(g=1), {"group": "g"}, "`group` must have at least 2 groups"),
        (table(), {"group": "g"}, "`group` must name a column of the data"),
        (table(), {"time": "b"}, "`time` must be a column of numbers or dates; `b` holds"),
        (table(), {"group": "y"}, "`group` must be another column than `target`"),
        (table()[["y"]], {}, "must have an input column besides the target"),
        (table().assign(y=["k"] + ["l"] * 39), {}, "at least 2 classes with 2 rows or more"),
        (table().assign(y=np.nan), {}, "`target` must have values"),
    ],
)
def test_what_cannot_be_split_is_refused(frame, fields, said):
    with pytest.raises(InputError, match=said.replace("(", r"\(")):
        check(read(frame, **fields))


def test_constant_columns_are_said():
    assert "1 columns are constant" in " ".join(read(table().assign(c=3)).notes)
