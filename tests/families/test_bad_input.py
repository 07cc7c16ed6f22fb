"""What a fit refuses, each in one sentence."""

from typing import Any

import numpy as np
import pytest

from core.experiment import InputError
from core.families import fit

GOOD = np.array([1.0, 2.0, 3.0, 5.0])
NAN = np.nan


@pytest.mark.parametrize(
    ("sample", "family", "options", "message"),
    [
        ([], "normal", {}, "`sample` must hold at least one value, not none"),
        ([3.0, 3.0, 3.0], "normal", {}, "at least two distinct values, not only 3"),
        (["a", "b"], "normal", {}, "`sample` must hold numbers, not 'a'"),
        (["1", "2"], "normal", {}, "`sample` must hold numbers, not '1'"),
        ([1.0, "b"], "normal", {}, "`sample` must hold numbers"),
        ([1.0, NAN, np.inf], "normal", {}, "2 of 3 values are missing or infinite"),
        ([[1.0, 2.0]], "normal", {}, "one column of values, not an array of 2 dimensions"),
        (
            [1.0, -2.0, 0.0],
            "gamma",
            {},
            r"values above 0 for gamma, not -2 \(2 of 3 values lie outside\)",
        ),
        ([0.0, 1.0], "lognormal", {}, "values above 0 for lognormal, not 0"),
        ([0.5, 1.5], "beta", {}, "between 0 and 1, both excluded for beta, not 1.5"),
        ([0.5, 1.0], "poisson", {}, "whole numbers of 0 or more for poisson, not 0.5"),
        (
            [1.0, 2.0],
            "student-t",
            {},
            "at least 3 values, as many as student-t has free parameters, not 2",
        ),
        (GOOD, "weibul", {}, "`family` must name a known family, not 'weibul'; did you mean weibull"),
        (GOOD, "qqqq", {}, "not 'qqqq'; there are asymmetric-laplace"),
        (GOOD, "gamma", {"fixed": {"shap": 1}}, "parameters of gamma, not 'shap'; did you mean shape"),
        (GOOD, "gamma", {"fixed": {"q": 1}}, "parameters of gamma, not 'q'; it has shape, scale"),
        (GOOD, "gamma", {"fixed": {"shape": -1}}, "`fixed` must hold shape of gamma above 0, not at -1"),
        (GOOD, "uniform", {"fixed": {"min": 2}}, "`fixed` leaves uniform without a finite likelihood"),
        (GOOD, "gamma", {"weights": [1, 1]}, "`weights` must be as many as the values, 4, not 2"),
        (GOOD, "gamma", {"weights": [1, -1, 1, 1]}, "`weights` must be 0 or more and finite, not -1"),
        (GOOD, "gamma", {"weights": [0, 0, 0, 0]}, "`weights` must not all be 0, but all 4 are"),
        (GOOD, "gamma", {"weights": [1, 0, 0, 0]}, "at least two distinct values, not only 1"),
        ((GOOD, GOOD[:2]), "normal", {}, "as many left as right bounds, not 4 and 2"),
        (([2.0, 1.0], [1.0, 3.0]), "normal", {}, "left bounds at or below right ones, not 2 and 1"),
        (([NAN, 1.0], [NAN, 2.0]), "normal", {}, "a bound for every value, but 1 have neither"),
        (([1.0, 2.0], [NAN, NAN]), "normal", {}, "all 2 values are open there"),
        (
            ([1.0, 2.0], [1.0, np.inf]),
            "normal",
            {},
            r"an open bound as missing \(NaN\), not as infinite",
        ),
        (([1.0, 2.5], [1.0, NAN]), "poisson", {}, "whole numbers of 0 or more for poisson, not 2.5"),
        (
            ([1.0, 2.0], [1.0, NAN]),
            "uniform",
            {},
            "censored, which is not supported for uniform: an end",
        ),
        (GOOD, "pareto1", {"truncated": (0.5, 6)}, "truncated, which is not supported for pareto1"),
        (GOOD, "gamma", {"truncated": (2, 4)}, r"between its points, 2 and 4, not 1 \(2 of 4 lie outs"),
        (GOOD, "gamma", {"truncated": (4, 2)}, "lower point below the upper one, not 4 and 2"),
        (GOOD, "gamma", {"truncated": 2}, "`truncated` must be two numbers"),
        (
            ([1.0, 2.0, 3.0], [1.0, 2.0, NAN]),
            "gamma",
            {"method": "qme:0.2,0.9"},
            "quantile at 0.9 lies where values are known by bounds only",
        ),
        (([1.0, 3.0], [2.0, 4.0]), "gamma", {"method": "mps"}, "no value is known exactly"),
        ([1e300, 1e-300, 3.0], "gamma", {}, r"of sizes from 1e-300 to 1e\+300, too far apart"),
    ],
)
def test_refused(sample: Any, family: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        fit(sample, family, **options)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith((".", "?"))


@pytest.mark.parametrize("family", ["normal", "gamma", "exponential"])
@pytest.mark.parametrize("sample", [[1.0, 2.0], [3.0, 3.0, 3.0, 4.0], [1e300, 2e300, 4e300]])
def test_few_and_huge_values_are_fitted_without_a_warning(sample: list[float], family: str) -> None:
    made = fit(sample, family)
    assert np.isfinite([*made.parameters.values(), made.log_likelihood]).all()
    assert not np.isinf(list(made.standard_errors.values())).any()
