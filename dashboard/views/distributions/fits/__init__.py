"""The charts of the page of fit-distribution, a file for each group."""
