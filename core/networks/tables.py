"""The tables that a training gives: declared apart from what fills them, free of JAX."""

from core.experiment import Table

RISK = Table(
    "Risk of each replicate on each split, at about 50 positions of the training.",
    {
        "replicate": "number of the replicate, from 1",
        "split": "train or test",
        "epoch": "passes over the training data so far",
        "step": "updates so far",
        "risk": "mean negative log-likelihood, nats; for a Gaussian mean squared error, squared "
        "units of the target; empty from where a replicate diverged",
        "error": "share of rows whose most probable class is wrong; empty for a number",
        "entropy": "mean entropy of the predicted class probabilities, nats; empty for a number",
    },
)
GRADIENTS = Table(
    "Size of the training loss's gradient by layer.",
    {
        "replicate": "number of the replicate, from 1",
        "layer": "number of the layer, from 1 at the inputs",
        "epoch": "passes over the training data so far",
        "step": "updates so far",
        "gradient_norm": "Euclidean norm over the layer's weights and biases, of the loss of the "
        "scaled target, per unit of weight",
    },
)
SUMMARY = Table(
    "Each replicate at the last position, or with early stopping where its validation risk was least.",
    {
        "replicate": "number of the replicate, from 1",
        "train_risk": "as in the table risk",
        "test_risk": "as in the table risk",
        "test_error": "share of test rows; empty for a number",
        "diverged_step": "updates after which the loss was not finite or above a million; "
        "empty where it stayed below",
    },
)
OVERALL = Table(
    "The last position, or with early stopping each replicate's best, over the replicates that did not "
    "diverge.",
    {
        "quantity": "train risk, test risk, gap (test risk − train risk), test error or diverged",
        "value": "mean over replicates; for diverged their number",
        "standard_error": "of that mean, over splits of one data set, initial weights and batches",
        "unit": "unit of the value",
    },
)
SURFACE = Table(
    "What the first replicate that did not diverge predicts on a grid, where there are two inputs.",
    {
        "x1": "first input, in its own unit: centre of the cell",
        "x2": "second input, in its own unit: centre of the cell",
        "class": "most probable class; empty for a number",
        "probability": "probability of that class; empty for a number",
        "value": "predicted number, in the unit of the target; empty for classes",
    },
)
POINTS = Table(
    "Rows of the data, where there are two inputs, as that replicate saw them; at most 500.",
    {
        "x1": "first input, in its own unit",
        "x2": "second input, in its own unit",
        "class": "class, with label noise in the training part; empty for a number",
        "value": "the number to be predicted; empty for classes",
        "split": "train or test",
    },
)
INPUTS = Table(
    "What the tables surface and points call their inputs, where there are two.",
    {"input": "x1 or x2, as in those tables", "name": "the input's name in the data"},
)
VALIDATION = Table(
    "Risk on the rows held out of the training part, where early stopping looked.",
    {
        "replicate": "number of the replicate, from 1",
        "epoch": "passes over the training data so far",
        "step": "updates so far",
        "risk": "as in the table risk",
        "best": "1 where a replicate's risk was least and its network comes from, else 0",
    },
)
PREDICTIONS = Table(
    "Test rows as one network predicts them: that of the first replicate that did not diverge.",
    {
        "row": "number of the row, from 1, among those that are used",
        "target": "its class, or its number in the unit of the target",
        "predicted": "the most probable class, or the predicted number",
        "probability": "predicted probability of that class; empty for a number",
        "loss": "negative log-likelihood of the target, nats; for a Gaussian squared error, squared "
        "units of the target",
    },
)
PROBABILITIES = Table(
    "Predicted probabilities in the rows of the table predictions, a row a class; at most 100,000.",
    {
        "row": "as in the table predictions",
        "class": "a class",
        "probability": "its predicted probability",
    },
)
CONFUSION = Table(
    "How classes are mistaken for one another: test rows of all replicates that did not diverge, by "
    "class and predicted class. Pairs without a row are left out.",
    {
        "target": "the row's class",
        "predicted": "the most probable class",
        "rows": "number of rows; a row counts once for each replicate that tests on it",
        "share": "their share of all rows of that class",
    },
)
RELIABILITY = Table(
    "Whether predicted probabilities are honest: the same rows, by the probability of the most "
    "probable class. Bins without a row are left out.",
    {
        "lower": "lower edge of the bin of probabilities",
        "upper": "its upper edge, which belongs to it",
        "rows": "number of rows in it",
        "confidence": "mean probability of the most probable class, which an honest network's share "
        "right comes to",
        "right": "share of rows in which that class is right",
        "standard_error": "of that share in as many rows, if probabilities are honest and rows "
        "independent: √(Σ p (1 − p)) / rows",
    },
)
HARDEST = Table(
    "The rows of the table predictions that cost most.",
    {
        "place": "1 for the greatest loss",
        "row": "as in the table predictions",
        "target": "as in the table predictions",
        "predicted": "as in the table predictions",
        "probability": "predicted probability of the row's own class; empty for a number",
        "loss": "as in the table predictions",
    },
)
PICTURES = Table(
    "Those rows as pictures, for digits.",
    {
        "place": "as in the table hardest",
        "across": "column of the pixel, from 0 at the left",
        "down": "line of the pixel, from 0 at the top",
        "ink": "from 0, paper, to 16",
    },
)
PARAMETERS = Table(
    "All numbers of the network that the table predictions is of, to at most 100,000; of a larger "
    "one none.",
    {
        "layer": "number of the layer, from 1 at the inputs; 0 for the scaling of inputs and target",
        "array": "weight or bias; gain and shift of a normalised layer; center and spread of the "
        "inputs; target_center and target_spread",
        "input": "number, from 1, of the layer's input that a weight multiplies; empty for others",
        "output": "number, from 1, of the layer's output, or of the scaled input",
        "value": "the number itself, in 32 bits; scaling in 64",
    },
)
NETWORK = Table(
    "What else must be known to evaluate that network.",
    {
        "name": "activation, likelihood or residual; feature n; class n, from 1 in the order of "
        "the outputs",
        "value": "its value",
    },
)
THEORY = Table(
    "What theory predicts of the risk.",
    {
        "name": "the prediction in words",
        "epoch": "where it holds: 0, before the first step",
        "risk": "the predicted risk, in the unit of the table risk; mean over replicates",
    },
)
NOTES = Table("What was assumed, left out or went wrong.", {"note": "a sentence"})
OUTCOME = {
    "confusion": CONFUSION,
    "reliability": RELIABILITY,
    "hardest": HARDEST,
    "pictures": PICTURES,
    "predictions": PREDICTIONS,
    "probabilities": PROBABILITIES,
    "parameters": PARAMETERS,
    "network": NETWORK,
}
