"""What made a run: versions of Ermine, Python and the libraries that its numbers depend on."""

import platform
from importlib.metadata import version

from core import __version__

LIBRARIES = ("numpy", "scipy", "jax", "optax", "pandas", "scikit-learn")


def software() -> dict[str, str]:
    """Versions by name."""
    return {
        "ermine": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }
