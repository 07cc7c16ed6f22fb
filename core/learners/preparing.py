"""How do missing values, texts and scales become numbers? By a scikit-learn transformer that is fitted
on the training part alone."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from core.learners.rows import Rows

MOST_LEVELS = 20


def transformer(rows: "Rows") -> Any:
    """An unfitted transformer for these rows: the median for a missing number, scaling to mean 0 and
    variance 1, an indicator for each level of a text; a level that the training part lacks, and one
    of the rarest beyond 20, is `infrequent`."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = [i for i in range(rows.inputs.shape[1]) if i not in rows.levels]
    gaps = bool(np.isnan(rows.inputs[:, numbers]).any())
    fill = [SimpleImputer(strategy="median", keep_empty_features=True)] if gaps else []
    scaled = make_pipeline(*fill, StandardScaler())
    if not rows.levels:
        return scaled
    indicators = OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=MOST_LEVELS, sparse_output=False
    )
    return ColumnTransformer([("numbers", scaled, numbers), ("texts", indicators, list(rows.levels))])


def prepared(
    rows: "Rows", train: NDArray[np.int64], others: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Inputs of the training rows and of others, transformed as the training rows say."""
    made = transformer(rows)
    return made.fit_transform(rows.inputs[train]), made.transform(rows.inputs[others])
