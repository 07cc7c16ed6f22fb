"""What every experiment keeps, whatever it asks: the contract of core/experiment.py."""

import importlib
import io
import json
import multiprocessing
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from functools import cache
from types import ModuleType

import pandas as pd
import pytest
from pydantic import ValidationError

from core import cli, run
from core.catalog import experiments
from core.experiment import CHECKS, InputError, bounds, choices, hints, is_tuple
from core.runs import export
from core.runs.request import flags, item, request
from core.runs.store import Store
from tests.conftest import PAGES

NAMES = list(experiments())
BREAKS = [(name, label) for name, e in experiments().items() for label in e.breaks]
KINDS = {"identity", "exact", "asymptotic", "bound", "empirical_law"}


@cache
def default(name):
    """The default run of an experiment: carried out here, and kept for the browser's server, unless a
    worker of that server was first."""
    asked, store = request(name, {}), Store(f"sqlite:///{PAGES}")
    if store.find(asked.id) is None:
        store.put(asked, run(name), 1.0, {})
    return store.tables(asked.id)


def extremes(name):
    """Each field at each end of its range (of choices, the first and the last), the others at their
    defaults."""
    for field, info in experiments()[name].config.model_fields.items():
        options = choices(info)
        if options:
            for option in (options[0], options[-1]):
                yield field, (option,) if is_tuple(info) else option
        elif info.annotation is bool:
            yield field, not info.get_default()
        elif not is_tuple(info) and info.annotation in (int, float):
            kind, limits = item(info)
            yield from ((field, kind(limits[end])) for end in ("ge", "le") if end in limits)


@pytest.mark.parametrize("name", NAMES)
def test_module_declares_a_question_and_documented_fields(name):
    experiment = experiments()[name]
    assert experiment.question.endswith("?")
    assert experiment.version >= 1
    assert "seed" in experiment.config.model_fields
    assert experiment.breaks, "every experiment can break an assumption of its theory"
    for field, info in experiment.config.model_fields.items():
        assert info.description, field
        assert field not in {"run", "token", "csv", "json", "strict", "over", "name", "table"}, field
        if item(info)[0] in (int, float):
            assert {"ge", "gt"} & set(item(info)[1]), f"{field} has no lower bound"
            assert {"le", "lt"} & set(item(info)[1]), f"{field} has no upper bound"
    assert dict(experiment.tables["checks"].columns) == dict(CHECKS.columns)


@pytest.mark.parametrize("name", NAMES)
def test_config_is_frozen_and_knows_its_fields(name):
    config = experiments()[name].config()
    with pytest.raises(ValidationError):
        config.seed = 1
    with pytest.raises(InputError, match=r"`sed` is not a field of .*; did you mean `seed`\?"):
        request(name, {"sed": 1})


@pytest.mark.parametrize("name", NAMES)
def test_each_bound_is_kept_in_one_sentence(name):
    for field, info in experiments()[name].config.model_fields.items():
        limits = bounds(info)
        if info.annotation in (int, float) and "le" in limits:
            with pytest.raises(InputError, match=rf"^`{field}` must be .*; it was .*\.$"):
                request(name, {field: limits["le"] * 2 + 1})
        if choices(info):
            with pytest.raises(InputError, match=rf"^`{field}` must be .*one of .*; it was nonsense\.$"):
                request(name, {field: "nonsense"})


@pytest.mark.parametrize("name", NAMES)
def test_text_reads_back_as_the_same_config(name):
    for field, value in extremes(name):
        try:
            asked = request(name, {field: value})
        except InputError:
            continue  # a rule over several fields
        assert request(name, dict(flags(asked))) == asked
        assert request(name, dict(flags(asked))).id == asked.id


@pytest.mark.parametrize("name", NAMES)
def test_run_gives_exactly_the_declared_tables(name):
    declared = experiments()[name].tables
    assert list(default(name)) == list(declared)
    for table, frame in default(name).items():
        assert list(frame.columns) == list(declared[table].columns), table
        assert declared[table].description
        assert all(declared[table].columns.values()), table


@pytest.mark.parametrize("name", NAMES)
def test_checks_of_the_default_run_hold(name):
    checks = default(name)["checks"]
    assert len(checks)
    assert set(checks["kind"]) <= KINDS
    assert checks["source"].str.len().min() > 0
    failed = checks[~checks["holds"].astype(bool)]
    assert failed.empty, failed.to_string()


@pytest.mark.parametrize(("name", "label"), BREAKS)
def test_broken_assumption_turns_a_check_red(name, label):
    checks = run(name, **experiments()[name].breaks[label])["checks"]
    assert not checks["holds"].all()


@pytest.fixture(scope="session")
def another_process():
    """A process that has carried out nothing of this one's."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        # The new process runs the main module again, and Streamlit's harness puts a script there.
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(sys.modules, "__main__", ModuleType("__main__"))
            pool.submit(int).result()
        yield pool


def command(*arguments):
    """What the command prints."""
    with redirect_stdout(io.StringIO()) as printed:
        assert cli.main(arguments) == 0
    return printed.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_same_config_gives_the_same_tables_in_another_process(name, another_process, tmp_path):
    """Python, the command line and its CSV give the same numbers, to the last digit."""
    folder = tmp_path / "csv"
    made = another_process.submit(command, "run", name, "--json", "--csv", str(folder))
    default(name)  # meanwhile
    printed = json.loads(made.result())
    assert printed["experiment"] == name
    assert printed["id"] == request(name, {}).id
    for table, frame in default(name).items():
        assert (folder / f"{table}.csv").read_bytes() == export.csv(frame), table
        assert len(printed["tables"][table]) == len(frame)
        numbers = frame.select_dtypes("number")
        back = pd.DataFrame(printed["tables"][table], columns=frame.columns)[numbers.columns]
        pd.testing.assert_frame_equal(
            back.astype(numbers.dtypes), numbers, check_exact=True, check_index_type=False
        )


@pytest.mark.parametrize("name", NAMES)
def test_csv_reads_back_with_every_digit(name, tmp_path):
    for table, frame in default(name).items():
        path = tmp_path / f"{table}.csv"
        path.write_bytes(export.csv(frame))
        back = pd.read_csv(path)
        for column in frame.select_dtypes("number"):
            pd.testing.assert_series_equal(
                back[column].astype(float), frame[column].astype(float), check_exact=True
            )


@pytest.mark.parametrize("name", NAMES)
def test_config_can_be_explained(name):
    experiment = experiments()[name]
    described = export.describe(experiment)
    assert set(described) == {"name", "chapter", "question", "fields"}
    assert json.dumps(described)
    for field in described["fields"]:
        assert hints(experiment.config, field).label


@pytest.mark.parametrize("name", NAMES)
def test_view_stands_beside_its_experiment(name):
    experiment = experiments()[name]
    path = f"dashboard.views.{experiment.chapter}.{name}".replace("-", "_")
    view = importlib.import_module(path)
    assert view.WHY.strip()
    assert view.panels({}, experiment.config()) == []
    assert isinstance(view.verdict({}, experiment.config()), list)


def test_core_is_free_of_pages():
    """Importing all of core imports neither Streamlit nor Altair."""
    code = (
        "import sys, core.catalog as c; c.experiments(); import core.cli, core.runs.engine;"
        "assert not {'streamlit', 'altair'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
