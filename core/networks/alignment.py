"""Hidden units have no order: permuting them changes the weights and not the function.

So two networks are compared after the units of one are put in the order that brings its weights
nearest to the other's. With all layers but one in place, the best order of that one is a linear
assignment; going round the layers until nothing changes never loses similarity, but may end at a
local optimum.

Source: Ainsworth, Hayase & Srinivasa (Git Re-Basin), arXiv:2209.04836, section 3.2.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from core.networks.mlp import Layer

Order = NDArray[np.int64]
# Networks without normalisation, whose units' values would have a gain and a shift each.
Plain = tuple[Layer, ...]

MOST_ROUNDS = 50


def permuted(params: Plain, orders: Sequence[Order]) -> Plain:
    """The network whose hidden layer l has unit `orders[l][i]` of `params` as its unit i."""
    layers = [Layer(*(_numbers(leaf) for leaf in layer)) for layer in params]
    for at, order in enumerate(orders):
        layers[at] = Layer(layers[at].weight[:, order], layers[at].bias[order])
        layers[at + 1] = Layer(layers[at + 1].weight[order], layers[at + 1].bias)
    return tuple(layers)


def matched(reference: Plain, other: Plain) -> list[Order]:
    """The orders of `other`'s hidden units, a layer each, that bring its weights near `reference`:
    never farther than they were."""
    orders: list[Order] = [np.arange(bias.size) for _, bias in other[:-1]]
    for _ in range(MOST_ROUNDS):
        before = [order.copy() for order in orders]
        for at in range(len(orders)):
            found = _best(reference, permuted(other, orders), at)
            orders[at] = orders[at][found]
        if all(np.array_equal(old, new) for old, new in zip(before, orders, strict=True)):
            break
    return orders


def distance(one: Plain, other: Plain) -> float:
    """The Euclidean distance of all weights and biases."""
    pairs = (pair for layers in zip(one, other, strict=True) for pair in zip(*layers, strict=True))
    return float(np.sqrt(sum(np.sum((_numbers(a) - _numbers(b)) ** 2) for a, b in pairs)))


def _best(reference: Plain, other: Plain, at: int) -> Order:
    """The order of layer `at` with the largest inner product of weights, the others as they are."""
    near, far = reference[at], reference[at + 1]
    similarity = np.asarray(near.weight).T @ np.asarray(other[at].weight)
    similarity = similarity + np.outer(near.bias, other[at].bias)
    similarity = similarity + np.asarray(far.weight) @ np.asarray(other[at + 1].weight).T
    found: Order = optimize.linear_sum_assignment(similarity, maximize=True)[1]
    # Equal similarities must not send the loop round for ever.
    stay = np.arange(found.size)
    if np.isclose(similarity[stay, found].sum(), np.trace(similarity), rtol=1e-12, atol=0):
        return stay
    return found


def _numbers(leaf: Any) -> Any:
    return np.asarray(leaf)
