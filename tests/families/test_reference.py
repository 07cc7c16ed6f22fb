"""Published and certified fits, recomputed: `../shared/reference`, where it is there."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.families import fit
from core.families.result import Fit

REFERENCE = Path(__file__).parents[3] / "shared" / "reference"
# Reference family -> (ours, parameters held). `_rate` families have scale = 1 / rate.
OURS: dict[str, tuple[str, dict[str, float]]] = {
    "gamma_rate_only_shape4": ("gamma", {"shape": 4.0}),
    "t_ls_df9": ("student-t", {"df": 9.0}),
    "gamma_rate": ("gamma", {}),
    "gamma_scale": ("gamma", {}),
    "t_ls": ("student-t", {}),
    "exponential_rate": ("exponential", {}),
    "weibull3": ("weibull+location", {}),
    "nct": ("noncentral-t", {"location": 0.0, "scale": 1.0}),
    **{
        name: (name, {})
        for name in (
            "weibull",
            "poisson",
            "normal",
            "logistic",
            "lognormal",
            "loglogistic",
            "pareto2",
            "beta",
            "cauchy",
            "gev",
        )
    },
}


def known(kind: str) -> list[dict[str, Any]]:
    if not REFERENCE.exists():
        return []
    found = json.loads((REFERENCE / "expected.json").read_text())
    return [e for e in found if e["kind"] == kind and e["status"] == "ok"]


def entries() -> list[dict[str, Any]]:
    return [e for e in known("fit") if e["family"] in OURS]


def sample(entry: dict[str, Any]) -> Any:
    frame = pd.read_csv(REFERENCE / "data" / entry["csv"])
    if entry.get("filter"):
        frame = frame.query(entry["filter"])
    change = np.log10 if entry.get("transform") == "log10" else np.asarray
    if entry.get("censored"):
        return tuple(change(frame[side].to_numpy(float)) for side in ("left", "right"))
    return change(frame[entry["column"]].to_numpy(float))


def natural(parameters: dict[str, float], names: list[str]) -> dict[str, float]:
    """Our estimates under the reference's names."""
    location, scale = parameters.get("location"), parameters.get("scale")
    ours = {**parameters, "m": location, "loc": location, "s": scale, "ncp": parameters.get("nc")}
    if scale:
        ours["rate"] = 1 / parameters["scale"]
    return {name: ours[name] for name in names}


@cache
def fitted(name: str) -> Fit:
    """Our fit of the entry with this id."""
    (entry,) = (e for e in entries() if e["id"] == name)
    family, fixed = OURS[entry["family"]]
    return fit(sample(entry), family, entry["method"], fixed=fixed)


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference results are not on this machine")
@pytest.mark.parametrize("entry", entries(), ids=lambda e: e["id"])
def test_reference(entry: dict[str, Any]) -> None:
    made = fitted(entry["id"])
    verified, rtol = entry["verified"], entry["suggested_rtol"]

    assert made.log_likelihood == pytest.approx(verified["own_loglik"], rel=1e-6)
    assert made.aic == pytest.approx(verified["own_aic"], rel=1e-6)
    assert made.bic == pytest.approx(verified["own_bic"], rel=1e-6)
    # At a maximum the log-likelihood is flat: its 1e-6 leaves the estimates about 1e-3 of a
    # standard error, and independent optimisers agree no better than that.
    ours = natural(made.parameters, list(verified["own_optimum"]))
    for name, value in verified["own_optimum"].items():
        assert ours[name] == pytest.approx(value, rel=1e-5), name

    published = entry["published"]
    for name, value in published.get("params", {}).items():
        # A printed figure is no closer than half a unit of its last digit.
        half = 0.5 * 10.0 ** -len(repr(value).partition(".")[2])
        assert ours[name] == pytest.approx(value, rel=rtol[f"param:{name}"], abs=half), name
    if "loglik" in published:
        assert made.log_likelihood == pytest.approx(published["loglik"], rel=rtol["loglik"])
    for name in ("ks", "cvm", "ad"):
        if name in published:
            assert made.statistics[name] == pytest.approx(published[name], rel=rtol[name]), name
        if name in verified.get("gof_at_own", {}):
            assert made.statistics[name] == pytest.approx(verified["gof_at_own"][name], rel=1e-5)


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference results are not on this machine")
@pytest.mark.parametrize("entry", entries(), ids=lambda e: e["id"])
def test_standard_errors(entry: dict[str, Any]) -> None:
    """Against numerical second differences of the reference, good to about 1e-3."""
    made = fitted(entry["id"])
    for name, value in entry["verified"].get("own_se", {}).items():
        if name == "rate":  # delta method: se(1/s) = se(s) / s²
            ours = made.standard_errors["scale"] / made.parameters["scale"] ** 2
        else:
            ours = natural(
                made.standard_errors | {"scale": made.standard_errors.get("scale", 1.0)}, [name]
            )[name]
        assert ours == pytest.approx(value, rel=1e-3), name


@pytest.mark.parametrize("entry", known("gengamma_prentice"), ids=lambda e: e["id"])
def test_generalised_gamma(entry: dict[str, Any]) -> None:
    made, own = fit(sample(entry), "generalised-gamma"), entry["verified"]["own_optimum"]
    assert made.log_likelihood == pytest.approx(entry["verified"]["own_loglik"], rel=1e-9)
    ours = made.parameters | {"lambda": made.parameters["q"]}
    for name, value in own.items():
        assert ours[name] == pytest.approx(value, rel=1e-5), name


@pytest.mark.parametrize("entry", known("weighted_mme"), ids=lambda e: e["id"])
def test_weighted_moments(entry: dict[str, Any]) -> None:
    """The reference divides the sum of squares by the sum of weights less 1."""
    weights = np.repeat([1.0, 10.0], 50)
    made = fit(sample(entry), "normal", "mme", weights=weights)
    own = entry["verified"]["own"]
    assert made.parameters["mean"] == pytest.approx(own["mean"], rel=1e-10)
    assert made.parameters["sd"] * np.sqrt(550 / 549) == pytest.approx(own["sd"], rel=1e-10)


@pytest.mark.parametrize("entry", known("bic_weights"), ids=lambda e: e["id"])
def test_weights_by_bic(entry: dict[str, Any]) -> None:
    ours = {"birnbaum_saunders": "birnbaum-saunders", "weibull3": "weibull+location"}
    own = entry["verified"]["own"]
    bic = np.array([fit(sample(entry), ours.get(name, name)).bic for name in own])
    shares = np.exp(-(bic - bic.min()) / 2)
    np.testing.assert_allclose(shares / shares.sum(), list(own.values()), rtol=1e-4)
