"""Fields of a `Config` that experiments on learners share: the data, the learner and its parameters."""

from typing import Any, Literal

from core.experiment import field
from core.learners.names import DATA, GROWN, KNOWN, LEARNERS, PENALISED, SYNTHETIC

UPLOADED = {"data": ("upload",)}
NETWORK = ("network",)
MORE: Literal["more"] = "more"


def data(default: str) -> Any:
    """A bundled, synthetic or uploaded data set."""
    return field(
        default,
        "A bundled real data set, a synthetic one, or an uploaded file.",
        section="data",
        kind="data",
        names=DATA,
    )


def learner(default: str) -> Any:
    """Which learner."""
    return field(default, "The learner: scikit-learn's, or a neural network.", names=LEARNERS)


TARGET = field(
    "",
    "Column to be predicted; empty for a data set's own target.",
    section="data",
    kind="column",
    when=UPLOADED,
)
TASK = field(
    "auto",
    "Whether the target is classes or a number; auto tells by its values.",
    section="data",
    when=UPLOADED,
)
GROUP = field(
    "",
    "Name of a column whose rows of equal value stay on one side of a split; empty for none.",
    section="data",
    when=UPLOADED,
)
TIME = field(
    "",
    "Name of a column of times: the latest rows test what earlier ones taught; empty for none.",
    section="data",
    when=UPLOADED,
)
ROWS = field(
    5000,
    "Rows of the data used at most; of more, a random sample.",
    section=MORE,
    scale="log",
    ge=100,
    le=20_000,
)
SAMPLES = field(
    800,
    "Rows of a synthetic data set, those for testing included.",
    section="data",
    scale="log",
    ge=12,
    le=20_000,
    when={"data": SYNTHETIC},
)
FEATURES = field(
    20,
    "Number of features p of the designs whose learning curve is known.",
    section="data",
    ge=1,
    le=200,
    when={"data": tuple(KNOWN)},
)
NOISE = field(
    0.5,
    "Standard deviation of the noise: of the target of the linear model, of both coordinates of the "
    "designs in the plane.",
    section="data",
    ge=0,
    le=2,
    step=0.01,
    when={"data": tuple(n for n in SYNTHETIC if n not in ("gaussians", "perceptron"))},
)
DISTANCE = field(
    2.0,
    "Distance Δ between the means of the two Gaussian classes, in standard deviations.",
    section="data",
    ge=0.1,
    le=6,
    step=0.1,
    when={"data": ("gaussians",)},
)
PENALTY = field(
    1.0,
    "Penalty: scikit-learn's alpha of ridge, 1/C of the logistic ones; a hundredth of it is lasso's "
    "alpha. The target is standardised.",
    scale="log",
    ge=1e-6,
    le=1e6,
    when={"learner": PENALISED},
)
NEIGHBOURS = field(5, "Number of neighbours k.", scale="log", ge=1, le=500, when={"learner": ("knn",)})
TREES = field(50, "Number of trees.", scale="log", ge=1, le=500, when={"learner": GROWN})
DEPTH = field(
    0,
    "Largest depth of a tree; 0 for the learner's own: no limit, and 3 in boosting.",
    ge=0,
    le=30,
    when={"learner": ("tree", *GROWN)},
)
COST = field(
    1.0,
    "Cost C of a row on the wrong side of its margin.",
    scale="log",
    ge=1e-4,
    le=1e4,
    when={"learner": ("svm",)},
)
WIDTH = field(32, "Units in each hidden layer.", scale="log", ge=1, le=512, when={"learner": NETWORK})
LAYERS = field(1, "Hidden layers.", label="Hidden layers", ge=1, le=3, when={"learner": NETWORK})
LEARNING_RATE = field(
    0.01,
    "Learning rate of AdamW.",
    section="training",
    scale="log",
    ge=1e-5,
    le=0.1,
    when={"learner": NETWORK},
)
WEIGHT_DECAY = field(
    0.01,
    "Weight decay of AdamW: w → w − learning rate · weight decay · w at each step.",
    section="training",
    ge=0,
    le=10,
    step=0.01,
    when={"learner": NETWORK},
)
STEPS = field(
    400,
    "Steps of training, each on a batch of 32 rows.",
    section="training",
    scale="log",
    ge=1,
    le=20_000,
    when={"learner": NETWORK},
)
TEST_SHARE = field(0.25, "Share of the rows kept for testing.", section=MORE, ge=0.05, le=0.9, step=0.05)
