"""Training: how networks converge, and why they sometimes do not."""
