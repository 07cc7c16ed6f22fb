"""Finite mixtures of distributions: EM from many starts, standard errors, the number of components.

`kinds` says what a component can be, `em` is the algorithm, `search` fits from many starts,
`choosing` finds the number of components, `information` gives standard errors and EM's rate.
"""
