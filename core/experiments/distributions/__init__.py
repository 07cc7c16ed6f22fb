"""Distributions: how a probability model is fitted to data."""
