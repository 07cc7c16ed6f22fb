"""The learning curve: forecasts hold by default, known curves agree, any data can be given."""

import numpy as np
import pandas as pd
import pytest

from core.datasets.uploaded import provided
from core.experiment import Cancelled, InputError, silent
from core.experiments.generalization.learning_curve import Config, run
from core.learners import known
from core.learners.closed import Closed, against
from dashboard.views.generalization.learning_curve import panels, verdict

SMALL = {"replicates": 6, "points": 8}


def tables(**values):
    return run(Config(**values), silent)


@pytest.mark.parametrize(
    ("values", "claim"),
    [
        ({"data": "linear-model", "learner": "linear", "samples": 400}, "least squares at each n"),
        ({"data": "gaussians", "learner": "linear", "samples": 600}, "linear discriminant is near"),
        ({"data": "perceptron", "learner": "hebb"}, "Hebb's rule is near"),
        (
            {"data": "gaussians", "learner": "knn", "neighbours": 1, "features": 2},
            "Error of one neighbour",
        ),
    ],
)
def test_a_known_curve_holds(values, claim):
    checks = tables(**values, replicates=8, seed=1)["checks"]
    assert checks["prediction"].str.contains(claim).sum() == 1
    assert checks["holds"].all(), checks.to_string()


def test_no_formula_is_drawn_for_a_learner_that_it_is_not_of():
    made = tables(data="linear-model", learner="ridge", penalty=100.0, samples=200, **SMALL)
    assert made["theory"].empty
    assert not made["checks"]["prediction"].str.contains("least squares").any()


def test_one_nearest_neighbour_comes_near_its_limit():
    made = tables(data="gaussians", learner="knn", neighbours=1, features=1, samples=2000, **SMALL)
    summary = made["summary"].query("split == 'test'")
    last, limit = summary.iloc[-1], made["theory"]["value"].iloc[0]
    assert abs(last["value"] - limit) < 4 * last["standard_error"]


def test_a_limit_too_far_off_is_said_and_not_checked():
    made = tables(data="gaussians", learner="knn", neighbours=1, samples=100, **SMALL)
    assert "too slowly for 75 samples" in " ".join(made["notes"]["note"])
    assert not made["checks"]["prediction"].str.contains("one neighbour").any()


def test_a_wrong_closed_curve_turns_its_check_red():
    sizes, p = np.array([100, 200, 400]), 50
    curve = known.hebb(sizes, p) + 0.002 * np.random.default_rng(0).standard_normal((10, 3))
    for factor, holds in ((1.0, True), (1.2, False)):
        found = Closed(
            "limit",
            "Hebb's rule",
            lambda n, f=factor: f * known.hebb(n, p),
            lambda n: n >= p,
            1.75 / p,
            "",
            "",
        )
        assert against(found, sizes, curve, p)[0][0]["holds"] == holds


def test_folds_of_rows_that_change_with_their_place_are_not_like_the_test_rows():
    checks = tables(data="digits", learner="knn", drift=0.9, rows=600, **SMALL)["checks"]
    assert not checks.set_index("prediction").filter(like="Two-fold", axis=0)["holds"].item()


def test_an_upload_with_texts_gaps_groups_and_one_class_of_one_row():
    rng = np.random.default_rng(0)
    x = rng.normal(size=90)
    frame = pd.DataFrame(
        {
            "x": x,
            "text": rng.choice(["a", "b"], 90),
            "g": np.arange(90) % 9,
            "y": np.where(x > 0, "p", "n"),
        }
    )
    frame.loc[0, "y"], frame.loc[1, "x"] = "single", np.nan
    values = {"data": "upload:d", "target": "y", "group": "g", **SMALL}
    with provided({"d": frame}):
        made = tables(**values)
        config = Config(**values)
    said = " ".join(made["notes"]["note"])
    for words in ("1 missing", "indicator a level", "Classes of one row", "only 9 groups"):
        assert words in said
    assert [p.key for p in panels(made, config)] == ["curve", "limits"]


def test_twelve_rows_make_a_curve_without_a_forecast_held_out():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=12), "y": rng.normal(size=12)})
    with provided({"d": frame}):
        made = tables(data="upload:d", target="y", **SMALL)
    assert made["checks"].empty
    assert "too few rows to hold the largest sizes out" in " ".join(made["notes"]["note"])
    assert panels(made, Config())
    assert verdict(made, Config())


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"data": "diabetes", "learner": "logistic"}, "`learner` must not be logistic"),
        ({"data": "diabetes", "measure": "error"}, "`measure` must be auto or risk"),
        ({"data": "wine", "learner": "svm", "measure": "risk"}, "`measure` must be auto or error"),
    ],
)
def test_what_does_not_fit_together_is_refused(values, said):
    with pytest.raises(InputError, match=said):
        tables(**values)


def test_progress_brings_tables_and_can_cancel():
    seen = []

    def report(fraction, message, made=None):
        seen.append((fraction, made))
        if made is not None:
            assert not made["summary"].empty or len(seen) < 20
            raise Cancelled

    with pytest.raises(Cancelled):
        run(Config(data="wine", learner="forest", **SMALL), report)
    assert seen[0][0] == 0.0
