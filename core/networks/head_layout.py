"""What the tables of the choice of a likelihood hold: no computation, so that pages wait for none."""

from core.experiment import Table

SCORES = Table(
    "What the held-out targets say of each head, the best first; replicates are pooled.",
    {
        "head": "head of the network",
        "score": "mean held-out log-score, nats: log-density in the target's unit, or log-probability",
        "standard_error": "standard error of the mean",
        "behind": "how far it is behind the best head, nats, target by target",
        "behind_error": "standard error of that difference",
        "train_score": "mean log-score of the training part, nats",
        "divergence": "KL divergence from the truth, nats, by quadrature; empty for data of one's own",
        "coverage": "share of held-out targets in central 90 % intervals",
        "cramer_von_mises": "Cramér–von Mises statistic of the probability transform; 1.17 is the "
        "99.9 % point of a calibrated head",
    },
)
RISK = Table(
    "Mean negative log-likelihood of each head, replicate and part.",
    {
        "replicate": "replicate, from 1",
        "head": "head of the network",
        "split": "train or test",
        "risk": "mean of −log p(y), nats",
    },
)
THEORY = Table(
    "What theory says of the risk: entropy of the truth plus divergence from it.",
    {
        "head": "head of the network",
        "split": "test",
        "risk": "expected mean of −log p(y) for the held-out inputs, nats",
        "entropy": "mean of −log of the true law on the held-out targets, nats",
        "divergence": "KL divergence of the trained head from the truth, nats",
    },
)
PIT = Table(
    "Probability transforms of held-out targets in ten bins: uniform for a calibrated head.",
    {
        "head": "head of the network",
        "low": "lower edge of the bin",
        "high": "upper edge of the bin",
        "share": "share of held-out targets in the bin; counts at random within their step",
        "standard_error": "standard error of the share under a calibrated head",
        "predicted": "share that the truth gives the bin; empty for data of one's own",
    },
)
COVERAGE = Table(
    "How often central intervals hold the held-out target.",
    {
        "head": "head of the network",
        "level": "probability that the head gives the interval",
        "share": "share of held-out targets inside; counts at random within their step",
        "standard_error": "standard error of the share were it the level",
    },
)
BANDS = Table(
    "Points of the predicted law along the input, of the first replicate, and of the truth.",
    {
        "head": "head of the network, or truth",
        "input": "input, from −1 to 1",
        "low": "5 % point, in the unit of the target",
        "middle": "median, in the unit of the target",
        "high": "95 % point, in the unit of the target",
    },
)
SAMPLE = Table(
    "Some held-out targets of the first replicate.",
    {"input": "input, from −1 to 1", "target": "target, in its unit"},
)
NOTES = Table("What was assumed, left out or not tested.", {"note": "a sentence"})
TABLES = {
    "scores": SCORES,
    "risk": RISK,
    "theory": THEORY,
    "pit": PIT,
    "coverage": COVERAGE,
    "bands": BANDS,
    "sample": SAMPLE,
}
