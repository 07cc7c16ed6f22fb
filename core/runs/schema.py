"""The tables of the store's database. Every change of them is a migration in `migrations/`."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("experiment", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("config", Text, nullable=False),  # JSON, every value written out
    Column("private", Boolean, nullable=False),  # it reads an upload
    Column("created", DateTime(timezone=True), nullable=False),
    Column("seconds", Float, nullable=False),
    Column("software", Text, nullable=False),  # JSON: versions of what made it
    Index("runs_by_experiment", "experiment", "created"),
)

frames = Table(
    "frames",
    metadata,
    Column("run", String(32), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(100), primary_key=True),
    Column("position", Integer, nullable=False),  # in the order that the experiment declares
    Column("rows", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),  # Parquet
)

uploads = Table(
    "uploads",
    metadata,
    Column("digest", String(32), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
    Column("notes", Text, nullable=False),  # JSON: what was assumed in reading it
    Column("content", LargeBinary, nullable=False),  # Parquet
)

owners = Table(
    "owners",
    metadata,
    Column("digest", String(32), ForeignKey("uploads.digest", ondelete="CASCADE"), primary_key=True),
    Column("owner", String(64), primary_key=True),
)

shares = Table(
    "shares",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("run", String(32), ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
)
