"""Generalization: why what is learned holds, or does not, on new data."""
