"""How a delimited text file is written: its encoding, its separator, its decimal mark."""

import codecs
import csv
import re

from core.experiment import InputError

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
# A number as it is written where decimals have commas: also 3, 1e-05 and inf.
DECIMAL_COMMA = r"^\s*[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?\s*$|^\s*[+-]?inf\s*$"

_SAMPLE = 1 << 16
# Text holds no control characters but tab, line feed, form feed and carriage return.
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NAMES = {"utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "utf-32": "UTF-32"}


def as_utf8(filename: str, content: bytes) -> tuple[bytes, str]:
    """The text as UTF-8 without a byte order mark, and the name of the encoding it was in.

    UTF-8 and UTF-16 are recognised by what they allow; what is neither is read as Windows-1252
    where it has characters of that set only, and as Latin-1 otherwise.

    Raises:
        InputError: the content is not text.
    """
    mark = next((name for start, name in _MARKS.items() if content.startswith(start)), None)
    wide = mark or _wide(content[:_SAMPLE])
    if wide:
        return _transcoded(filename, content, wide), _NAMES[wide]
    body = content.removeprefix(codecs.BOM_UTF8)
    if _CONTROL.search(body[:_SAMPLE]) or b"\x00" in body:
        raise _not_text(filename)
    if body.isascii():
        return body, "UTF-8"
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        windows = re.search(rb"[\x80-\x9f]", body) is not None
        name, encoding = ("Windows-1252", "cp1252") if windows else ("Latin-1", "latin-1")
        return _transcoded(filename, body, encoding), name
    return body, "UTF-8"


def separator(text: bytes) -> str:
    """The separator of the columns, judged by the first 64 KB of UTF-8 `text`: the one by which
    most rows have as many values as the header, at least two. A single column gives a comma, or
    a semicolon where its values have decimal commas."""
    lines = text[:_SAMPLE].decode("utf-8", errors="ignore").splitlines()
    lines = lines if len(text) <= _SAMPLE else lines[:-1] or lines
    scores = {mark: _agreement(lines, mark) for mark in (";", "\t", "|", ",")}
    best = max(scores, key=lambda mark: scores[mark])
    if scores[best] > 0:
        return best
    values = [line for line in lines[1:] if "," in line]
    return ";" if values and all(re.match(DECIMAL_COMMA, value) for value in values) else ","


def _agreement(lines: list[str], mark: str) -> float:
    """Share of rows with as many values as the header; 0 where the header is one value."""
    counts = [len(row) for row in csv.reader(lines, delimiter=mark) if row]
    if not counts or counts[0] < 2:
        return 0.0
    return counts.count(counts[0]) / len(counts)


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark: mostly Latin text has a zero in every other byte."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if len(sample) < 4 or max(even, odd) < 0.2 * len(sample) or min(even, odd) > 0:
        return None
    return "utf-16-be" if even else "utf-16-le"


def _transcoded(filename: str, content: bytes, encoding: str) -> bytes:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise _not_text(filename) from None
    encoded = text.encode("utf-8", errors="replace")
    if _CONTROL.search(encoded[:_SAMPLE]):
        raise _not_text(filename)
    return encoded


def _not_text(filename: str) -> InputError:
    return InputError(
        f"`{filename}` must be a CSV, TSV or Parquet file; it holds binary data, not text."
    )
