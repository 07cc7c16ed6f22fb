"""A trained network as a file: the lines that are documented evaluate it with NumPy alone."""

import io

import numpy as np
import pandas as pd
import pytest

from core import run
from core.datasets.bundled import table
from core.experiment import InputError
from core.networks.activations import ACTIVATIONS
from core.networks.export import arrays, npz, snippet, tables
from core.networks.initialization import initialize
from core.networks.likelihoods import LIKELIHOODS
from core.networks.passes import outputs
from core.networks.program import Program

# As in tests/runs/test_export.py: the same compiled programs.
SHORT = {"epochs": 2, "widths": (8,), "replicates": 3}


def evaluated(made, inputs, folder):
    """What the snippet gives for `inputs`."""
    (folder / "network.npz").write_bytes(npz(made))
    code = snippet(made, str(folder / "network.npz"))
    assert "core" not in code
    found = {"inputs": inputs}
    exec(code, found)
    return found["predicted"]


@pytest.fixture(scope="module")
def iris():
    return run("fit-network", data="iris", **SHORT)


def test_the_snippet_gives_the_predicted_probabilities(iris, tmp_path):
    known = iris["predictions"]
    inputs = table("iris").drop(columns="target").to_numpy()[known["row"] - 1]
    probabilities = evaluated(iris, inputs, tmp_path)
    expected = iris["probabilities"]["probability"].to_numpy().reshape(len(known), 3)
    # The network computed in 32 bits.
    np.testing.assert_allclose(probabilities, expected, atol=3e-6)
    classes = arrays(iris)["classes"]
    assert list(classes[probabilities.argmax(axis=1)]) == list(known["predicted"])


def of(sizes, likelihood, activation="relu", normalization="none", residual=False):
    """A network as its initial weights leave it, and the tables that hold it; its inputs have mean 2
    and deviation 3 and its target 5 and 7."""
    net = initialize(np.random.default_rng(0), sizes, "sigma", sigma_b=1.0, normalization=normalization)
    made = tables(
        net,
        inputs=(np.full(sizes[0], 2.0), np.full(sizes[0], 3.0)),
        target=(5.0, 7.0),
        known={
            "activation": activation,
            "likelihood": likelihood,
            "residual": "yes" if residual else "no",
        },
        features=[f"x{i}" for i in range(sizes[0])],
        classes=None,
    )
    return net, made


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("normalization", ["none", "layer"])
def test_the_snippet_evaluates_every_activation_with_and_without_layer_norm(
    activation, normalization, tmp_path
):
    residual = normalization == "layer"
    net, made = of((4, 7, 7, 3), "categorical", activation, normalization, residual)
    program = Program(activation, "categorical", "sgd", normalization=normalization, residual=residual)
    inputs = np.random.default_rng(1).normal(2, 3, (20, 4))
    expected = LIKELIHOODS["categorical"].predict(outputs(program, net, (inputs - 2) / 3))
    np.testing.assert_allclose(evaluated(made, inputs, tmp_path), expected, atol=3e-6)


@pytest.mark.parametrize("likelihood", ["gaussian", "laplace", "poisson", "negative-binomial"])
def test_the_snippet_gives_numbers_in_the_unit_of_the_target(likelihood, tmp_path):
    columns = LIKELIHOODS[likelihood].outputs or 1
    net, made = of((4, 7, columns), likelihood)
    inputs = np.random.default_rng(1).normal(2, 3, (20, 4))
    found = outputs(Program("relu", likelihood, "sgd"), net, (inputs - 2) / 3)
    expected = 5 + 7 * np.asarray(LIKELIHOODS[likelihood].predict(found))[:, 0]
    np.testing.assert_allclose(evaluated(made, inputs, tmp_path), expected, rtol=1e-5)


def test_the_file_survives_a_csv_and_is_the_same_each_time(iris):
    again = {
        name: pd.read_csv(io.StringIO(frame.to_csv(index=False)))
        for name, frame in iris.items()
        if name in ("parameters", "network")
    }
    assert npz(again) == npz(iris)
    net = arrays(iris)
    assert net["weight1"].shape == (4, 8)
    assert list(net["features"]) == list(table("iris").columns[:-1])


def test_a_network_that_is_too_large_has_no_parameters():
    made = of((2, 400, 400, 2), "categorical")[1]
    assert made["parameters"].empty
    with pytest.raises(
        InputError, match=r"`widths` must give a network that .* at most 100,000 numbers"
    ):
        npz(made)
