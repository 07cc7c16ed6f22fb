"""Frames as bytes: Parquet, column by column, with every digit."""

import io

import pandas as pd


def pack(frame: pd.DataFrame) -> bytes:
    """The frame as Parquet, without its index."""
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def unpack(content: bytes) -> pd.DataFrame:
    """The frame that `pack` was given."""
    return pd.read_parquet(io.BytesIO(content))
