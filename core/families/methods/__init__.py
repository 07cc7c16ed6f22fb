"""Other estimates than maximum likelihood, one file a method.

Each file gives `criterion(problem) -> (law -> number or numbers)`: a number is made as small as it can
be, numbers are brought to 0.
"""
