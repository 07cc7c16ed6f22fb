"""Networks: multilayer perceptrons as pure functions of a tree of parameters, their likelihoods and
optimisers, one compiled program that trains all replicates together, and what is measured on them.

The order of a training: `samples` splits and standardises, `initialization` draws weights,
`training` starts and walks, `measures` looks. `identities` holds what must be equal exactly.
"""
