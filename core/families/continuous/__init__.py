"""Continuous families, one a file: density, start values, scipy's name, closed forms."""
