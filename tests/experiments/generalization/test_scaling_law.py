"""Scaling laws: the predicted curve, exponents and random features, and the one-dimensional failure."""

import numpy as np
import pytest

from core.experiment import silent
from core.experiments.generalization.scaling_law import Config, run
from core.linear import machines, power_laws
from core.networks import teachers
from dashboard.views.generalization.scaling_law import panels

SMALL = {"samples": 100, "replicates": 40}


def checks(**values):
    return run(Config(**SMALL, **values), silent)["checks"].set_index("prediction")


@pytest.mark.parametrize(
    "values",
    [{"penalty": "optimal", "noise": 0.3}, {"inputs": "parities", "penalty": "fixed", "noise": 0.3}],
    ids=str,
)
def test_theory_holds(values):
    found = checks(**values)
    assert found["holds"].all(), found.to_string()
    assert found.index.str.contains("training risk").any()


def test_noise_without_a_penalty_ends_the_fall_at_its_plateau():
    risks = [
        power_laws.kernel(n, power_laws.spectrum(20_000, 2.5, 1.0, 1.0), 0.0).test for n in (25, 400)
    ]
    assert risks[1] == pytest.approx(2.5 - 1, rel=1e-3)
    assert risks[0] == pytest.approx(2.5 - 1, rel=0.05)
    assert power_laws.exponent(2.5, 1.0, 1.0, "none") == 0


@pytest.mark.parametrize(("noise", "penalty"), [(0.0, "none"), (0.2, "optimal")])
def test_predicted_curve_approaches_its_exponent(noise, penalty):
    limit = power_laws.exponent(2.0, 0.4, noise, penalty)
    of, slopes = power_laws.spectrum(200_000, 2.0, 0.4, noise**2), []
    for n in (20, 1000):
        sizes = np.array([n, 2 * n])
        best = [power_laws.best_penalty(m, of) if penalty == "optimal" else 0.0 for m in sizes]
        risks = [power_laws.kernel(int(m), of, d).test for m, d in zip(sizes, best, strict=True)]
        slopes.append(machines.slope(sizes, np.array([risks])).exponent)
    assert abs(slopes[1] - limit) < abs(slopes[0] - limit)
    assert slopes[1] == pytest.approx(limit, rel=0.03)


FEW = {"machine": "network", "examples": 320, "trainings": 6, "steps": 500}


def test_a_student_like_its_teacher_has_one_part_of_noise_for_each_parameter():
    found = run(Config(**FEW), silent)
    assert found["checks"]["holds"].all(), found["checks"].to_string()
    assert found["theory"].query("samples == 320")["risk"].tolist() == pytest.approx(
        [0.09 * 13 / 320, 0.09 * (1 - 13 / 320)]
    )
    wide = found["width"].query("machine == 'network'").set_index("features")["risk"]
    random = found["width"].query("machine == 'random features'").set_index("features")["risk"]
    assert wide.idxmin() == 2
    assert random[2] > 10 * wide[2]
    assert [p.key for p in panels(found, Config(**FEW))] == ["curve", "exponents", "width"]


def test_a_student_finds_a_teacher_without_noise():
    rng = np.random.default_rng(0)
    of, x = teachers.teacher(rng), rng.standard_normal((3, 300, teachers.INPUTS))
    truth = x[0], of(x[0])
    found = teachers.students(
        x, of(x), 300, (2,), [rng] * 3, truth, starts=3, steps=500, tick=lambda: None
    )
    # Rounding of 32 bits and the last steps of the training are what is left of a variance of 1.
    assert np.median(found.test) < 1e-3
    assert np.median(found.train) < 1e-3
