"""Bayesian inference: conjugate posteriors and how they are put to the test, posteriors of many
observations, repeated tests of a rare condition, and the evidence of linear regression."""
