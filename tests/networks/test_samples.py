"""Splitting, standardising, label noise and padding."""

import core.numerics  # noqa: F401

# isort: split
import numpy as np
import pytest

from core.experiment import InputError
from core.networks import problem as problems
from core.networks.problem import problem, replicates
from core.networks.samples import noisy, padded, sample, split
from core.networks.training import bucket


def made(seed=0, classes=3, rows=60, **options):
    rng = np.random.default_rng(seed)
    inputs, target = rng.normal(3, 5, size=(rows, 4)), np.arange(rows) % max(2, classes)
    given = {"test_share": 0.25, "label_noise": 0.0, **options}
    likelihood = "categorical" if classes else "gaussian"
    values = target if classes else target + rng.normal(size=rows)
    return sample(inputs, values, classes, likelihood, rng=rng, **given), inputs


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.9])
def test_split_is_a_partition_with_its_share_of_each_class(share):
    groups = np.repeat([0, 1, 2], [40, 20, 7])
    rows = split(groups, share, np.random.default_rng(0))
    assert sorted(np.concatenate(list(rows.values()))) == list(range(67))
    for group, size in enumerate((40, 20, 7)):
        held = (groups[rows["test"]] == group).sum()
        assert abs(held - share * size) <= 1
        assert held < size, "each class keeps a training row"


def test_split_sizes_do_not_depend_on_the_draw():
    groups = np.random.default_rng(0).integers(0, 5, 83)
    sizes = {len(split(groups, 0.3, np.random.default_rng(s))["test"]) for s in range(10)}
    assert len(sizes) == 1


@pytest.mark.parametrize(
    ("rows", "share", "message"),
    [
        (
            40,
            0.01,
            r"`test_share` must leave at least one test row; 0\.01 of 40 rows leaves none\.",
        ),
        (3, 0.9, r"`test_share` must leave at least two training rows; 0\.9 of 3 rows leaves 1\."),
        (1, 0.5, r"at least one test row; 0\.5 of 1 rows leaves none\."),
    ],
)
def test_a_split_without_rows_is_refused(rows, share, message):
    with pytest.raises(InputError, match=message):
        split(np.zeros(rows, np.int64), share, np.random.default_rng(0))


def test_inputs_are_standardised_by_the_training_part():
    found, inputs = made()
    np.testing.assert_allclose(found.inputs["train"].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(found.inputs["train"].std(axis=0), 1, atol=1e-12)
    test = found.standardized(inputs[found.rows["test"]])
    np.testing.assert_array_equal(test, found.inputs["test"])
    assert abs(test.mean(axis=0)).max() > 1e-3, "the test part has its own mean"


def test_a_constant_input_becomes_zero():
    rng = np.random.default_rng(0)
    inputs = np.column_stack([np.full(30, 0.1), rng.normal(size=30)])
    found = sample(inputs, np.arange(30) % 2, 2, "categorical", test_share=0.3, label_noise=0.0, rng=rng)
    np.testing.assert_allclose(found.inputs["train"][:, 0], 0, atol=1e-12)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_label_noise_changes_its_share_of_labels_to_another_class(share):
    labels = np.arange(4000) % 4
    changed = noisy(labels, 4, share, np.random.default_rng(0))
    rate = (changed != labels).mean()
    # Four binomial standard errors.
    assert rate == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 4000) + 1e-12)
    if share:
        counts = np.bincount((changed - labels)[changed != labels] % 4, minlength=4)
        assert counts[0] == 0
        assert counts[1:].min() > 0.8 * counts[1:].mean()


def test_label_noise_touches_the_training_part_only():
    clean, _ = made(seed=5, label_noise=0.0)
    found, _ = made(seed=5, label_noise=1.0)
    np.testing.assert_array_equal(clean.rows["test"], found.rows["test"])
    np.testing.assert_array_equal(clean.targets["test"], found.targets["test"])
    assert (clean.targets["train"] != found.targets["train"]).all()


def test_padding_adds_rows_that_do_not_count():
    samples = [made(seed)[0] for seed in range(2)]
    data = padded(samples, "train")
    rows = int(data.rows)
    assert rows == len(samples[0].rows["train"])
    assert data.inputs.shape == (2, bucket(rows), 4)
    assert data.inputs.dtype == np.float32
    np.testing.assert_array_equal(np.asarray(data.inputs)[:, rows:], 0)


@pytest.mark.parametrize("rows", [1, 7, 15, 16, 17, 100, 750, 1347, 10**6])
def test_a_bucket_holds_its_rows_with_an_eighth_to_spare(rows):
    assert rows <= bucket(rows) <= max(16, 1.125 * rows)


@pytest.mark.parametrize(
    ("target", "classes", "loss", "message"),
    [
        (
            np.array([0, 1]),
            2,
            "gaussian",
            r"`loss` must be auto, categorical or bernoulli for classes; ",
        ),
        (np.array([0.5, 1]), 0, "categorical", r"`loss` must be gaussian, .* or negative-binomial for"),
        (np.array([3.0, -2]), 0, "poisson", r"`loss` poisson needs .* 1 of 2 are not, such as -2\."),
        (np.array([3.0, 0.5]), 0, "poisson", r"`loss` poisson needs .* 1 of 2 are not, such as 0\.5\."),
    ],
    ids=["gaussian classes", "categorical number", "negative count", "half a count"],
)
def test_a_likelihood_that_the_target_cannot_have_is_refused(target, classes, loss, message):
    with pytest.raises(InputError, match=message):
        problem(np.zeros((2, 1)), target, classes, loss)


def test_more_memory_than_allowed_is_refused_before_it_starts(monkeypatch):
    monkeypatch.setattr(problems, "MEMORY", 1e6)
    what = problem(np.zeros((1000, 20)), np.arange(1000) % 2, 2, "auto")
    with pytest.raises(
        InputError, match=r"`replicates` must be so few .* 3 networks .* 1,000 rows need"
    ):
        replicates(
            what,
            (64,),
            [np.random.default_rng(s) for s in range(3)],
            initialization="he",
            output_scale=1.0,
            test_share=0.25,
            label_noise=0.0,
            batch=0,
        )
