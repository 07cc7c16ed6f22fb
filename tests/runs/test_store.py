"""The store: whole or not at all, private until shared, and a sentence for what goes wrong."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import create_engine, inspect

from core.datasets.uploaded import File
from core.experiment import InputError
from core.runs.migrations import HEAD
from core.runs.request import request
from core.runs.schema import metadata
from core.runs.software import software
from core.runs.store import Store, StoreError

TABLES = {
    "checks": pd.DataFrame({"holds": [True, False], "measured": [0.1, np.nan], "source": ["a", "b"]}),
    "risk": pd.DataFrame(
        {"replicate": np.arange(1000), "risk": np.random.default_rng(0).normal(size=1000)}
    ),
}


@pytest.fixture
def store(tmp_path):
    made = Store(f"sqlite:///{tmp_path / 'ermine.db'}")
    yield made
    made.close()


def put(store, tables=TABLES, **values):
    asked = request("double-descent", values)
    store.put(asked, tables, 1.5, software())
    return asked


def test_a_run_comes_back_as_it_was(store):
    asked = put(store)
    kept = store.find(asked.id)
    assert (kept.experiment, kept.seconds, kept.private) == ("double-descent", 1.5, False)
    assert request(kept.experiment, kept.config) == asked
    assert kept.software["python"].startswith("3.")
    for name, frame in store.tables(asked.id).items():
        pd.testing.assert_frame_equal(frame, TABLES[name], check_exact=True)


def test_a_run_that_is_not_there(store):
    assert store.find("0123456789abcdef") is None
    assert store.tables("0123456789abcdef") == {}


def test_a_second_writer_changes_nothing(store):
    asked = put(store)
    put(store, tables={"checks": TABLES["checks"]})
    assert set(store.tables(asked.id)) == {"checks", "risk"}


def test_many_writers_at_once(store):
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda seed: put(store, seed=seed % 5).id, range(40)))
    assert len(set(ids)) == 5
    assert all(set(store.tables(run)) == {"checks", "risk"} for run in ids)


def test_several_processes_make_the_tables_at_once(tmp_path):
    code = "import sys; from core.runs.store import Store; Store(sys.argv[1]).find('x')"
    url = f"sqlite:///{tmp_path / 'ermine.db'}"
    started = [subprocess.Popen([sys.executable, "-c", code, url]) for _ in range(3)]
    assert [process.wait(60) for process in started] == [0, 0, 0]


def test_migrations_make_the_tables_that_the_code_knows(tmp_path):
    url = f"sqlite:///{tmp_path / 'ermine.db'}"
    Store(url).close()
    engine = create_engine(url)
    made = inspect(engine)
    for table in metadata.tables.values():
        columns = {c["name"]: c["nullable"] for c in made.get_columns(table.name)}
        assert columns == {c.name: bool(c.nullable) for c in table.columns}
    engine.dispose()


def test_uploads_are_private_until_shared(store):
    file = File.of_frame(pd.DataFrame({"x": [1.0, np.nan, 3.0], "y": ["a", "b", None]}))
    store.keep(file, "me")
    store.keep(file, "me")
    pd.testing.assert_frame_equal(store.file(file.digest).frame, file.frame)
    assert store.may_read((file.digest,), "me")
    assert not store.may_read((file.digest,), "somebody else")
    assert not store.may_read((file.digest, "another"), "me")
    assert store.may_read((), "anybody")

    asked = put(store)
    token = store.share(asked.id)
    assert len(token) >= 20
    assert store.shared(asked.id, token)
    assert not store.shared(asked.id, token[:-1])
    assert not store.shared(put(store, seed=1).id, token)


def test_forgetting_a_run_forgets_its_tables_and_shares(store):
    asked = put(store)
    token = store.share(asked.id)
    store.forget(asked.id)
    assert store.find(asked.id) is None
    assert store.tables(asked.id) == {}
    assert not store.shared(asked.id, token)


def test_a_store_of_a_newer_ermine_is_left_alone(tmp_path):
    path = tmp_path / "ermine.db"
    Store(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(InputError, match=rf"made by a newer Ermine \(its form is 9999.*up to {HEAD}"):
        Store(f"sqlite:///{path}")


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "ermine.db").write_text("This is a letter to my aunt. " * 100)
    with pytest.raises(
        StoreError, match=r"^The store sqlite:.* does not answer: file is not a database"
    ):
        Store(f"sqlite:///{tmp_path / 'ermine.db'}")


def test_a_full_disk_leaves_the_store_as_it_was(store):
    put(store)
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    noise = pd.DataFrame({"x": np.random.default_rng(1).normal(size=100_000)})
    asked = request("double-descent", {"seed": 7})
    with pytest.raises(StoreError, match="database or disk is full"):
        store.put(asked, {"checks": TABLES["checks"], "big": noise}, 1.0, software())
    assert store.find(asked.id) is None
    assert store.tables(asked.id) == {}
