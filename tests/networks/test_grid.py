"""Sweeps: a padded network is the narrow one, buckets, order, divergence, progress and cancel."""

import core.numerics  # noqa: F401

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from core.experiment import Cancelled
from core.networks.buckets import MOST, buckets, products
from core.networks.fixed import Fixed, narrowed, units, widened
from core.networks.grid import Cell, sweep
from core.networks.initialization import initialize, scales, stack
from core.networks.mlp import nth
from core.networks.optimizers import Settings
from core.networks.passes import outputs
from core.networks.samples import sample
from core.networks.training import Data, Program, advance, start

RNG = np.random.default_rng(3)
INPUTS, TARGETS = RNG.normal(size=(1, 16, 3)), np.eye(2)[RNG.integers(0, 2, (1, 16))]
DATA = Data(jnp.asarray(INPUTS), jnp.asarray(TARGETS), jnp.int32(15))


def trained(program, params, steps=6, room=None, ntk=False):
    """The state of one network after some steps, padded to hidden widths `room` where given."""
    sizes = [3, *(layer.weight.shape[1] for layer in params)]
    factors = scales(sizes, "he", dtype=np.float64) if ntk else ()
    masks = units(sizes[1:-1], room, np.float64) if room else ()
    one = Fixed(*jax.tree.map(lambda leaf: leaf[None], (factors, masks)))
    more = {"clip": 0.5} if program.clip else {}
    settings = Settings.shared(1, 0.1, 0.01, dtype=np.float64, **more)
    wide = stack([widened(params, room) if room else params])
    state = start(program, settings, DATA, wide, [0], one)
    return advance(program, settings, DATA, state, steps)


def program(activation="tanh", optimizer="adam", batch=0, **options):
    return Program(activation, "categorical", optimizer, batch, **options)


@pytest.mark.parametrize(
    ("made", "ntk"),
    [
        # A sigmoid of 0 is not 0: padded units give something, which must go nowhere.
        (program("sigmoid", "adam", 6), False),
        (program("gelu", "muon", clip=True, normalization="layer", residual=True), True),
        # A bias before batch normalisation has gradient 0 up to rounding, which Adam would enlarge.
        (program("sigmoid", "momentum", 6, normalization="batch", residual=True), False),
    ],
    ids=["sigmoid", "muon, layer norm, NTK", "batch norm"],
)
def test_a_padded_network_computes_and_learns_what_the_narrow_one_does(made, ntk):
    narrow = initialize(
        np.random.default_rng(0),
        (3, 4, 4, 2),
        "he",
        parametrization="ntk" if ntk else "standard",
        normalization=made.normalization,
        dtype=np.float64,
    )
    for steps in (0, 6):
        alone = trained(made, narrow, steps, ntk=ntk)
        wide = trained(made, narrow, steps, room=(7, 7), ntk=ntk)
        seen = [outputs(made, nth(s.networks(), 0), INPUTS[0]) for s in (alone, wide)]
        np.testing.assert_allclose(seen[1], seen[0], rtol=1e-12, atol=1e-12)
        inner = narrowed(nth(wide.params, 0), (4, 4))
        for leaf, other in zip(
            jax.tree.leaves(inner), jax.tree.leaves(nth(alone.params, 0)), strict=True
        ):
            np.testing.assert_allclose(leaf, other, rtol=1e-12, atol=1e-12)


def test_widening_and_narrowing_undo_each_other():
    params = initialize(np.random.default_rng(0), (3, 4, 5, 2), "he", normalization="layer")
    back = narrowed(widened(params, (6, 8)), (4, 5))
    for leaf, other in zip(jax.tree.leaves(back), jax.tree.leaves(params), strict=True):
        np.testing.assert_array_equal(leaf, other)


@pytest.mark.parametrize("inputs", [1, 64, 1000])
def test_buckets_hold_every_network_once_with_little_padding(inputs):
    widths = [(w,) for w in range(8, 248, 8) for _ in range(3)]
    found = buckets(widths, inputs, 10)
    assert sorted(i for b in found for i in b.members) == list(range(len(widths)))
    assert all(widths[i] <= b.widths for b in found for i in b.members)
    own = sum(products(inputs, w, 10) for w in widths)
    padded = sum(len(b.members) * products(inputs, b.widths, 10) for b in found)
    assert own <= padded <= MOST * own
    assert len(found) <= 5


def test_one_bucket_where_all_are_alike_and_where_anything_goes():
    assert len(buckets([(5, 5)] * 3, 2, 2)) == 1
    (only,) = buckets([(1,), (100,)], 2, 2, most=100.0)
    assert (only.members, only.widths) == ((0, 1), (100,))


MADE = program(optimizer="momentum", batch=8)


def cells(widths=((3,), (8,), (5,), (3, 4)), rates=(0.01, 0.1), **options):
    made = []
    for place, (width, rate) in enumerate((w, r) for w in widths for r in rates):
        rng = np.random.default_rng(place)
        inputs = rng.normal(size=(40, 2))
        target = (inputs[:, 0] > 0).astype(int)
        one = sample(inputs, target, 2, "categorical", test_share=0.25, label_noise=0.0, rng=rng)
        params = initialize(rng, (2, *width, 2), "he", dtype=np.float64)
        made.append(Cell(one, params, {"learning_rate": rate, **options}, place))
    return made


def silent(*_):
    pass


def test_a_cell_of_a_sweep_trains_as_it_would_alone():
    """One that is padded, and both of another depth."""
    at, together = [0, 5, 20], cells()
    found = sweep(MADE, together, at, silent)
    curves = found.curves()
    assert len(curves["risk"]) == len(together) * 2 * len(at)
    for own in ([0], [6, 7]):
        alone = sweep(MADE, [together[place] for place in own], at, silent)
        mine = np.isin(curves["cell"], own)
        assert list(curves["step"][mine]) == list(alone.curves()["step"])
        np.testing.assert_allclose(curves["risk"][mine], alone.curves()["risk"], rtol=1e-10)
        for leaf, other in zip(
            jax.tree.leaves([found.network(place) for place in own]),
            jax.tree.leaves([alone.network(place) for place in range(len(own))]),
            strict=True,
        ):
            np.testing.assert_allclose(leaf, other, rtol=1e-9, atol=1e-12)


def test_a_cell_that_diverges_is_left_out_from_its_step():
    rates = (0.01, 1e9, 0.02)
    found = sweep(Program("relu", "gaussian", "sgd"), _numbers(rates), [0, 1, 30], silent)
    steps = found.diverged()
    assert np.isnan(steps[[0, 2]]).all()
    assert steps[1] == 1
    curves = found.curves()
    lost = (curves["cell"] == 1) & (curves["step"] > 0)
    assert np.isnan(curves["risk"][lost]).all()
    assert np.isfinite(curves["risk"][~lost]).all()


def _numbers(rates):
    made = []
    for place, rate in enumerate(rates):
        rng = np.random.default_rng(place)
        inputs = rng.normal(size=(40, 2))
        one = sample(inputs, inputs[:, 0], 0, "gaussian", test_share=0.25, label_noise=0.0, rng=rng)
        made.append(Cell(one, initialize(rng, (2, 4, 1), "he"), {"learning_rate": rate}, place))
    return made


def test_a_sweep_says_how_far_it_is_and_can_be_cancelled():
    said = []

    def report(fraction, message, tables=None):
        said.append((fraction, tables))
        if fraction > 0.5:
            raise Cancelled

    def tables(found):
        return {"risk": len(found.curves()["cell"])}

    with pytest.raises(Cancelled):
        sweep(MADE, cells(), [0, 50, 100], report, tables, within=(0.0, 1.0))
    fractions = [fraction for fraction, _ in said]
    assert fractions == sorted(fractions)
    assert 0.5 < fractions[-1] < 1
    given = [t for _, t in said if t is not None]
    assert given
    assert all(t["risk"] for t in given)
