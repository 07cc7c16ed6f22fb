"""A file of the user's as a table: CSV, TSV or Parquet, with every assumption said."""

import io
import re
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from core.datasets.dialect import DECIMAL_COMMA, SEPARATORS, as_utf8, separator
from core.datasets.frames import distinct_names, listed
from core.datasets.marks import unmarked
from core.experiment import InputError

LARGEST_BYTES = 200 * 2**20
MOST_VALUES = 50_000_000
MISSING = [*pa_csv.ConvertOptions().null_values, "None", "<NA>"]


@dataclass(frozen=True)
class Read:
    """The table, and sentences on what was assumed in reading it."""

    frame: pd.DataFrame
    notes: tuple[str, ...]


def read(filename: str, content: bytes) -> Read:
    """The table in `content`, the bytes of a CSV, TSV or Parquet file of at most 200 MB.

    Text is UTF-8, UTF-16, Windows-1252 or Latin-1; columns are separated by commas, semicolons,
    tabs or bars; numbers have decimal points or commas, and may have percent signs or marks between
    thousands throughout a column; the first row names the columns. Empty
    cells, NA, NaN, null and their like are missing.

    Raises:
        InputError: not such a file, too large, empty, no rows, rows of unequal length, column
            names that are missing or repeated.
    """
    if not content.strip():
        raise InputError(f"`{filename}` must hold a table; it is empty.")
    if len(content) > LARGEST_BYTES:
        raise InputError(
            f"`{filename}` must be at most {LARGEST_BYTES / 2**20:.0f} MB; "
            f"it is {len(content) / 2**20:,.1f} MB."
        )
    if content.startswith(b"PAR1") or filename.lower().endswith((".parquet", ".pq")):
        return _parquet(filename, content)
    return _delimited(filename, content)


def _parquet(filename: str, content: bytes) -> Read:
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        _not_too_many(filename, file.metadata.num_rows, file.metadata.num_columns)
        frame = file.read().to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError):
        raise InputError(
            f"`{filename}` must be a Parquet file; it is damaged or of another format."
        ) from None
    return Read(_usable(filename, frame), ("Read as Parquet.",))


def _delimited(filename: str, content: bytes) -> Read:
    text, encoding = as_utf8(filename, content)
    if not text.strip():
        raise InputError(f"`{filename}` must hold a table; it is empty.")
    mark = separator(text)
    table, decimal = _parsed(filename, text, mark, "."), "point"
    if mark != "," and _may_have_decimal_commas(table):
        other = _parsed(filename, text, mark, ",")
        if _numeric(other) > _numeric(table):
            table, decimal = other, "comma"
    _not_too_many(filename, table.num_rows, table.num_columns)
    names, unnamed = _names(filename, table)
    frame, marked = unmarked(_usable(filename, table.rename_columns(names).to_pandas()))
    columns = f"columns separated by {SEPARATORS[mark]}" if len(names) > 1 else "one column"
    note = f"Read as {encoding} text, {columns}, with decimal {decimal}s."
    return Read(frame, (note, *unnamed, *marked))


def _parsed(filename: str, text: bytes, mark: str, decimal: str) -> pa.Table:
    parse = pa_csv.ParseOptions(delimiter=mark, newlines_in_values=b'"' in text)
    convert = pa_csv.ConvertOptions(
        null_values=MISSING,
        strings_can_be_null=True,
        # Pandas writes a missing value that stands alone in its row as "".
        quoted_strings_can_be_null=True,
        decimal_point=decimal,
    )
    try:
        return pa_csv.read_csv(io.BytesIO(text), parse_options=parse, convert_options=convert)
    except pa.ArrowInvalid as error:
        unequal = re.search(r"Expected (\d+) columns, got (\d+): (.*)", str(error))
        if unequal is None:
            raise InputError(
                f"`{filename}` must be a table of text; it cannot be read as one."
            ) from None
        named, given, row = unequal.groups()
        raise InputError(
            f"`{filename}` must have as many values in every row as the header names columns "
            f"({named}); the row '{row[:60]}' has {given}."
        ) from None


def _may_have_decimal_commas(table: pa.Table) -> bool:
    """Whether a column read as text is all numbers once commas count as decimal marks."""
    text = [column.drop_null() for column in table.columns if pa.types.is_string(column.type)]
    return any(len(c) and pc.all(pc.match_substring_regex(c, DECIMAL_COMMA)).as_py() for c in text)


def _numeric(table: pa.Table) -> int:
    types = [column.type for column in table.columns]
    return sum(pa.types.is_integer(t) or pa.types.is_floating(t) for t in types)


def _names(filename: str, table: pa.Table) -> tuple[list[str], tuple[str, ...]]:
    """The column names without surrounding blanks, and what was said of those that had none."""
    given = [name.strip() for name in table.column_names]
    if all(_is_number(name) for name in given):
        shown = ", ".join(given[:4]) + (", …" if len(given) > 4 else "")
        raise InputError(
            f"`{filename}` must name its columns in the first row; it holds only numbers there: {shown}."
        )
    names = [name or f"column_{place}" for place, name in enumerate(given, start=1)]
    unnamed = [name for name, was in zip(names, given, strict=True) if not was]
    note = f"Columns without a name are called by their place: {', '.join(unnamed)}."
    return names, (note,) if unnamed else ()


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?", text) is not None


def _not_too_many(filename: str, rows: int, columns: int) -> None:
    if rows * columns > MOST_VALUES:
        raise InputError(
            f"`{filename}` must hold at most {MOST_VALUES:,} values; "
            f"it has {rows:,} rows of {columns:,} columns."
        )


def _usable(filename: str, frame: pd.DataFrame) -> pd.DataFrame:
    distinct_names(frame, filename)
    if not len(frame):
        raise InputError(
            f"`{filename}` must have at least one row under its header; "
            f"it has only column names: {listed(frame)}."
        )
    return frame
