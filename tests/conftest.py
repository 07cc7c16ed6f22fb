"""What every test shares: a data folder of its own, and the shared reference data where it is."""

import gc
import os
import tempfile
from pathlib import Path

# Before anything of Ermine is imported: tests never touch the user's data folder. Compiled programs
# are shared by all test processes and kept between test runs, since compiling is most of their time.
_HOME = Path(tempfile.gettempdir()) / "ermine-tests"
_HOME.mkdir(exist_ok=True)
_DATABASE = _HOME / f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}.db"
for _old in _HOME.glob(f"{_DATABASE.name}*"):
    _old.unlink()
# Of the browser's server: it finds there what other tests have carried out.
PAGES = _HOME / "pages.db"
if "PYTEST_XDIST_WORKER" not in os.environ:
    for _old in _HOME.glob(f"{PAGES.name}*"):
        _old.unlink()
os.environ["ERMINE_HOME"] = str(_HOME)
os.environ["ERMINE_DATABASE_URL"] = f"sqlite:///{_DATABASE}"
os.environ.pop("ERMINE_SCHEDULER", None)
# As on a worker: two test processes with two threads of linear algebra each are in each other's way.
os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
# Most programs are compiled here to run for a moment: with less effort that takes half of the time.
_FLAGS = (
    "--xla_cpu_use_fusion_emitters=false",
    "--xla_backend_optimization_level=1",
    "--xla_cpu_max_isa=AVX2",
    "--xla_cpu_parallel_codegen_split_count=1",
)
os.environ["XLA_FLAGS"] = " ".join((os.environ.get("XLA_FLAGS", ""), *_FLAGS))

# Tracing programs makes many objects that live: looking for garbage among them was a tenth of the time.
gc.set_threshold(100_000, 20, 100)

import pytest  # noqa: E402

from core.catalog import experiments  # noqa: E402


# First of all: xdist reads the groups in the same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one experiment run in one process (`--dist loadgroup`), which then compiles its programs
    and carries out its default run once; so do those of any other file. What takes longest in one
    process comes first."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=_place)


def _group(item: pytest.Item) -> str:
    """The experiment that a test is about, or its file."""
    if item.path.name in ("test_contract.py", "test_pages.py"):
        about = getattr(item, "callspec", None) and item.callspec.params.get("name")
        return about or item.path.stem
    if item.path.parent.parent.name == "experiments":
        return item.path.stem.removeprefix("test_").replace("_", "-")
    return str(item.path.relative_to(Path(__file__).parent).with_suffix(""))


# What takes longest in one process begins first, and the browser when default runs are there for it.
LONGEST = ["fit-network", "engine", "families/test_fitting", "fit-distribution"]


def _place(item: pytest.Item) -> int:
    marker = item.get_closest_marker("xdist_group")
    assert marker is not None
    (name,) = marker.args
    if name in LONGEST:
        return LONGEST.index(name)
    return len(LONGEST) + (0 if name in experiments() else 1 if name == "browser" else 2)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """The browser, which waits most of its time, and its server go before what only computes."""
    if item.path.parent.name != "browser" and "PYTEST_XDIST_WORKER" in os.environ:
        os.setpriority(os.PRIO_PROCESS, 0, 19)


REFERENCE = Path(__file__).resolve().parents[2] / "shared" / "reference"


@pytest.fixture
def reference() -> Path:
    """The folder of published results; a test that needs it is skipped where it is absent."""
    if not REFERENCE.is_dir():
        pytest.skip("the shared reference data are not here")
    return REFERENCE
