"""From what a person gave to a run: one sentence for what is wrong, one id for what is the same."""

from typing import Annotated, Literal

import pytest
from pydantic import Field

from core.catalog import Experiment
from core.experiment import CHECKS, Config, InputError, field
from core.runs.request import Request, configure, flags, request


class Example(Config):
    rate: float = field(0.1, "A rate.", gt=0, le=10)
    depth: int = field(2, "A depth.", ge=1, le=1_000_000)
    widths: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = field((64, 64), "Widths.", max_length=8)
    shape: Literal["round", "square"] = field("round", "A shape.")
    shapes: tuple[Literal["round", "square"], ...] = field(("round",), "Shapes.", min_length=1)
    loud: bool = field(False, "Whether it is loud.")
    name: str = field("", "A name.", max_length=5)


EXAMPLE = Experiment("example", "chapter", "Why?", 1, Example, {"checks": CHECKS}, {}, lambda c, r: {})


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"rate": "0"}, "`rate` must be a number above 0 and at most 10; it was 0."),
        ({"rate": "fast"}, "`rate` must be a number above 0 and at most 10; it was fast."),
        ({"rate": float("nan")}, "`rate` must be a number above 0 and at most 10; it was nan."),
        ({"depth": "1.5"}, "`depth` must be a whole number from 1 to 1,000,000; it was 1.5."),
        ({"shape": "oval"}, "`shape` must be one of round, square; it was oval."),
        (
            {"widths": "64,0"},
            "`widths` must be 0 to 8 values separated by commas, each a whole number from 1 to 4,096; "
            "it was 64,0.",
        ),
        (
            {"shapes": ""},
            "`shapes` must be at least one value separated by commas, each one of round, square; "
            "it was empty.",
        ),
        ({"loud": "perhaps"}, "`loud` must be true or false; it was perhaps."),
        ({"name": "Gargantua"}, "`name` must be text of at most 5 characters; it was Gargantua."),
        ({"rte": 1}, "`rte` is not a field of example; did you mean `rate`?"),
        (
            {"zzz": 1},
            "`zzz` is not a field of example; its fields are "
            "seed, rate, depth, widths, shape, shapes, loud, name.",
        ),
    ],
    ids=lambda v: next(iter(v)) if isinstance(v, dict) else "",
)
def test_what_is_wrong_is_said_in_one_sentence(values, sentence):
    with pytest.raises(InputError) as caught:
        configure(EXAMPLE, values)
    assert str(caught.value) == sentence


def test_unknown_experiment_lists_those_there_are():
    with pytest.raises(InputError, match=r"^`nope` is not an experiment; there are .*double-descent"):
        request("nope", {})


def test_text_and_values_make_the_same_config():
    text = {"rate": "0.5", "widths": "8, 4", "shapes": "square,round", "loud": "true", "depth": "3"}
    values = {"rate": 0.5, "widths": (8, 4), "shapes": ("square", "round"), "loud": True, "depth": 3}
    assert configure(EXAMPLE, text) == configure(EXAMPLE, values)


def test_no_widths_at_all_survive_the_way_through_text():
    asked = Request(EXAMPLE, configure(EXAMPLE, {"widths": ()}))
    assert flags(asked) == [("widths", "")]
    assert configure(EXAMPLE, dict(flags(asked))) == asked.config


def test_id_is_of_the_content():
    default = Request(EXAMPLE, Example())
    assert default.id == Request(EXAMPLE, configure(EXAMPLE, {"rate": "0.1"})).id
    assert default.id != Request(EXAMPLE, configure(EXAMPLE, {"seed": 1})).id
    newer = Experiment("example", "chapter", "Why?", 2, Example, {}, {}, lambda c, r: {})
    assert default.id != Request(newer, Example()).id
