"""fit-network: what its figures reach, its checks and how they break, and input it cannot use."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core import run
from core.experiment import Cancelled, InputError
from core.experiments.training.fit_network import BREAKS, TABLES, Config
from dashboard.views.training.fit_network import panels, verdict
from tests.test_contract import default as default_run

SHORT = {"epochs": 3, "samples": 120, "widths": (8,)}


def fit(**values):
    return run("fit-network", **{**SHORT, **values})


def overall(tables, quantity):
    return float(tables["overall"].set_index("quantity").loc[quantity, "value"])


# Twenty halves of a table of numbers.
HALVES = {"target": "y", "replicates": 20, "test_share": 0.5}


def table_of(n=60, **columns):
    rng = np.random.default_rng(0)
    return pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(size=n), **columns})


@pytest.fixture(scope="module")
def default():
    return default_run("fit-network")


@pytest.fixture(scope="module")
def digits():
    """Its tables, and all that it reports."""
    said = []
    return run("fit-network", lambda *report: said.append(report), data="digits"), said


def test_the_defaults_learn(default, digits):
    for tables, limit in ((default, 0.02), (digits[0], 0.03)):
        assert len(tables["summary"]) == 5
        assert overall(tables, "test error") <= limit
        assert tables["checks"]["holds"].all()


def test_risk_is_there_for_each_replicate_split_and_position(default):
    risk = default["risk"]
    assert set(risk["split"]) == {"train", "test"}
    assert risk.groupby(["replicate", "split"]).size().nunique() == 1
    assert not risk.duplicated(["replicate", "split", "step"]).any()
    assert (risk["step"].min(), risk["epoch"].max()) == (0, 60)
    assert 40 <= risk["step"].nunique() <= 60
    assert len(risk) < 5000
    assert len(default["gradients"]) < 5000
    assert np.isfinite(risk[["risk", "error", "entropy"]]).all().all()


def test_the_end_of_training_agrees_with_the_table_of_risk(default):
    last = default["risk"][default["risk"]["epoch"] == 60].pivot(
        index="replicate", columns="split", values=["risk", "error"]
    )
    summary = default["summary"].set_index("replicate")
    np.testing.assert_array_equal(summary["test_risk"], last["risk", "test"])
    assert overall(default, "gap") == pytest.approx(
        (last["risk", "test"] - last["risk", "train"]).mean(), rel=1e-12
    )
    error = default["overall"].set_index("quantity").loc["test error", "standard_error"]
    assert error == pytest.approx(stats.sem(last["error", "test"]), rel=1e-12)


def test_theory_starts_the_risk(default):
    assert default["theory"]["name"].iloc[0] == "log 2"
    assert default["theory"]["risk"].iloc[0] == pytest.approx(np.log(2), rel=1e-12)


def test_the_surface_separates_the_points(default):
    surface, points = default["surface"], default["points"]
    assert len(surface) <= 4000
    assert len(points) <= 1000
    assert surface["probability"].between(0.5, 1).all()
    nearest = [
        surface["class"].iloc[((surface["x1"] - x) ** 2 + (surface["x2"] - y) ** 2).argmin()]
        for x, y in points[["x1", "x2"]].to_numpy()
    ]
    # The cell's centre is not the point: some near the boundary differ.
    assert (np.array(nearest) == points["class"]).mean() > 0.95


@pytest.mark.parametrize("label", BREAKS)
def test_each_broken_assumption_turns_its_own_check_red(label):
    holds = fit(**BREAKS[label])["checks"].set_index("prediction")["holds"]
    red = list(holds[~holds].index)
    assert len(red) == 1
    expected = "Risk at initialisation" if "output weights" in label else "Without a hidden layer"
    assert red[0].startswith(expected)


@pytest.mark.parametrize(
    ("loss", "start", "checks"),
    [("auto", lambda y: np.var(y), 3), ("laplace", None, 2), ("poisson", None, 3)],
)
def test_each_likelihood_of_a_number_learns(loss, start, checks):
    tables = fit(data="diabetes", loss=loss, epochs=15)
    assert len(tables["checks"]) == checks
    assert tables["checks"]["holds"].all(), tables["checks"].to_string()
    assert overall(tables, "test risk") < tables["theory"]["risk"].iloc[0]
    assert tables["risk"][["error", "entropy"]].isna().all().all()
    assert tables["surface"].empty


def test_squared_error_begins_at_the_variance_of_the_target():
    y = 7 + 3 * np.random.default_rng(1).normal(size=200)
    tables = fit(data=table_of(200, y=y), **HALVES, initial_scale=1e-6)
    # Training halves of one sample: their mean variance is the sample's to a few per cent.
    assert tables["theory"]["risk"].iloc[0] == pytest.approx(y.var(), rel=0.05)
    begun = tables["risk"].query("step == 0 and split == 'train'")["risk"].mean()
    assert begun == pytest.approx(tables["theory"]["risk"].iloc[0], rel=1e-4)


def test_a_number_of_two_inputs_has_a_surface_in_its_unit():
    frame = table_of(200)
    frame["y"] = 100 + 10 * frame["a"]
    tables = fit(data=frame, **HALVES, epochs=120)
    value = tables["surface"]["value"]
    assert value.between(40, 160).all()
    assert np.corrcoef(tables["surface"]["x1"], value)[0, 1] > 0.9
    assert tables["points"]["value"].between(*frame["y"].agg(["min", "max"])).all()


def test_more_replicates_do_not_change_the_first_ones():
    few, many = (fit(replicates=r)["risk"].query("replicate <= 2 and step == 0") for r in (2, 5))
    # Batched products of other shapes may add in another order, in 32 bits.
    np.testing.assert_allclose(few["risk"].to_numpy(), many["risk"].to_numpy(), rtol=1e-5)


def test_label_noise_raises_the_training_risk_only_at_first():
    clean, noisy = (fit(data="moons", label_noise=n, epochs=100) for n in (0.0, 0.4))
    assert overall(noisy, "train risk") > overall(clean, "train risk") + 0.3
    assert overall(noisy, "test error") < 0.4


def test_a_linear_model_has_one_layer():
    assert set(fit(widths=())["gradients"]["layer"]) == {1}


def test_divergence_is_said_with_its_step_and_everything_else_is_drawn():
    tables = fit(learning_rate=1e9)
    assert (tables["summary"]["diverged_step"] >= 1).all()
    assert overall(tables, "diverged") == 5
    note = " ".join(tables["notes"]["note"])
    assert "5 of 5 replicates diverged, the first at step 1:" in note
    assert "No replicate is left" in note
    begun = tables["risk"].query("step == 0")["risk"]
    later = tables["risk"].query("step > 1")[["risk", "error", "entropy"]]
    assert np.isfinite(begun).all()
    assert later.isna().all().all()
    assert not tables["points"].empty
    assert tables["surface"].empty
    assert tables["checks"]["holds"].all(), "the checks concern what did not diverge"


def test_where_every_replicate_diverged_at_once_only_that_is_said():
    tables = fit(learning_rate=1e10)
    assert panels(tables, Config()) == []
    assert [(f.label, f.value) for f in verdict(tables, Config())] == [("Diverged", "5 of 5")]


def test_a_number_has_its_unit_and_its_variance_on_the_page():
    tables = fit(data="diabetes")
    labels = [f.label for f in verdict(tables, Config())]
    assert labels == ["Test risk, squared units", "Gap, squared units"]
    assert tables["inputs"].empty, "no plane to draw on"
    risk = panels(tables, Config())[0]
    assert "the target's variance = 5,9" in str(risk.chart.to_dict())


def test_the_surface_has_the_names_of_the_data():
    frame = table_of(120, y=["p", "q"] * 60).rename(columns={"a": "length, cm", "b": "mass"})
    tables = fit(data=frame, target="y")
    assert list(tables["inputs"]["name"]) == ["length, cm", "mass"]
    surface = {panel.key: panel for panel in panels(tables, Config())}["surface"]
    cells = surface.chart.to_dict()["layer"][0]["encoding"]
    assert (cells["x"]["title"], cells["y"]["title"]) == ("length, cm", "mass")


def test_a_batch_larger_than_the_sample_is_the_sample():
    large, full = (fit(batch_size=b) for b in (5000, 0))
    pd.testing.assert_frame_equal(large["risk"], full["risk"])
    assert "`batch_size` 5,000 is more than the 90 training rows" in large["notes"]["note"].iloc[0]
    assert full["notes"].empty


def test_partial_tables_are_declared_ones_and_progress_rises(digits):
    assert all(message[0].islower() for _, message, *_ in digits[1])
    fractions = [fraction for fraction, *_ in digits[1]]
    partial = [tables for _, _, *rest in digits[1] for tables in rest if tables]
    assert fractions == sorted(fractions)
    assert any("risk" in tables for tables in partial)
    # One measured position is no curve.
    assert all(tables["risk"]["step"].nunique() > 1 for tables in partial if tables)
    for tables in partial:
        for name, frame in tables.items():
            assert list(frame.columns) == list(TABLES[name].columns)


def test_cancel_passes_through():
    def report(fraction, message, tables=None):
        if fraction > 0.05:
            raise Cancelled

    with pytest.raises(Cancelled):
        run("fit-network", report, epochs=5000)


OPTIONS = {
    "batch norm": {
        "normalization": "batch",
        "residual": True,
        "dropout": 0.1,
        "schedule": "cosine",
        "warmup_epochs": 1,
        "replacement": True,
        "loss": "bernoulli",
        "learning_rate": 0.01,
    },
    "NTK": {
        "parametrization": "ntk",
        "initialization": "sigma",
        "normalization": "layer",
        "optimizer": "momentum",
        "learning_rate": 0.1,
        "schedule": "step",
        "clip": 1,
    },
}


@pytest.mark.parametrize("name", OPTIONS)
def test_each_choice_learns_and_its_checks_hold(name):
    tables = fit(data="moons", **{"widths": (16, 16), "epochs": 12, "replicates": 3, **OPTIONS[name]})
    assert tables["checks"]["holds"].all(), tables["checks"].to_string()
    assert overall(tables, "diverged") == 0
    assert overall(tables, "test error") < 0.2
    assert overall(tables, "test risk") < 0.6 * np.log(2)
    assert len(tables["surface"])


def test_early_stopping_goes_back_to_the_least_validation_risk():
    values = {"data": "breast-cancer", "widths": (64,), "learning_rate": 0.01, "replicates": 3}
    tables = fit(**values, epochs=100, early_stopping=True, patience=8)
    looks = tables["validation"]
    assert list(looks.groupby("replicate")["best"].sum()) == [1, 1, 1]
    best = looks[looks["best"] == 1].set_index("replicate").sort_index()
    assert (best["risk"] == looks.groupby("replicate")["risk"].min()).all()
    last = looks.groupby("replicate")["epoch"].max()
    np.testing.assert_array_equal(last, best["epoch"] + 8)
    assert tables["risk"]["epoch"].max() == last.max() < 100
    # Each network is the one of its best epoch: the curve has that epoch's risk where it was measured.
    risk = tables["risk"].query("split == 'test'").set_index(["replicate", "epoch"])["risk"]
    ends = tables["summary"].set_index("replicate")["test_risk"]
    known = [(r, e) for r, e in best["epoch"].items() if (r, e) in risk.index]
    assert known
    for replicate, epoch in known:
        assert ends[replicate] == pytest.approx(risk[replicate, epoch], rel=1e-6)
    assert "where risk on the validation rows was least" in " ".join(tables["notes"]["note"])


def test_a_class_without_a_training_row_is_said():
    from core.networks.fitted import _missing

    codes = [[0, 1, 0], [0, 1, 2], [1, 1, 0]]
    it = SimpleNamespace(
        known=SimpleNamespace(classes=("p", "q", "r")),
        group=SimpleNamespace(samples=[SimpleNamespace(targets={"train": c}) for c in codes]),
    )
    assert _missing(it) == [
        "In 2 of 3 replicates no training row is of class r: the network learns that there is none."
    ]
    it.group.samples = it.group.samples[1:2]
    assert _missing(it) == []


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"data": table_of(y=["one"] * 60)}, r"`target` must have at least 2 classes; `y` has 1\."),
        (
            {"data": table_of(1000, y=[f"c{i % 500}" for i in range(1000)])},
            r"`target` must have at most 100 classes; `y` has 500\.",
        ),
        (
            {"data": table_of(2, y=["p", "q"])},
            r"`test_share` must leave at least one test row; 0\.25 of 2 rows leaves none\.",
        ),
        (
            {"data": table_of(y=range(60)), "task": "number", "test_share": 0.001},
            r"`test_share` must leave at least one test row; 0\.001 of 60 rows leaves none\.",
        ),
        (
            {"data": table_of(y=np.linspace(-5, 5, 60)), "loss": "poisson"},
            r"`loss` poisson needs a target of whole numbers that are not negative; 59 of 60 are not",
        ),
        (
            {"data": table_of(y=np.linspace(-5, 5, 60)), "loss": "categorical"},
            r"`loss` must be gaussian, .* for a number; it was categorical\.",
        ),
        (
            {"data": table_of(y=np.arange(60) - 5), "task": "number", "loss": "negative-binomial"},
            r"`loss` negative-binomial needs a target of whole numbers that are not negative; 5 of 60",
        ),
        (
            {"data": table_of(y=["p", "q", "r"] * 20), "loss": "bernoulli"},
            r"`loss` bernoulli needs a target of two classes; there are 3\.",
        ),
        (
            {"data": table_of(y=["p", "q"] * 30), "normalization": "batch", "batch_size": 1},
            r"`batch_size` must be 0 or at least 2 with batch normalisation; it was 1\.",
        ),
        (
            {"data": table_of(y=["p", "q"] * 30), "early_stopping": True, "validation_share": 0.001},
            r"`validation_share` must leave at least one validation row and two training",
        ),
        ({"data": table_of(y=["p", "q"] * 30), "widths": (8,) * 200}, r"`widths` must .*12"),
        (
            {"data": table_of(y=["p", "q"] * 30), "widths": (64, 0)},
            r"`widths` must be .*from 1 to 2,048",
        ),
        (
            {"data": table_of(y=["p", "q"] * 30), "widths": (10**6,)},
            r"`widths` must be .*from 1 to 2,048",
        ),
        (
            {"data": table_of(y=["p", "q"] * 30), "widths": (2048,) * 12, "replicates": 50},
            r"`replicates` must be so few that training fits into 3 GB; 50 networks of",
        ),
    ],
    ids=lambda v: None if isinstance(v, dict) else v[:40],
)
def test_unusable_input_is_refused_in_one_sentence(values, message):
    with pytest.raises(InputError, match=message):
        fit(**{"target": "y", **values})
