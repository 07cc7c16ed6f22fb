"""Fields of a `Config` for students of a teacher network; free of JAX."""

from core.experiment import field

NETWORK = {"machine": ("network",)}

EXAMPLES = field(
    640,
    "Largest number of training samples n of the networks.",
    label="Samples",
    section="data",
    when=NETWORK,
    scale="log",
    ge=160,
    le=2000,
)
SIGMA = field(
    0.3,
    "Standard deviation σ of the noise in the teacher's targets, whose own is 1.",
    label="Noise σ",
    section="data",
    unit="standard deviations of the target",
    when=NETWORK,
    step=0.05,
    ge=0.05,
    le=2.0,
)
STUDENT = field(
    2,
    "Units of the student; the teacher has 2, and the theory needs as many.",
    label="Units of the student",
    section="assumption",
    when=NETWORK,
    scale="log",
    ge=1,
    le=64,
)
STEPS = field(
    800,
    "Steps of training of a student, each on 64 rows.",
    section="training",
    when=NETWORK,
    scale="log",
    ge=100,
    le=10_000,
)
TRAININGS = field(
    10,
    "Samples on which students are trained.",
    label="Replicates",
    section="training",
    when=NETWORK,
    scale="log",
    ge=4,
    le=100,
)
