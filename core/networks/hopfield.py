"""How many random patterns does a Hopfield network hold?

N units ±1 and P patterns ξ, with weights Σ ξ_i ξ_j / N and none of a unit on itself. At a stored
pattern, a unit's input times its own sign is N − 1 plus a sum of (N − 1)(P − 1) independent signs, over
N: a bit is unstable with the exact probability P(sum < −(N − 1)). Where the network settles, for
N → ∞ at α = P/N, it overlaps the pattern by m = erf(y), where y solves

    y (√(2α) + (2/√π) e^(−y²)) = erf y,

which has a solution other than 0 up to α_c = 0.138.

Sources: Hertz, Krogh & Palmer (1991), Introduction to the Theory of Neural Computation, section 2.2;
Amit, Gutfreund & Sompolinsky (1985), Physical Review Letters 55, 1530–1533.
"""

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy import optimize, special

Floats = NDArray[np.float64]

CRITICAL = 0.138
# Units are updated in this many blocks a sweep, one block after the other.
BLOCKS, SWEEPS = 10, 20


def bit_error(units: int, patterns: int) -> float:
    """The probability that a bit of a stored pattern is unstable, exactly."""
    signs = (units - 1) * (patterns - 1)
    # Of the signs at most this many are positive where their sum is below −(N − 1).
    most = -(-(signs - units + 1) // 2) - 1
    return float(special.bdtr(most, signs, 0.5)) if most >= 0 else 0.0


def overlap(load: float) -> float:
    """The overlap with a stored pattern in the limit; 0 above the critical load."""

    def off(y: float) -> float:
        pull = np.sqrt(2 * load) + 2 / np.sqrt(np.pi) * np.exp(-(y**2))
        return float(special.erf(y) - y * pull)

    # Beyond the largest solution the difference stays negative.
    grid = np.linspace(0.05, 20, 1000)
    above = np.flatnonzero([off(y) > 0 for y in grid])
    if not above.size:
        return 0.0
    at = float(grid[above[-1]])
    return float(special.erf(optimize.brentq(off, at, at + 0.02)))


def draw(units: int, patterns: int, bias: float, rng: np.random.Generator) -> Floats:
    """Patterns (pattern, unit) of independent signs that are +1 with probability (1 + bias)/2."""
    return np.where(rng.random((patterns, units)) < (1 + bias) / 2, 1.0, -1.0)


def unstable(stored: Float[np.ndarray, "pattern unit"], seen: int) -> float:
    """The share of unstable bits in the first `seen` patterns."""
    state = stored[:seen]
    field = (state @ stored.T) @ stored - stored.shape[0] * state
    return float(np.mean(field * state < 0))


def settle(stored: Float[np.ndarray, "pattern unit"], seen: int) -> Floats:
    """Overlaps (pattern,) with the first `seen` patterns of where the network settles, started at
    each of them."""
    state, (patterns, units) = stored[:seen].copy(), stored.shape
    match = state @ stored.T
    blocks = np.array_split(np.arange(units), min(BLOCKS, units))
    for _ in range(SWEEPS):
        before = state.copy()
        for block in blocks:
            part, own = stored[:, block], state[:, block]
            field = match @ part - patterns * own
            new = np.where(field == 0, own, np.sign(field))
            match += (new - own) @ part.T
            state[:, block] = new
        if np.array_equal(before, state):
            break
    found: Floats = np.mean(state * stored[:seen], axis=1)
    return found
