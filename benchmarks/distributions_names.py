"""Families and parameters of the peers in benchmarks/distributions.py, as scipy's shapes, location and
scale: of those families that both have."""

import math
from collections.abc import Callable, Sequence
from typing import Any

# A family of scipy's, and its shapes, location and scale.
Law = tuple[str, Sequence[float]]

# phitter's names and parameters as scipy's; of those families that both have.
PHITTER: dict[str, Callable[[dict[str, float]], Law]] = {
    "beta": lambda p: ("beta", (p["alpha"], p["beta"], p["A"], p["B"] - p["A"])),
    "burr": lambda p: ("burr12", (p["B"], p["C"], 0, p["A"])),
    "cauchy": lambda p: ("cauchy", (p["x0"], p["gamma"])),
    "dagum": lambda p: ("burr", (p["a"], p["p"], 0, p["b"])),
    "exponential": lambda p: ("expon", (0, 1 / p["lambda"])),
    "exponential_2p": lambda p: ("expon", (p["loc"], 1 / p["lambda"])),
    "fatigue_life": lambda p: ("fatiguelife", (p["gamma"], p["loc"], p["scale"])),
    "frechet": lambda p: ("invweibull", (p["alpha"], p["loc"], p["scale"])),
    "gamma": lambda p: ("gamma", (p["alpha"], 0, p["beta"])),
    "gamma_3p": lambda p: ("gamma", (p["alpha"], p["loc"], p["beta"])),
    "generalized_extreme_value": lambda p: ("genextreme", (-p["xi"], p["mu"], p["sigma"])),
    "generalized_gamma": lambda p: ("gengamma", (p["d"] / p["p"], p["p"], 0, p["a"])),
    "generalized_normal": lambda p: ("gennorm", (p["beta"], p["mu"], p["alpha"])),
    "generalized_pareto": lambda p: ("genpareto", (p["c"], p["mu"], p["sigma"])),
    "gumbel_left": lambda p: ("gumbel_l", (p["mu"], p["sigma"])),
    "gumbel_right": lambda p: ("gumbel_r", (p["mu"], p["sigma"])),
    "half_normal": lambda p: ("halfnorm", (p["mu"], p["sigma"])),
    "inverse_gamma": lambda p: ("invgamma", (p["alpha"], 0, p["beta"])),
    "inverse_gaussian": lambda p: ("invgauss", (p["mu"] / p["lambda"], 0, p["lambda"])),
    "johnson_sb": lambda p: ("johnsonsb", (p["gamma"], p["delta"], p["xi"], p["lambda"])),
    "johnson_su": lambda p: ("johnsonsu", (p["gamma"], p["delta"], p["xi"], p["lambda"])),
    "laplace": lambda p: ("laplace", (p["mu"], p["b"])),
    "levy": lambda p: ("levy", (p["mu"], p["c"])),
    "logistic": lambda p: ("logistic", (p["mu"], p["sigma"])),
    "loglogistic": lambda p: ("fisk", (p["beta"], 0, p["alpha"])),
    "lognormal": lambda p: ("lognorm", (p["sigma"], 0, math.exp(p["mu"]))),
    "maxwell": lambda p: ("maxwell", (p["loc"], p["alpha"])),
    "nakagami": lambda p: ("nakagami", (p["m"], 0, math.sqrt(p["omega"]))),
    "non_central_t_student": lambda p: ("nct", (p["n"], p["lambda"], p["loc"], p["scale"])),
    "normal": lambda p: ("norm", (p["mu"], p["sigma"])),
    "rayleigh": lambda p: ("rayleigh", (p["gamma"], p["sigma"])),
    "rice": lambda p: ("rice", (p["v"] / p["sigma"], 0, p["sigma"])),
    "t_student_3p": lambda p: ("t", (p["df"], p["loc"], p["scale"])),
    "triangular": lambda p: ("triang", ((p["c"] - p["a"]) / (p["b"] - p["a"]), p["a"], p["b"] - p["a"])),
    "uniform": lambda p: ("uniform", (p["a"], p["b"] - p["a"])),
    "weibull": lambda p: ("weibull_min", (p["alpha"], 0, p["beta"])),
    "weibull_3p": lambda p: ("weibull_min", (p["alpha"], p["loc"], p["beta"])),
}

# reliability's names, and their parameters (a row of its table) as scipy's.
RELIABILITY: dict[str, Callable[[Any], Law]] = {
    "Weibull_2P": lambda r: ("weibull_min", (r["Beta"], 0, r["Alpha"])),
    "Weibull_3P": lambda r: ("weibull_min", (r["Beta"], r["Gamma"], r["Alpha"])),
    "Gamma_2P": lambda r: ("gamma", (r["Beta"], 0, r["Alpha"])),
    "Gamma_3P": lambda r: ("gamma", (r["Beta"], r["Gamma"], r["Alpha"])),
    "Loglogistic_2P": lambda r: ("fisk", (r["Beta"], 0, r["Alpha"])),
    "Loglogistic_3P": lambda r: ("fisk", (r["Beta"], r["Gamma"], r["Alpha"])),
    "Lognormal_2P": lambda r: ("lognorm", (r["Sigma"], 0, math.exp(r["Mu"]))),
    "Lognormal_3P": lambda r: ("lognorm", (r["Sigma"], r["Gamma"], math.exp(r["Mu"]))),
    "Normal_2P": lambda r: ("norm", (r["Mu"], r["Sigma"])),
    "Gumbel_2P": lambda r: ("gumbel_l", (r["Mu"], r["Sigma"])),
    "Exponential_1P": lambda r: ("expon", (0, 1 / r["Lambda"])),
    "Exponential_2P": lambda r: ("expon", (r["Gamma"], 1 / r["Lambda"])),
    "Beta_2P": lambda r: ("beta", (r["Alpha"], r["Beta"], 0, 1)),
}
# Those that scipy lacks.
MIXED = ["Weibull_CR", "Weibull_Mixture", "Weibull_DS"]

# OpenTURNS' factories, and their parameters as scipy's.
OPENTURNS: dict[str, Callable[..., Law]] = {
    "Beta": lambda a, b, low, high: ("beta", (a, b, low, high - low)),
    "Exponential": lambda rate, at: ("expon", (at, 1 / rate)),
    "Frechet": lambda beta, alpha, at: ("invweibull", (alpha, at, beta)),
    "Gamma": lambda k, rate, at: ("gamma", (k, at, 1 / rate)),
    "GeneralizedPareto": lambda sigma, xi, at: ("genpareto", (xi, at, sigma)),
    "Gumbel": lambda beta, at: ("gumbel_r", (at, beta)),
    "InverseNormal": lambda mu, lam: ("invgauss", (mu / lam, 0, lam)),
    "Laplace": lambda mu, rate: ("laplace", (mu, 1 / rate)),
    "Logistic": lambda mu, beta: ("logistic", (mu, beta)),
    "LogNormal": lambda mu, sigma, at: ("lognorm", (sigma, at, math.exp(mu))),
    "Normal": lambda mu, sigma: ("norm", (mu, sigma)),
    "Pareto": lambda beta, alpha, at: ("pareto", (alpha, at, beta)),
    "Rayleigh": lambda beta, at: ("rayleigh", (at, beta)),
    "Rice": lambda beta, nu: ("rice", (nu / beta, 0, beta)),
    "Student": lambda nu, mu, sigma: ("t", (nu, mu, sigma)),
    "Triangular": lambda a, m, b: ("triang", ((m - a) / (b - a), a, b - a)),
    "Uniform": lambda a, b: ("uniform", (a, b - a)),
    "WeibullMax": lambda beta, alpha, at: ("weibull_max", (alpha, at, beta)),
    "WeibullMin": lambda beta, alpha, at: ("weibull_min", (alpha, at, beta)),
}
