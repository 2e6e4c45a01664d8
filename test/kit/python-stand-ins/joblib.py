"""Stand-in: `load` reads a logistic model from JSON and gives it the one method of a scikit-learn pipeline that is called."""
import json
import math


class Pipeline:
    def __init__(self, bias, weights):
        self.bias = bias
        self.weights = weights

    def predict_proba(self, table):
        sums = [self.bias + sum(w * v for w, v in zip(self.weights, row)) for row in table]
        return [[1 - p, p] for p in (1 / (1 + math.exp(-s)) for s in sums)]


def load(path):
    with open(path) as file:
        return Pipeline(**json.load(file))
