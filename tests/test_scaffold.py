"""`ermine new` in a copy of the tree: what it writes runs, and keeps the contract as it stands."""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from core.experiment import InputError
from core.scaffold import scaffold

ROOT = Path(__file__).resolve().parents[1]
TREE = ("core", "dashboard", "tests", ".streamlit", "pyproject.toml")
NEW = ("my-question", "generalization"), ("other-question", "a-new-chapter")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the tree with two new experiments, one of them in a new chapter."""
    copy = tmp_path_factory.mktemp("scaffold") / "checkout"
    copy.mkdir()
    for name in TREE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, copy / name)
    # The other experiments are not needed by a new one, and the contract would run them too.
    for path in (copy / "core" / "experiments").glob("*/[a-z]*.py"):
        path.unlink()
    for name, chapter in NEW:
        done = there(copy, "core.cli", "new", name, "--chapter", chapter)
        assert (done.returncode, done.stderr) == (0, "")
        folder, module = chapter.replace("-", "_"), name.replace("-", "_")
        assert [str(Path(line).relative_to(copy)) for line in done.stdout.splitlines()] == [
            f"core/experiments/{folder}/{module}.py",
            f"dashboard/views/{folder}/{module}.py",
            f"tests/experiments/{folder}/test_{module}.py",
        ]
    return copy


def there(copy, *module):
    """Runs a module of Python in the copy, with the copy's own `core`."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(copy),
        # tests/conftest.py begins a database of this name anew: not the one that is in use here.
        "PYTEST_XDIST_WORKER": "scaffold",
    }
    return subprocess.run(
        [sys.executable, "-m", *module], cwd=copy, env=environment, capture_output=True, text=True
    )


def assert_done(done):
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def test_new_experiments_pass_their_own_tests_the_contract_and_the_page_tests(checkout):
    done = there(
        checkout,
        *("pytest", "-p", "no:cacheprovider"),
        *("tests/experiments/generalization/test_my_question.py", "tests/experiments/a_new_chapter"),
        *("tests/test_contract.py", "tests/test_pages.py"),
        # The page of the default run starts workers; that test does the same for every experiment.
        *("-k", "(my_question or my-question or other_question) and not page_of_the_default_run"),
    )
    assert_done(done)
    passed = int(done.stdout.rpartition(" passed")[0].rpartition("\n")[2].split()[-1].lstrip(","))
    # Own tests of both, and of one every test of the contract and an end of each field's page.
    assert passed >= 2 * 3 + 10 + 6, done.stdout


def test_new_experiments_are_listed_in_their_chapters(checkout):
    done = there(checkout, "core.cli", "list")
    assert_done(done)
    assert done.stdout.startswith("A new chapter\n  other-question ")
    assert "Generalization\n  my-question " in done.stdout
    assert done.stdout.count("Does the mean of n draws have variance sigma^2 / n?\n") == 2
    initial = checkout / "core" / "experiments" / "a_new_chapter" / "__init__.py"
    assert initial.read_text().startswith('"""A new chapter: ')


def test_new_files_are_formatted_linted_and_typed(checkout):
    found = [path for path in checkout.rglob("*_question.py") if path.is_file()]
    assert len(found) == 6
    files = [str(path.relative_to(checkout)) for path in found]
    assert_done(there(checkout, "ruff", "format", "--check", "--no-cache", "core", "dashboard", *files))
    assert_done(there(checkout, "ruff", "check", "--no-cache", *files))
    # What mypy knows of the libraries already saves it half a minute.
    if (ROOT / ".mypy_cache").is_dir():
        with suppress(shutil.Error):  # another mypy at work there
            shutil.copytree(ROOT / ".mypy_cache", checkout / ".mypy_cache", dirs_exist_ok=True)
    typed = [name for name in files if name.startswith("core")]
    assert_done(there(checkout, "mypy", *typed))


def test_an_existing_name_is_refused(checkout):
    done = there(checkout, "core.cli", "new", "my-question", "--chapter", "generalization")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "ermine: `NAME` must be new; core/experiments/generalization/my_question.py is there already.\n"
    )


@pytest.mark.parametrize(
    ("name", "chapter", "match"),
    [
        (
            "My Question",
            "training",
            r"^`NAME` must be lower-case words joined by hyphens.*My Question\.$",
        ),
        ("my_question", "training", r"^`NAME` must be .*; it was my_question\.$"),
        ("../up", "training", r"^`NAME` must be .*; it was \.\./up\.$"),
        ("2nd-question", "training", r"^`NAME` must be .*; it was 2nd-question\.$"),
        ("for", "training", r"^`NAME` must be .*; it was for\.$"),
        ("my-question", "Training", r"^`--chapter` must be .*; it was Training\.$"),
        ("my-question", "class", r"^`--chapter` must be .*; it was class\.$"),
        ("my-question", "training", r"^`ermine new` must be run in a checkout of Ermine; .* is none\.$"),
    ],
    ids=lambda value: value if len(value) < 20 else "",
)
def test_refused(tmp_path, name, chapter, match):
    with pytest.raises(InputError, match=match):
        scaffold(name, chapter, tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_same_name_in_another_chapter_is_refused(tmp_path):
    """Names are of the whole project: a page, a command and a link know no chapter."""
    (tmp_path / "core" / "experiments" / "training").mkdir(parents=True)
    scaffold("my-question", "training", tmp_path)
    with pytest.raises(InputError, match=r"^`NAME` must be new; core/experiments/training/my_question"):
        scaffold("my-question", "generalization", tmp_path)
