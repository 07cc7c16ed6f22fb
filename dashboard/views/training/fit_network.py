"""The page of fit-network: risk as training goes on, and what the network has learnt."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.shell import charts
from dashboard.shell.view import Config, Figure, Panel, Tables, rows
from dashboard.views.training.predictions import confusion, hardest, reliability, scatter
from dashboard.views.training.surface import surface

WHY = r"""
A network with outputs $z(x)$ is trained on part of the data to make its **empirical risk** small,
the mean of $-\log p(y \mid x)$ over the rows it sees. The same mean over rows kept apart is the
**test risk**, and the difference is the generalisation gap. For classes
$p(y = k \mid x) = e^{z_k} / \sum_j e^{z_j}$; for a number the Gaussian likelihood makes the risk a
squared error, the Laplace likelihood an absolute one, and the Poisson likelihood is for counts.

**Where risk begins.** With small, symmetric output weights all classes are about equally likely:

$$
R_0 = \log K + \mathrm{E}\, C(z) + \delta
$$

with a fluctuation $\delta$ of mean zero and the correction

$$
C(z) = \log\Bigl(\tfrac1K\textstyle\sum_k e^{z_k - \bar z}\Bigr),
$$

which is of second order in the output weights (Hoeffding's lemma):

$$
0 \le C(z) \le \tfrac18 (\max z - \min z)^2 .
$$

For a number, squared error begins at the variance of the target plus $\mathrm{E}\, z^2$.
*Break it*: large initial output weights make confident, wrong predictions, and risk begins far
above.

**Where it ends without a hidden layer.** Risk is then convex, and with a small penalty its minimum
is unique: training and scikit-learn's optimiser must arrive at the same value, if training is given
the steps. Nesterov's method needs of the order of $\sqrt\kappa$ steps for each digit, with $\kappa$
the condition number. *Break it*: stop after five steps.

**Gradients** by automatic differentiation equal $\bigl(R(w + hv) - R(w - hv)\bigr) / 2h$ up to
$h^2$ and rounding, where risk is differentiable.

**Honest probabilities.** Of the test rows that are put into a class with probability $p$, a share
$p$ should be right. A network trained to the end is more certain than that; the expected distance
of honest probabilities in a sample this large is beside the measured one.

**The network itself.** Export has it as `network.npz`, and in `network.py` the few lines of NumPy that
evaluate it; with ReLU and two hidden layers:

```python
net = np.load("network.npz"); x = (inputs - net["center"]) / net["spread"]
for i in (1, 2): x = np.maximum(x @ net[f"weight{i}"] + net[f"bias{i}"], 0)
outputs = x @ net["weight3"] + net["bias3"]
```

**What to look for.** Training risk keeps falling; test risk may turn and rise while test error does
not: the network becomes more certain, of its mistakes too. With label noise the turn comes early,
and the entropy of the predictions falls below what the noise allows. Fewer samples, more epochs and
wider layers make the gap larger; weight decay makes it smaller.

Sources: Rumelhart, Hinton & Williams (1986), *Nature* 323, 533–536;
Hoeffding (1963), *J. Amer. Statist. Assoc.* 58, 13–30;
Nesterov (2004), *Introductory Lectures on Convex Optimization*, section 2.2;
calibration: [Guo, Pleiss, Sun & Weinberger (arXiv:1706.04599)](https://arxiv.org/abs/1706.04599);
Adam: [Kingma & Ba (arXiv:1412.6980)](https://arxiv.org/abs/1412.6980);
initial weights: [He, Zhang, Ren & Sun (arXiv:1502.01852)](https://arxiv.org/abs/1502.01852).
"""

LINES = {"symbolType": "stroke", "symbolOpacity": 1, "symbolStrokeWidth": 3, "symbolSize": 250}
BOTTOM = alt.Legend(orient="bottom", title=None, **LINES)


def verdict(tables: Tables, config: Config) -> list[Figure]:
    """Test error, test risk and gap with standard errors, and how many replicates diverged."""
    overall = rows(tables, "overall")
    if overall.empty:
        return []
    at = overall.set_index("quantity")
    figures = []
    if pd.notna(at.loc["test error", "value"]):
        value, error = 100 * at.loc["test error", ["value", "standard_error"]].astype(float)
        text = f"{charts.number(value, error)} %"
        figures.append(Figure("Test error", text, "share of test rows put in the wrong class"))
    glosses = {
        "test risk": "mean over replicates ± standard error",
        "gap": "test risk − train risk, mean ± standard error",
    }
    for name, said in glosses.items():
        row = at.loc[name]
        label = f"{name.capitalize()}, {row['unit'].removesuffix(' of the target')}"
        if pd.notna(row["value"]):
            text = charts.number(row["value"], row["standard_error"])
            figures.append(Figure(label, text, f"{said}; {row['unit']}"))
    lost = at.loc["diverged"]
    said = "replicates whose loss left all bounds; they are left out of every mean"
    if not lost["value"]:
        return figures
    return [*figures, Figure("Diverged", f"{lost['value']:.0f} {lost['unit']}", said)]


def panels(tables: Tables, config: Config) -> list[Panel]:
    """Risk by epoch; the surface where there are two inputs; what is made of the test rows; error,
    entropy and gradients."""
    risk = rows(tables, "risk")
    if rows(tables, "theory").empty or _epochs(risk) < 2:
        return []
    made = [_risk(tables, risk), surface(tables), confusion(tables), hardest(tables), scatter(tables)]
    if risk["error"].notna().any():
        made += [reliability(tables), _error(tables, risk), _entropy(tables, risk)]
    made.append(_gradients(rows(tables, "gradients")))
    return [panel for panel in made if panel]


def _risk(tables: Tables, risk: pd.DataFrame) -> Panel:
    unit = _unit(tables)
    scale, suffix = _scale(risk["risk"])
    start = "what theory predicts at epoch 0."
    if unit != "nats":
        start = "the variance of the target, where risk begins and what predicting its mean would cost."
    y = {"title": f"risk, {unit}{suffix}", "scale": scale}
    chart = _curves(risk, y, "risk") + _start(tables, scale)
    return Panel(
        "risk",
        "Risk as training goes on",
        chart.properties(height=400),
        f"{_bands(risk)} Grey: {start}",
        _finding(tables, "risk", unit),
    )


def _error(tables: Tables, risk: pd.DataFrame) -> Panel:
    y = {"title": "error, share of rows", "axis": alt.Axis(format=".0%")}
    chart = _curves(risk, y, "error").properties(height=320)
    words = _finding(tables, "error", "of rows")
    return Panel("error", "How many rows are put in the wrong class", chart, _bands(risk), words)


def _entropy(tables: Tables, risk: pd.DataFrame) -> Panel:
    scale = alt.Scale(zero=True)
    y = {"title": "entropy, nats", "scale": scale}
    chart = _curves(risk, y, "entropy") + _start(tables, scale)
    return Panel(
        "entropy",
        "How certain the network is",
        chart.properties(height=320),
        f"{_bands(risk)} Entropy 0 is certainty; the grey line is equal probabilities.",
        "Entropy of the predicted class probabilities by epoch, on train and test rows.",
    )


def _gradients(gradients: pd.DataFrame) -> Panel | None:
    # A log scale has no place for a gradient of exactly 0.
    shown = gradients[gradients["gradient_norm"] > 0]
    if shown["epoch"].nunique() < 2:
        return None
    legend = alt.Legend(orient="bottom", **LINES)
    chart = (
        alt.Chart(shown)
        .mark_line(strokeWidth=2, clip=True, point=_few(shown))
        .encode(
            x=alt.X("epoch:Q", title="epoch"),
            y=alt.Y(
                "mean(gradient_norm):Q",
                title="gradient norm, log scale",
                scale=alt.Scale(type="log"),
                axis=alt.Axis(format="~g"),
            ),
            color=alt.Color("layer:O", scale=alt.Scale(scheme="viridis"), legend=legend),
            strokeDash=alt.StrokeDash("layer:O", legend=legend),
            tooltip=["layer:O", "epoch:Q", alt.Tooltip("mean(gradient_norm):Q", format=".3g")],
        )
        .properties(height=320)
    )
    return Panel(
        "gradients",
        "Which layers still learn",
        chart,
        f"Norm of the training loss's gradient by layer, layer 1 at the inputs; mean of "
        f"{shown['replicate'].nunique()} replicates.",
        "Gradient norm of each layer by epoch.",
    )


def _curves(risk: pd.DataFrame, y: dict[str, Any], column: str) -> alt.LayerChart:
    """Mean by epoch and split, with a band of one standard error over replicates."""
    known = risk[risk[column].notna()]
    color = alt.Color("split:N", scale=charts.SPLITS, legend=BOTTOM)
    dashes = alt.Scale(domain=["train", "test"], range=[[1, 0], [7, 2]])
    base = alt.Chart(known).encode(x=alt.X("epoch:Q", title="epoch"), color=color)
    line = base.mark_line(strokeWidth=2, point=_few(known)).encode(
        y=alt.Y(f"mean({column}):Q", **y),
        strokeDash=alt.StrokeDash("split:N", scale=dashes, legend=BOTTOM),
        tooltip=["split:N", "epoch:Q", alt.Tooltip(f"mean({column}):Q", format=".3g", title=column)],
    )
    if known["replicate"].nunique() < 2:
        return alt.layer(line)
    band = base.mark_errorband(extent="stderr", opacity=0.25).encode(y=alt.Y(f"{column}:Q", **y))
    return alt.layer(band, line)


def _epochs(risk: pd.DataFrame) -> int:
    """At how many epochs risk was measured and finite."""
    return 0 if risk.empty else int(risk.loc[risk["risk"].notna(), "epoch"].nunique())


def _few(known: pd.DataFrame) -> bool:
    """Whether there are too few positions for a line to show."""
    return bool(known["epoch"].nunique() < 3)


def _scale(values: pd.Series) -> tuple[alt.Scale, str]:
    """A log scale where positive values span more than a factor of 20, and words that say so."""
    known = values.dropna()
    if len(known) and known.min() > 0 and known.max() > 20 * known.min():
        return alt.Scale(type="log"), " (log scale)"
    return alt.Scale(zero=False), ""


def _start(tables: Tables, scale: alt.Scale) -> alt.LayerChart:
    """Where theory says that risk begins."""
    start = rows(tables, "theory").iloc[0]
    name = f"{start['name']} = {charts.number(start['risk'])}"
    return charts.rule(start["risk"], name, axis="y", scale=scale)


def _unit(tables: Tables) -> str:
    overall = rows(tables, "overall")
    return "nats" if overall.empty else str(overall["unit"].iloc[0])


def _bands(risk: pd.DataFrame) -> str:
    count = risk.loc[risk["risk"].notna(), "replicate"].nunique()
    if count < 2:
        return "One replicate." if count else "No replicate kept a finite loss."
    return f"Mean of {count} replicates; the band is one standard error of that mean."


def _finding(tables: Tables, column: str, unit: str) -> str:
    overall = rows(tables, "overall")
    said = f"Train and test {column} by epoch"
    if overall.empty:
        return f"{said}."
    row = overall.set_index("quantity").loc[f"test {column}"]
    return f"{said}; test {column} ends at {charts.number(row['value'], row['standard_error'])} {unit}."
