"""Stand-in: it learns nothing, and saves what it was given to learn from, so that a test can look at it."""
import json


class XGBClassifier:
    def __init__(self, **settings):
        self.settings = settings

    def fit(self, inputs, labels):
        self.seen = {"rows": len(inputs), "columns": len(inputs[0]), "positive": sum(labels)}

    def save_model(self, path):
        with open(path, "w") as file:
            json.dump({"stand_in": self.settings["objective"], **self.seen}, file)
