"""Where runs and uploaded data are kept: a database, SQLite by default."""

import json
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Engine, create_engine, delete, event, func, select
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.datasets.uploaded import File
from core.experiment import Frames, InputError
from core.home import home
from core.parquet import pack, unpack
from core.runs.migrations import upgrade
from core.runs.request import Request
from core.runs.schema import frames, owners, runs, shares, uploads

_PATIENCE = 30.0  # seconds that a process waits for another one's writing to an SQLite file


class StoreError(InputError):
    """The store cannot be read or written; the message says why and what helps."""


@dataclass(frozen=True)
class Kept:
    """What the store knows of a run without its tables."""

    id: str
    experiment: str
    version: int
    config: Mapping[str, Any]
    private: bool
    created: datetime
    seconds: float
    software: Mapping[str, str]


class Store:
    """Runs, their tables, uploads, and who may see them.

    `url` is a SQLAlchemy URL, by default `ERMINE_DATABASE_URL` or an SQLite file in the data
    folder. Safe to use from several threads and processes.

    Raises:
        StoreError: the database cannot be opened, or a newer Ermine made it.
    """

    def __init__(self, url: str | None = None) -> None:
        self.url = url or os.environ.get("ERMINE_DATABASE_URL") or f"sqlite:///{home() / 'ermine.db'}"
        self._engine = create_engine(self.url)
        if make_url(self.url).get_backend_name() == "sqlite":
            _sqlite(self._engine)
        with self._said():
            upgrade(self._engine)

    def put(
        self,
        asked: Request,
        tables: Mapping[str, pd.DataFrame],
        seconds: float,
        software: Mapping[str, str],
    ) -> None:
        """Keeps a run with all its tables; one that is already there is left as it is."""
        row = {
            "id": asked.id,
            "experiment": asked.experiment.name,
            "version": asked.experiment.version,
            "config": asked.config.model_dump_json(),
            "private": bool(asked.config.uploads()),
            "created": datetime.now(UTC),
            "seconds": seconds,
            "software": json.dumps(dict(software)),
        }
        packed = [
            {"run": asked.id, "name": n, "position": i, "rows": len(table), "content": pack(table)}
            for i, (n, table) in enumerate(tables.items())
        ]
        with suppress(IntegrityError), self._begin(write=True) as connection:
            connection.execute(runs.insert(), row)
            connection.execute(frames.insert(), packed)

    def find(self, run: str) -> Kept | None:
        """The run with this id, without its tables."""
        with self._begin() as connection:
            row = connection.execute(select(runs).where(runs.c.id == run)).mappings().first()
        if row is None:
            return None
        return Kept(
            **{
                **row,
                "config": json.loads(row["config"]),
                "software": json.loads(row["software"]),
            }
        )

    def tables(self, run: str) -> Frames:
        """The run's tables by name; empty where there is no such run."""
        query = (
            select(frames.c.name, frames.c.content)
            .where(frames.c.run == run)
            .order_by(frames.c.position)
        )
        with self._begin() as connection:
            return {name: unpack(content) for name, content in connection.execute(query)}

    def forget(self, run: str) -> None:
        """Removes a run, its tables and its shares."""
        with self._begin(write=True) as connection:
            connection.execute(delete(runs).where(runs.c.id == run))

    def keep(self, file: File, owner: str) -> None:
        """Keeps an uploaded file and notes that `owner` may read it."""
        row = {
            "digest": file.digest,
            "name": file.name,
            "created": datetime.now(UTC),
            "notes": json.dumps(file.notes),
            "content": pack(file.frame),
        }
        with suppress(IntegrityError), self._begin(write=True) as connection:
            connection.execute(uploads.insert(), row)
        with suppress(IntegrityError), self._begin(write=True) as connection:
            connection.execute(owners.insert(), {"digest": file.digest, "owner": owner})

    def file(self, digest: str) -> File | None:
        """The uploaded file with this digest, whoever owns it: ask `may_read` first."""
        query = select(uploads).where(uploads.c.digest == digest)
        with self._begin() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            return None
        return File(digest, row["name"], unpack(row["content"]), tuple(json.loads(row["notes"])))

    def may_read(self, digests: tuple[str, ...], owner: str) -> bool:
        """Whether `owner` uploaded every one of these files."""
        query = select(func.count()).where(owners.c.owner == owner, owners.c.digest.in_(digests))
        with self._begin() as connection:
            return connection.scalar(query) == len(set(digests))

    def share(self, run: str) -> str:
        """A new token that opens the run to whoever has it; 128 random bits."""
        token = secrets.token_urlsafe(16)
        with self._begin(write=True) as connection:
            connection.execute(
                shares.insert(), {"token": token, "run": run, "created": datetime.now(UTC)}
            )
        return token

    def shared(self, run: str, token: str) -> bool:
        """Whether the token opens this run."""
        query = select(shares.c.run).where(shares.c.token == token, shares.c.run == run)
        with self._begin() as connection:
            return connection.scalar(query) is not None

    def close(self) -> None:
        """Gives the connections back."""
        self._engine.dispose()

    @contextmanager
    def _begin(self, write: bool = False) -> Iterator[Connection]:
        with (
            self._said(),
            self._engine.connect().execution_options(write=write) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Turns the database's errors into a sentence."""
        try:
            yield
        except IntegrityError:
            raise  # the row is there already: for the caller to judge
        except DBAPIError as error:
            where = make_url(self.url).render_as_string(hide_password=True)
            raise StoreError(f"The store {where} does not answer: {error.orig}.") from error


def _sqlite(engine: Engine) -> None:
    """Write-ahead log, so that readers never wait for a writer; a transaction that will write says
    so at its beginning, so that two writers queue instead of one failing half-way."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={int(_PATIENCE * 1000)}")
        _write_ahead(cursor)
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _write_ahead(cursor: Any) -> None:
    """Turns the write-ahead log on, and waits while another process does the same: the busy
    timeout does not cover this change of mode (https://sqlite.org/rescode.html#busy)."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
