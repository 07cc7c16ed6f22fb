"""Fields of a `Config` for how a network is built and trained, beyond the ones always shown: free of
JAX, for any experiment that trains networks. `Program` and `Settings` say what they mean."""

from typing import Literal

from core.datasets.labelled import SYNTHETIC
from core.experiment import field

MORE: Literal["more"] = "more"

SIGMA_W = field(
    1.5,
    "σ_w: initial weights have variance σ_w² / inputs.",
    label="Weight spread σ_w",
    section=MORE,
    ge=0.01,
    le=10,
    step=0.05,
    when={"initialization": ("sigma",)},
)
SIGMA_B = field(
    0.1,
    "σ_b: initial biases have variance σ_b².",
    label="Bias spread σ_b",
    section=MORE,
    ge=0,
    le=10,
    step=0.05,
    when={"initialization": ("sigma",)},
)
PARAMETRIZATION = field(
    "standard",
    "ntk writes each layer with weights of variance 1 and a fixed factor: the same network at the "
    "start, other steps.",
    section=MORE,
)
NORMALIZATION = field(
    "none",
    "What normalises a hidden layer's values before the activation: each unit over the batch, or each "
    "row over the units.",
    section=MORE,
)
RESIDUAL = field(
    False,
    "Whether a hidden layer as wide as the one before adds to its values instead of replacing them.",
    label="Residual connections",
    section=MORE,
)
DROPOUT = field(
    0.0,
    "Share of hidden units left out at random in each training step.",
    section=MORE,
    ge=0,
    le=0.95,
    step=0.05,
)
MOMENTUM = field(
    0.9,
    "Share β of the last step's direction that is kept.",
    section=MORE,
    ge=0,
    le=0.999,
    step=0.01,
    when={"optimizer": ("momentum", "nesterov")},
)
SCHEDULE = field(
    "constant",
    "How the learning rate changes: cosine to 0 at the end, in steps, or like 1/t.",
    label="Learning rate schedule",
    section=MORE,
)
DECAY_EPOCHS = field(
    20.0,
    "Epochs between two steps of the schedule, or until 1/t has halved the learning rate.",
    section=MORE,
    unit="epochs",
    ge=0.1,
    le=5000,
    when={"schedule": ("step", "inverse-time")},
)
DECAY_FACTOR = field(
    0.5,
    "What a step of the schedule multiplies the learning rate by.",
    section=MORE,
    ge=0.01,
    le=1,
    step=0.05,
    when={"schedule": ("step",)},
)
WARMUP_EPOCHS = field(
    0.0,
    "Epochs in which the learning rate rises linearly from nothing; 0 for none.",
    label="Warm-up",
    section=MORE,
    unit="epochs",
    ge=0,
    le=5000,
)
CLIP = field(
    0.0,
    "Largest norm of a step's gradient, all layers together; a longer one is cut to it, 0 for none.",
    label="Largest gradient norm",
    section=MORE,
    ge=0,
    le=1e6,
)
REPLACEMENT = field(
    False,
    "Whether the rows of a batch are drawn with replacement; otherwise each epoch takes each row once.",
    label="Draw with replacement",
    section=MORE,
)
EARLY_STOPPING = field(
    False,
    "Whether training ends when the risk on held-out training rows has stopped falling, and each "
    "network goes back to where that was least.",
    section=MORE,
)
PATIENCE = field(
    10,
    "Epochs without a new least validation risk after which a replicate ends.",
    section=MORE,
    unit="epochs",
    ge=1,
    le=5000,
    when={"early_stopping": (True,)},
)
VALIDATION_SHARE = field(
    0.2,
    "Share of the training rows held out to decide when to stop.",
    section=MORE,
    gt=0,
    lt=1,
    step=0.05,
    when={"early_stopping": (True,)},
)
LABEL_NOISE = field(
    0.0,
    "Share of training labels replaced by another class, or by another row's number.",
    section="data",
    ge=0,
    le=1,
    step=0.05,
)
WEIGHT_DECAY = field(
    0.0,
    "Penalty λ in ½ λ ‖w‖² on weights, not biases; for adamw, lion and muon the decay apart from "
    "the gradient.",
    section=MORE,
    ge=0,
    le=10,
)
TEST_SHARE = field(0.25, "Share of the rows kept for testing.", section=MORE, gt=0, lt=1, step=0.05)
REPLICATES = field(
    5, "Networks, each with its own split, initial weights and batches.", section=MORE, ge=1, le=50
)
BATCH_SIZE = field(32, "Rows in a step; 0 for all training rows.", section=MORE, ge=0, le=100_000)
SAMPLES = field(
    1000,
    "Points of a synthetic data set.",
    section="data",
    ge=10,
    le=50_000,
    when={"data": tuple(SYNTHETIC)},
)
NOISE = field(
    0.05,
    "Standard deviation of the Gaussian noise on both coordinates of a synthetic data set.",
    section="data",
    ge=0,
    le=2,
    step=0.01,
    when={"data": tuple(SYNTHETIC)},
)
