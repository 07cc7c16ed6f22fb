"""Families of counts, one a file: log mass, start values, scipy's name."""
