"""Numbers as they are written for readers."""

import math

import pytest

from dashboard.shell.charts import number, pair

ALONE = {
    "thousands": (15_730.2, "15,700"),
    "below a thousand": (2.3456, "2.35"),
    "negative": (-5_950.4, "-5,950"),
    "rounded up to a million": (999_999.0, "1e+06"),
    "small": (0.000123, "0.000123"),
    "tiny": (0.0000123, "1.23e-05"),
    "zero": (0.0, "0"),
    "missing": (math.nan, "undefined"),
}
WITH_ERROR = {
    "two digits of the error": (2.30319, 0.00023, "2.30319 ± 0.00023"),
    "whole tens": (15_732.1, 123.0, "15,730 ± 120"),
    "an error that rounds to another power": (0.1, 0.0996, "0.10 ± 0.10"),
    "one power for both": (1.5e-7, 2e-9, "(1.500 ± 0.020)e-07"),
    "no usable error": (5.0, math.inf, "5"),
}


@pytest.mark.parametrize("case", ALONE)
def test_a_number_alone_has_three_digits(case: str) -> None:
    value, text = ALONE[case]
    assert number(value) == text


@pytest.mark.parametrize("case", WITH_ERROR)
def test_a_number_is_as_precise_as_its_error(case: str) -> None:
    value, error, text = WITH_ERROR[case]
    assert number(value, error) == text


def test_a_prediction_has_the_decimals_of_the_measurement() -> None:
    assert pair(2.3025, 2.30319, 0.00023) == ("2.30250", "2.30319 ± 0.00023")
    assert pair(1.0, 15_732.1, 1_234.0) == ("0", "15,700 ± 1,200")
    assert pair(2.3, 2.4, math.nan) == ("2.3", "2.4")
    assert pair(math.inf, 2.0, 0.1) == ("inf", "2.00 ± 0.10")
