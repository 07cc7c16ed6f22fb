"""Bounds on how far a true risk or law lies from what a sample shows, with their exact constants.

Every bound holds with probability at least 1 − δ over n independent samples of one law, for losses
in [0, 1], unless its docstring says otherwise. What each assumes beyond that, and where it was
proved, is in its docstring; tests/bounds holds each one's failure probability against simulation.
"""
