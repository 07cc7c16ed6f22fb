"""What a sweep of 30 widths and 10 seeds costs, against the sum of its networks' own costs alone.

Networks 64-w-10 on 1,347 rows in batches of 32, Adam, w = 8, 16, …, 240. Alone: one network after
another, each width compiled beforehand, at every third width, in between by interpolation. CPU
seconds of one process; the sweep twice, the first time with compiling.

    python benchmarks/sweep.py [STEPS]
"""

import sys
import time

import numpy as np

from core.networks.buckets import buckets, products
from core.networks.grid import Cell, sweep
from core.networks.initialization import initialize, stack
from core.networks.optimizers import Settings
from core.networks.samples import Sample, padded, sample
from core.networks.training import Program, advance, start

WIDTHS, SEEDS, ROWS, INPUTS, CLASSES = range(8, 241, 8), range(10), 1347, 64, 10
PROGRAM = Program("relu", "categorical", "adam", 32)
RATE = {"learning_rate": 0.003}


def main() -> None:
    """Prints the table."""
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    samples = [_sample(seed) for seed in SEEDS]
    cells = [
        Cell(samples[seed], _network(width, seed), RATE, seed) for width in WIDTHS for seed in SEEDS
    ]
    seconds = [_seconds(cells, steps) for _ in range(2)]
    measured = list(WIDTHS)[1::3]
    alone = np.interp(WIDTHS, measured, [_alone(w, samples[0], steps) for w in measured])
    total = float(alone.sum()) * len(SEEDS)
    groups = buckets([c.widths for c in cells], INPUTS, CLASSES)
    own = sum(products(INPUTS, c.widths, CLASSES) for c in cells)
    with_padding = sum(len(g.members) * products(INPUTS, g.widths, CLASSES) for g in groups)
    print(f"networks               {len(cells)} of {steps} steps in {len(groups)} buckets")
    print(f"arithmetic, padded     {with_padding / own:.2f} times the networks' own")
    print(f"alone, sum             {total:.2f} s CPU")
    print(f"sweep, compiled        {seconds[1]:.2f} s CPU, {seconds[1] / total:.2f} times the sum")
    print(f"sweep, first time      {seconds[0]:.2f} s CPU, {seconds[0] / total:.2f} times the sum")


def _sample(seed: int) -> Sample:
    rng = np.random.default_rng(seed)
    inputs, target = rng.normal(size=(ROWS * 4 // 3, INPUTS)), np.arange(ROWS * 4 // 3) % CLASSES
    return sample(inputs, target, CLASSES, "categorical", test_share=0.25, label_noise=0.0, rng=rng)


def _network(width: int, seed: int):
    return initialize(np.random.default_rng(seed), (INPUTS, width, CLASSES), "he")


def _seconds(cells: list[Cell], steps: int) -> float:
    began = time.process_time()
    sweep(PROGRAM, cells, [0, steps], lambda *_: None)
    return time.process_time() - began


def _alone(width: int, data: Sample, steps: int) -> float:
    """The least CPU seconds of three for one network's steps."""
    cell = Cell(data, _network(width, 0), RATE, 0)
    rows, settings = padded([cell.sample], "train"), Settings.shared(1, **RATE)
    state = start(PROGRAM, settings, rows, stack([cell.params]), [0])
    state = advance(PROGRAM, settings, rows, state, 1)
    found = []
    for _ in range(3):
        began, at = time.process_time(), int(state.step)
        state = advance(PROGRAM, settings, rows, state, at + steps)
        state.step.block_until_ready()
        found.append(time.process_time() - began)
    return min(found)


if __name__ == "__main__":
    main()
