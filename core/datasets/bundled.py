"""The bundled real tables: scikit-learn's sets as frames whose last column is the target."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

SETS: Mapping[str, str] = {
    "digits": "Handwritten digits (1,797 images of 8 × 8)",
    "breast-cancer": "Breast cancer, Wisconsin (569 cells, 2 classes)",
    "wine": "Wine (178 wines, 3 cultivars)",
    "iris": "Iris (150 flowers, 3 species)",
    "diabetes": "Diabetes progression after a year (442 patients, a number)",
}


def table(name: str) -> pd.DataFrame:
    """The set of this name in `SETS`; its last column, the target, is called `target`.

    Classes are a categorical column in scikit-learn's order; the inputs are in their own units
    (scikit-learn gives those of diabetes centred and scaled, and so does this).
    """
    # Imported late: scikit-learn takes a second that most pages and commands do not need.
    from sklearn import datasets

    loaded = getattr(datasets, f"load_{name.replace('-', '_')}")(as_frame=True)
    frame: pd.DataFrame = loaded.data.copy()
    target: Any = loaded.target
    if "target_names" in loaded:
        names = pd.Index([str(name) for name in loaded.target_names])
        target = pd.Categorical.from_codes(target, names)
    frame["target"] = target
    return frame
