"""What is the tangent kernel of an infinitely wide network, and how far is a finite one from it?

Networks of `hidden` layers in NTK parametrisation, inputs x of dimension d, no biases:

    h¹ = σ W¹ x / √d,   h^{l+1} = σ W^{l+1} φ(h^l) / √m,   f = v φ(h^H) / √m,   entries standard normal,

with σ² = 2. As m → ∞ outputs are Gaussian of covariance Σ, and gradients have the fixed kernel Θ:

    Σ¹ = Θ¹ = σ² x·x'/d,    Σ^{l+1} = σ² E φ φ,    Θ^{l+1} = Σ^{l+1} + σ² Θ^l E φ' φ',

the last step without σ². For ReLU E φ φ is κ₁/2 and E φ' φ' is κ₀/2, the arc-cosine kernels.

Sources: Jacot, Gabriel & Hongler, arXiv:1806.07572, theorem 1; Cho & Saul (NIPS 2009); for the
fluctuation at one hidden layer, the variance of a mean of m independent units, derived here.
"""

import numpy as np

from core.networks.mean_field import FUNCTIONS, Floats, Name, pair_mean, product, slopes

GAIN = 2.0


def kernel(name: Name, inputs: Floats, hidden: int, others: Floats | None = None) -> Floats:
    """Θ (sample, other) of infinite width between rows of `inputs` and of `others`."""
    right = inputs if others is None else others
    shared: Floats = GAIN * inputs @ right.T / inputs.shape[1]
    p, q = (GAIN * np.mean(x**2, axis=1) for x in (inputs, right))
    tangent: Floats = shared
    for layer in range(hidden):
        gain = 1.0 if layer == hidden - 1 else GAIN
        left, above = np.broadcast_arrays(p[:, None], q[None])
        c = shared / np.sqrt(left * above)
        shared = gain * product(name, left, above, c)
        tangent = shared + gain * tangent * slopes(name, left, above, c)
        p, q = (gain * product(name, v, v, 1.0) for v in (p, q))
    return tangent


def distance(name: Name, inputs: Floats) -> float:
    """√m times the root mean square of ‖Θ̂ − Θ‖ / ‖Θ‖ over networks of one hidden layer of m units,
    exact at every m: Θ̂ is the mean over units of independent

        φ(u) φ(u') + k φ'(u) φ'(u') v²,     k = σ² x·x'/d,   E v⁴ = 3.
    """
    k = GAIN * inputs @ inputs.T / inputs.shape[1]
    p = np.diag(k)
    left, above = np.broadcast_arrays(p[:, None], p[None])
    c = np.clip(k / np.sqrt(left * above), -1, 1)
    limit = product(name, left, above, c) + k * slopes(name, left, above, c)
    if name == "relu":
        # Arc-cosine kernel of order 2 (Cho & Saul, equation 6); powers of a step are the step.
        angle = np.arccos(c)
        even = 3 * np.sqrt(1 - c * c) * c + (np.pi - angle) * (1 + 2 * c * c)
        values = left * above * even / (2 * np.pi)
        mixed, steps = product(name, left, above, c), slopes(name, left, above, c)
    else:
        value, slope = FUNCTIONS[name]
        values = pair_mean(lambda x: value(x) ** 2, left, above, c)
        mixed = pair_mean(lambda x: value(x) * slope(x, value(x)), left, above, c)
        steps = pair_mean(lambda x: slope(x, value(x)) ** 2, left, above, c)
    second = values + 2 * k * mixed + 3 * k * k * steps
    return float(np.sqrt(np.sum(second - limit**2) / np.sum(limit**2)))
