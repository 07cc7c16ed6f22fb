"""Learners of scikit-learn, and networks, on any data with a target: how good are they, and why?

- `names`: which learners and synthetic designs are there?
- `fields`: which fields does a `Config` need for data and learner?
- `rows`: what does a learner see of a data set, and what was assumed in reading it?
- `splits`: which rows train and which test, where classes, groups or time forbid any split?
- `preparing`: how do missing values, texts and scales become numbers, by the training part alone?
- `models`: which estimator is a learner, with its parameters?
- `perceptron`: what does a neural network learn from these rows?
- `portions`: how does a fit that is under way end when its run is cancelled?
- `capacities`: which parameter makes a learner more or less flexible?
- `setting`: what is learnt from which rows, replicate by replicate?
- `fitting`: what are the risks of a learner fitted to these rows?
- `hebb`: what is Hebb's rule, as a learner?
- `known`: where is the learning curve known in closed form?
- `closed`: does the measured curve follow the one that is known?
- `curve_tables`: what is in the tables of a learning curve?
- `power_law`: how does risk go on falling with more samples, and how sure is that?
- `forecasts`: what does that law forecast, and does it hold at the largest size?
- `crossing`: does cross-validation have the risk of half as many rows?
- `verdict`: is a learner limited by data, by its capacity, or by noise?
"""
