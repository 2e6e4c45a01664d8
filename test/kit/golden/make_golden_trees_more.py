#!/usr/bin/env python3
"""More boosted trees of XGBoost's own making, with what it predicts: dart, categorical splits, several trees a round, an early stop.

Run: python3 test/kit/golden/make_golden_trees_more.py   (Debian: python3-xgboost 1.7.4)
"""
import json, os
import numpy as np, xgboost as xgb

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "trees")
NAMES = ["mid_logret_1m", "spread_bp", "rsi14_z", "vol1m_log"]


def rows(n, seed):
    r = np.random.default_rng(seed)
    x = r.normal(size=(n, 4))
    x[:, 3] = r.integers(0, 12, n)
    odds = 1.5 * x[:, 0] - x[:, 1] * x[:, 2] + np.isin(x[:, 3], [1, 4, 5, 9]) * 2 - 0.7
    y = (r.random(n) < 1 / (1 + np.exp(-odds))).astype(int)
    x[r.random((n, 4)) < 0.07] = np.nan
    return x, y


def keep(name, saved, predict, x):
    saved.save_model(os.path.join(HERE, f"xgboost_{name}.json"))
    p = predict(x)
    out = {"xgboost": xgb.__version__, "features": NAMES, "rows": [[None if np.isnan(v) else v for v in r] for r in x.tolist()],
           "predictions": [float(v) for v in p], "tolerance": 1e-6}
    json.dump(out, open(os.path.join(HERE, f"xgboost_{name}.expected.json"), "w"))
    print(name, os.path.getsize(os.path.join(HERE, f"xgboost_{name}.json")))


def main():
    os.makedirs(HERE, exist_ok=True)
    x, y = rows(3000, 1)
    test, _ = rows(200, 2)
    test[:5, 3] = [40, -1, 11, 2.5, 1e9]
    plain = dict(objective="binary:logistic", seed=0, nthread=1, tree_method="hist", max_depth=4, eta=0.3)
    data = xgb.DMatrix(x, y, feature_names=NAMES)
    ask = lambda m: lambda x: m.predict(xgb.DMatrix(x, feature_names=NAMES))
    m = xgb.train({**plain, "booster": "dart", "rate_drop": 0.3, "base_score": 0.3}, data, 12)
    keep("dart", m, ask(m), test)
    m = xgb.train({**plain, "num_parallel_tree": 3, "subsample": 0.7}, data, 6)
    keep("forest", m, ask(m), test)
    kinds = ["q", "q", "q", "c"]
    cats = xgb.DMatrix(x, y, feature_names=NAMES, feature_types=kinds, enable_categorical=True)
    whole = test.copy()
    whole[:5, 3] = [40, np.nan, 11, 2, 200]
    m = xgb.train({**plain, "tree_method": "approx", "max_cat_to_onehot": 3}, cats, 8)
    keep("categories", m, lambda x: m.predict(xgb.DMatrix(x, feature_names=NAMES, feature_types=kinds, enable_categorical=True)), whole)
    # As XGBClassifier saves a fit that was stopped early: it predicts with the rounds up to the best one, a Booster with all.
    vx, vy = rows(600, 3)
    m = xgb.train({**plain, "eta": 0.5}, data, 80, evals=[(xgb.DMatrix(vx, vy, feature_names=NAMES), "v")], early_stopping_rounds=3, verbose_eval=False)
    m.set_attr(scikit_learn='{"_estimator_type": "classifier"}')
    print("best", m.best_iteration, "of", m.num_boosted_rounds())
    keep("early_stop", m, lambda x: m.predict(xgb.DMatrix(x, feature_names=NAMES), iteration_range=(0, m.best_iteration + 1)), test)


if __name__ == "__main__":
    main()
