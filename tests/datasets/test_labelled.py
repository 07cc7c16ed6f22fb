"""Inputs with a target, from bundled sets, synthetic ones and uploaded frames."""

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets

from core.datasets.labelled import BUNDLED, SYNTHETIC, labelled
from core.datasets.uploaded import provided
from core.experiment import InputError

SHAPES = {
    "digits": (1797, 64, 10),
    "breast-cancer": (569, 30, 2),
    "wine": (178, 13, 3),
    "iris": (150, 4, 3),
    "diabetes": (442, 10, None),
    "moons": (200, 2, 2),
    "circles": (200, 2, 2),
    "xor": (200, 2, 2),
    "blobs": (200, 2, 3),
    "spirals": (200, 2, 2),
}


def get(data, seed=0, noise=0.1, **options):
    return labelled(data, samples=200, noise=noise, rng=np.random.default_rng(seed), **options)


def upload(frame, **options):
    with provided({"d": frame}):
        return get("upload:d", **options)


@pytest.mark.parametrize("data", BUNDLED)
def test_sets_have_their_shapes(data):
    found, (rows, columns, classes) = get(data), SHAPES[data]
    assert found.inputs.shape == (rows, columns)
    assert found.inputs.dtype == np.float64
    assert len(found.features) == columns
    assert np.isfinite(found.inputs).all()
    if classes is None:
        assert found.classes is None
        assert found.target.dtype == np.float64
    else:
        assert len(found.classes) == classes
        assert found.target.dtype == np.int64
        assert set(found.target) == set(range(classes))


def test_bundled_classes_keep_the_order_of_scikit_learn():
    found, source = get("breast-cancer"), datasets.load_breast_cancer()
    assert found.classes == ("malignant", "benign")
    np.testing.assert_array_equal(found.target, source.target)
    np.testing.assert_array_equal(found.inputs, source.data)


@pytest.mark.parametrize("data", SYNTHETIC)
def test_synthetic_sets_are_balanced_and_made_from_the_generator_alone(data):
    found, again, other = get(data), get(data), get(data, seed=1)
    np.testing.assert_array_equal(found.inputs, again.inputs)
    assert not np.array_equal(found.inputs, other.inputs)
    counts = np.bincount(found.target)
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        ("circles", lambda x, y: (np.hypot(x, y) < 0.75).astype(int)),
        ("xor", lambda x, y: (x * y < 0).astype(int)),
    ],
)
def test_without_noise_the_classes_are_those_of_the_rule(data, rule):
    found = get(data, noise=0.0)
    np.testing.assert_array_equal(found.target, rule(*found.inputs.T))


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        (["b", "a", "b"], ("a", "b")),
        ([True, False, True], ("False", "True")),
        ([3, 1, 3], ("1", "3")),
        ([3.0, 1.0, 3.0], ("1", "3")),
        ([0.5, 1.0, 1.5], None),
        (pd.Categorical(["y", "x", "y"], categories=["y", "x"]), ("y", "x")),
    ],
    ids=str,
)
def test_classes_and_numbers_are_told_apart_and_said(values, classes):
    found = upload(pd.DataFrame({"x": [1.0, 2.0, 3.0], "t": values}), target="t")
    assert found.classes == classes
    assert "`t` is read as" in found.notes[-1]


def test_many_whole_numbers_are_a_number_and_task_corrects_it():
    frame = pd.DataFrame({"x": np.arange(60.0), "t": np.arange(60) % 30})
    assert upload(frame, target="t").classes is None
    assert len(upload(frame, target="t", task="classes").classes) == 30
    assert upload(frame.assign(t=frame["t"] % 2), target="t", task="number").classes is None


def test_any_column_of_a_bundled_set_can_be_the_target():
    found = get("wine", target="alcohol")
    assert found.classes is None
    assert found.features[-3:] == ("target=class_0", "target=class_1", "target=class_2")


def test_text_inputs_become_an_indicator_a_level():
    frame = pd.DataFrame({"c": ["r", "g", None, "r"], "x": [1, 2, 3, 4], "t": [0.1, 0.2, 0.3, 0.5]})
    found = upload(frame, target="t")
    assert found.features == ("c=g", "c=r", "x")
    np.testing.assert_array_equal(found.inputs, [[0, 1, 1], [1, 0, 2], [0, 1, 4]])
    assert found.notes[0] == "1 of 4 rows are left out: 1 with missing values."


def test_missing_and_infinite_rows_are_counted_and_left_out():
    frame = pd.DataFrame({"x": [1, np.nan, np.inf, 4, 5, 6], "t": [0.5, 1.5, 2.5, np.nan, -np.inf, 3.5]})
    found = upload(frame, target="t")
    np.testing.assert_array_equal(found.target, [0.5, 3.5])
    assert found.notes[0] == (
        "4 of 6 rows are left out: 2 with missing values and 2 with infinite values."
    )


def test_missing_and_infinite_class_labels_are_left_out():
    frame = pd.DataFrame({"x": np.arange(5.0), "t": [1, 2, np.nan, np.inf, 1]})
    found = upload(frame, target="t")
    assert found.classes == ("1", "2")
    assert found.notes[0] == (
        "2 of 5 rows are left out: 1 with missing values and 1 with infinite values."
    )


NUMBERS = {"x": np.arange(600.0)}


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({**NUMBERS, "t": np.arange(600)}, {}, r"^`target` must name .* \(x, t\); none was given\.$"),
        ({**NUMBERS, "t": np.arange(600)}, {"target": "u"}, r"`target` .*; 'u' is not one\.$"),
        ({**NUMBERS}, {"target": "x"}, r"an input column besides the target; it has only x\.$"),
        ({**NUMBERS, "t": ["a"] * 600}, {"target": "t"}, r"at least 2 classes; `t` has 1\.$"),
        (
            {**NUMBERS, "t": [1.5] * 600},
            {"target": "t"},
            r"at least 2 different values; every `t` is 1.5",
        ),
        (
            {**NUMBERS, "t": [f"c{i % 500}" for i in range(600)]},
            {"target": "t"},
            r"^`target` must have at most 100 classes; `t` has 500\.$",
        ),
        (
            {**NUMBERS, "t": ["1", "2", "x"] * 200},
            {"target": "t", "task": "number"},
            r"^column `t` must hold numbers; it holds text, for example 'x' in row 3\.$",
        ),
        (
            {"x": [f"n{i}" for i in range(600)], "t": np.arange(600)},
            {"target": "t"},
            r"^column `x` must hold numbers, or at most 20 .* holds 600 different texts\.$",
        ),
        (
            {"x": pd.date_range("2020", periods=600), "t": np.arange(600)},
            {"target": "t"},
            r"^column `x` must hold numbers or text to be an input; it holds dates\.$",
        ),
        (
            {"x": [None] * 600, "t": np.arange(600)},
            {"target": "t"},
            r"every column; column `x` is empty\.$",
        ),
        ({"x": [], "t": []}, {"target": "t"}, r"at least one row; it has only column names: x, t\.$"),
        (
            {"x": [1.0, np.nan], "t": [np.inf, 2.0]},
            {"target": "t"},
            r"every column; every row has one missing or infinite\.$",
        ),
    ],
)
def test_bad_frames_are_refused_in_one_sentence(columns, options, message):
    with pytest.raises(InputError, match=message):
        upload(pd.DataFrame(columns), **options)


def test_repeated_names_in_a_frame_are_refused():
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "a", "t"])
    with pytest.raises(
        InputError, match=r"^`data` must have column names that differ; 'a' occurs 2 times"
    ):
        upload(frame, target="t")


def test_unknown_data_and_a_target_for_synthetic_data_are_refused():
    with pytest.raises(InputError, match=r"^`data` must be one of digits, .*; 'nonsense' is not\.$"):
        get("nonsense")
    with pytest.raises(InputError, match=r"^`target` must be empty for `moons`.*; 't' was given\.$"):
        get("moons", target="t")
    with pytest.raises(InputError, match=r"names an uploaded file that is not here: abc"):
        get("upload:abc")
