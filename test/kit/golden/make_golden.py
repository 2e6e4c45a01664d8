#!/usr/bin/env python3
"""Reference figures, computed with numpy, scipy and scikit-learn on the recordings in samples/, none of them by onay's own code.

Run:  python3 test/kit/golden/make_golden.py && npm run format
      (Debian: python3-numpy python3-scipy python3-pandas python3-sklearn)
Each definition below is a second one, written independently of the sources; golden.json beside this file is what it wrote with
the versions that it records.
"""
import json, os, math
import numpy as np, pandas as pd, scipy, sklearn
from scipy import stats
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score, log_loss, brier_score_loss

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "..", "..", "samples")
MIN = 60_000
DAY = 86_400_000
HORIZON_MIN, THRESHOLD_BP, EMBARGO_MIN, FOLDS = 5, 6.0, 60, 5


def ts(text):
    return int(pd.Timestamp(text, tz="UTC").timestamp() * 1000)


def rsi_wilder(close, n=14):
    out = np.full(len(close), np.nan)
    d = np.diff(close)
    gain, loss = np.maximum(d, 0), np.maximum(-d, 0)
    g, l = gain[:n].mean(), loss[:n].mean()
    for i in range(n, len(close)):
        if i > n:
            g, l = (g * (n - 1) + gain[i - 1]) / n, (l * (n - 1) + loss[i - 1]) / n
        out[i] = 50.0 if g == 0 and l == 0 else 100.0 if l == 0 else 100 - 100 / (1 + g / l)
    return out


def features(df):
    """One row a bar; no gaps in this file, so 'n minutes ago' is n rows ago."""
    m, lr = df.close.to_numpy(float), np.log(df.close.to_numpy(float))
    n = len(m)
    f = pd.DataFrame({"ts_ms": df.ts_ms, "mid": m})
    f["mid_change_1m"] = np.r_[np.nan, np.diff(m)]
    f["mid_logret_1m"] = np.r_[np.nan, np.diff(lr)]
    f["mid_logret_5m"] = np.r_[[np.nan] * 5, lr[5:] - lr[:-5]]
    eta = (np.log(df.high.to_numpy(float)) + np.log(df.low.to_numpy(float))) / 2
    s2 = np.r_[np.nan, 4 * (lr[:-1] - eta[:-1]) * (lr[:-1] - eta[1:])]   # Abdi & Ranaldo 2017, two bars
    f["spread_bp"] = 1e4 * np.sqrt(np.maximum(s2, 0))
    f["vol1m"] = df.volume.to_numpy(float) * m
    f["vol1m_log"] = np.log1p(f.vol1m)
    f["rsi14"] = rsi_wilder(m)
    f["rsi14_z"] = (f.rsi14 - 50) / 30
    s = pd.Series(m).rolling(1440, min_periods=60)
    f["zscore_mid_24h"] = (m - s.mean()) / (s.std(ddof=0) + 1e-8)
    r2 = pd.Series(f.mid_logret_1m ** 2)
    for k in (15, 60):
        f[f"rv_{k}m_log"] = np.log(np.sqrt(r2.rolling(k, min_periods=k).mean()) + 1e-7)
    f["fallback"] = fallback(f.mid_logret_1m.to_numpy())
    future = np.r_[lr[HORIZON_MIN:] - lr[:-HORIZON_MIN], [np.nan] * HORIZON_MIN]
    f["label"] = np.where(np.isnan(future), np.nan, (np.abs(future) * 1e4 > THRESHOLD_BP).astype(float))
    return f


def fallback(r, half_life=30, seed_returns=30):
    """P(|move over the horizon| > threshold) under a driftless normal with EWMA variance of 1-minute log returns."""
    lam, seen, var, out = 0.5 ** (1 / half_life), [], None, np.full(len(r), np.nan)
    for i, x in enumerate(r):
        if not np.isnan(x):
            if var is None:
                seen.append(x * x)
                if len(seen) == seed_returns:
                    var = float(np.mean(seen))
            else:
                var = lam * var + (1 - lam) * x * x
        if var is not None:
            out[i] = 2 * (1 - stats.norm.cdf(THRESHOLD_BP / 1e4 / (math.sqrt(var * HORIZON_MIN) + 1e-12)))
    return out


def within_reference(ref, names, days=7, share=0.95):
    """What the reference does to itself: the 95th percentile, over windows of that length that begin on each hour
    and lie inside the reference, of the PSI of the window against the whole reference."""
    t, per = ref.ts_ms.to_numpy(), {k: [] for k in names}
    for a in range(int(t[0]), int(t[-1]) + MIN - days * DAY + 1, 60 * MIN):
        w = (t >= a) & (t < a + days * DAY)
        for k in names:
            per[k].append(psi(ref[k].to_numpy(), ref[k].to_numpy()[w]))
    overall = np.mean([per[k] for k in names], axis=0)
    return {"windows": len(overall), "overall": float(np.quantile(overall, share)), **{k: float(np.quantile(v, share)) for k, v in per.items()}}


def psi(ref, cur, bins=10, floor=1e-4):
    edges = np.unique(np.quantile(ref, np.linspace(0, 1, bins + 1)[1:-1]))
    share = lambda x: np.maximum(np.bincount(np.searchsorted(edges, x, side="right"), minlength=len(edges) + 1) / len(x), floor)
    e, a = share(ref), share(cur)
    return float(((a - e) * np.log(a / e)).sum())


B0_MODEL = ["mid", "mid_change_1m", "spread_bp", "vol1m_log", "rsi14"]
B0_DRIFT = ["mid", "spread_bp", "vol1m", "rsi14"]
V181 = ["mid_logret_1m", "mid_logret_5m", "spread_bp", "vol1m_log", "rsi14_z", "zscore_mid_24h"]
V19 = V181 + ["rv_15m_log", "rv_60m_log"]


def window(f, a, b):
    return f[(f.ts_ms >= ts(a)) & (f.ts_ms < ts(b))]


class Fitted:
    """winsorise at the 0.5th and 99.5th training percentile, standardise, L2 logistic (sklearn C=1)."""

    def __init__(self, X, y):
        self.lo, self.hi = X.quantile(0.005), X.quantile(0.995)
        Z = X.clip(self.lo, self.hi, axis=1)
        self.mean, self.std = Z.mean(), Z.std(ddof=0)
        m = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(((Z - self.mean) / self.std).to_numpy(), y)
        self.w, self.b = m.coef_[0], float(m.intercept_[0])

    def logit(self, X):
        return ((X.clip(self.lo, self.hi, axis=1) - self.mean) / self.std).to_numpy() @ self.w + self.b

    def p(self, X):
        return 1 / (1 + np.exp(-self.logit(X)))

    def as_json(self, names):
        return {"bias": self.b, "weights": dict(zip(names, map(float, self.w))), "mean": self.mean.to_dict(),
                "std": self.std.to_dict(), "lo": self.lo.to_dict(), "hi": self.hi.to_dict()}


def at_top(y, p, share=0.2):
    k = int(math.floor(len(p) * share))
    top = np.argsort(-p, kind="stable")[:k]
    return float(y[top].mean()), float(y[top].sum() / y.sum())


def ece_equal_mass(y, p, bins=10):
    order = np.argsort(p, kind="stable")
    return float(sum(len(c) / len(p) * abs(p[c].mean() - y[c].mean()) for c in np.array_split(order, bins)))


def purged_cv(w, names):
    """Contiguous time blocks; a training row's label window may not touch the test block's, then the embargo."""
    t, y = w.ts_ms.to_numpy(), w.label.to_numpy()
    t0, t1 = t[0], t[-1] + MIN
    cuts = [t0 + (t1 - t0) * k // FOLDS for k in range(FOLDS + 1)]
    logit, folds = np.full(len(w), np.nan), []
    for a, b in zip(cuts, cuts[1:]):
        test = (t >= a) & (t < b)
        train = (t < a - HORIZON_MIN * MIN) | (t >= b + (HORIZON_MIN + EMBARGO_MIN) * MIN)
        m = Fitted(w[train][names], y[train])
        logit[test] = m.logit(w[test][names])
        folds.append({"test_from": int(a), "test_to": int(b), "train_rows": int(train.sum()), "test_rows": int(test.sum()),
                      "auc": float(roc_auc_score(y[test], logit[test]))})
    return logit, folds


def platt(logit, y):
    """Platt 1999 with his smoothed targets, by Newton's method to 1e-12."""
    n1, n0 = y.sum(), len(y) - y.sum()
    t = np.where(y == 1, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))
    a, b = 1.0, 0.0
    for _ in range(100):
        p = 1 / (1 + np.exp(-(a * logit + b)))
        g = np.array([((p - t) * logit).sum(), (p - t).sum()])
        h = p * (1 - p)
        H = np.array([[(h * logit * logit).sum(), (h * logit).sum()], [(h * logit).sum(), h.sum()]])
        step = np.linalg.solve(H, g)
        a, b = a - step[0], b - step[1]
        if np.abs(step).max() < 1e-12:
            break
    return float(a), float(b)


def report(w, names):
    y = w.label.to_numpy()
    logit, folds = purged_cv(w, names)
    a, b = platt(logit, y)
    p = 1 / (1 + np.exp(-(a * logit + b)))
    prec, rec = at_top(y, p)
    return {"rows": len(w), "base_rate": float(y.mean()), "auc": float(roc_auc_score(y, p)), "precision_at_20": prec,
            "recall_at_20": rec, "log_loss": float(log_loss(y, p)), "brier": float(brier_score_loss(y, p)),
            "ece_equal_mass_10": ece_equal_mass(y, p), "platt": {"a": a, "b": b}, "folds": folds,
            "final": Fitted(w[names], y).as_json(names)}


def main():
    out = {"versions": {"numpy": np.__version__, "scipy": scipy.__version__, "sklearn": sklearn.__version__, "pandas": pd.__version__}}
    for sym in ("btcusdt", "ethusdt"):
        df = pd.read_csv(os.path.join(DATA, f"{sym}_1m.csv.gz"))
        f = features(df)
        g = {"bars": {"rows": len(df), "first_ts_ms": int(df.ts_ms.iloc[0]), "last_ts_ms": int(df.ts_ms.iloc[-1])}}
        picks = [0, 1, 4, 5, 13, 14, 15, 58, 59, 60, 1438, 1439, 1440, 5000, 20000, 40000, len(df) - 1]
        g["features"] = [{k: (None if isinstance(v, float) and math.isnan(v) else (int(v) if k == "ts_ms" else float(v)))
                          for k, v in f.iloc[i].items()} for i in picks]
        ref = window(f, "2025-05-05", "2025-05-19")
        g["psi"] = []
        for a, b in (("2025-05-19", "2025-05-26"), ("2025-05-26", "2025-06-02"), ("2025-06-16", "2025-06-23")):
            cur = window(f, a, b)
            per = {k: psi(ref[k], cur[k]) for k in dict.fromkeys(B0_DRIFT + V181)}
            ks = {k: stats.ks_2samp(ref[k], cur[k], method="asymp") for k in per}
            g["psi"].append({"reference": ["2025-05-05", "2025-05-19"], "current": [a, b], "per_feature": per,
                             "overall_b0": float(np.mean([per[k] for k in B0_DRIFT])),
                             "overall_v181": float(np.mean([per[k] for k in V181])),
                             "ks": {k: {"statistic": float(v.statistic), "p_value": float(v.pvalue)} for k, v in ks.items()}})
        own = window(f, "2025-05-12", "2025-05-26")
        g["psi_v181_own_reference"] = [{"reference": ["2025-05-12", "2025-05-26"], "current": [a, b],
                                        "overall": float(np.mean([psi(own[k], window(f, a, b)[k]) for k in V181])),
                                        "per_feature": {k: psi(own[k], window(f, a, b)[k]) for k in V181}}
                                       for a, b in (("2025-05-26", "2025-06-02"), ("2025-06-02", "2025-06-09"))]
        g["within_reference_p95"] = {"v1.8-b0": within_reference(ref.dropna(), B0_DRIFT), "v1.8.1": within_reference(own.dropna(), V181)}
        # rows whose label is not known yet at the window's end take no part in training
        known = lambda a, b: window(f, a, b)[lambda w: w.ts_ms < ts(b) - HORIZON_MIN * MIN].dropna()
        b0, v1 = known("2025-05-05", "2025-05-19"), known("2025-05-12", "2025-05-26")
        g["v1.8-b0"] = {"window": ["2025-05-05", "2025-05-19"], **report(b0, B0_MODEL)}
        g["v1.8.1"] = {"window": ["2025-05-12", "2025-05-26"], **report(v1, V181)}
        m0, m1 = Fitted(b0[B0_MODEL], b0.label.to_numpy()), Fitted(v1[V181], v1.label.to_numpy())
        sig = lambda m, X, pl: 1 / (1 + np.exp(-(pl["a"] * m.logit(X) + pl["b"])))
        g["shadow"] = []
        for a, b in (("2025-05-26", "2025-05-27"), ("2025-05-27", "2025-05-28"), ("2025-06-01", "2025-06-02")):
            w = window(f, a, b)
            d = np.abs(sig(m0, w[B0_MODEL], g["v1.8-b0"]["platt"]) - sig(m1, w[V181], g["v1.8.1"]["platt"]))
            g["shadow"].append({"day": a, "match_rate": float((d <= 0.05).mean()), "mean_abs_delta": float(d.mean()), "max_abs_delta": float(d.max())})
        late = known("2025-05-26", "2025-06-09")
        late_m, late_r = Fitted(late[V181], late.label.to_numpy()), report(late, V181)
        g["v1.8.1_retrained_2025-06-09"] = {"window": ["2025-05-26", "2025-06-09"], **late_r}
        w = window(f, "2025-06-09", "2025-06-10")
        d = np.abs(sig(m0, w[B0_MODEL], g["v1.8-b0"]["platt"]) - sig(late_m, w[V181], late_r["platt"]))
        g["shadow_2025-06-09"] = {"match_rate": float((d <= 0.05).mean()), "mean_abs_delta": float(d.mean())}
        # the third act: v1.9 with volatility features, trained at 2025-06-09, beside what serves and the fallback
        new = known("2025-05-26", "2025-06-09")
        new_m, new_r = Fitted(new[V19], new.label.to_numpy()), report(new, V19)
        g["v1.9_trained_2025-06-09"] = {"window": ["2025-05-26", "2025-06-09"], **new_r,
                                        "fallback_auc": float(roc_auc_score(new.label, new.fallback)),
                                        "fallback_log_loss": float(log_loss(new.label, np.clip(new.fallback, 1e-6, 1 - 1e-6)))}
        g["settled"] = []
        for a, b in (("2025-05-26", "2025-06-02"), ("2025-06-09", "2025-06-16")):
            w = known(a, b)
            scores = {"v1.8-b0": sig(m0, w[B0_MODEL], g["v1.8-b0"]["platt"]), "v1.8.1": sig(m1, w[V181], g["v1.8.1"]["platt"]), "fallback": np.clip(w.fallback.to_numpy(), 1e-6, 1 - 1e-6)}
            if a == "2025-06-09":
                scores["v1.9"] = sig(new_m, w[V19], new_r["platt"])
                d = np.abs(scores["v1.9"] - scores["v1.8.1"])
                g["v1.9_against_v1.8.1"] = {"days": [a, b], "match_rate": float((d <= 0.05).mean()), "mean_abs_delta": float(d.mean())}
            g["settled"].append({"days": [a, b], "rows": len(w), **{k: {"auc": float(roc_auc_score(w.label, v)), "log_loss": float(log_loss(w.label, v)), "ece_equal_mass_10": ece_equal_mass(w.label.to_numpy(), np.asarray(v))} for k, v in scores.items()}})
        ref9 = window(f, "2025-05-26", "2025-06-09")
        per9 = {k: psi(ref9[k], window(f, "2025-06-09", "2025-06-16")[k]) for k in V19}
        g["psi_v19_own_reference"] = {"reference": ["2025-05-26", "2025-06-09"], "current": ["2025-06-09", "2025-06-16"], "overall": float(np.mean(list(per9.values()))), "per_feature": per9}
        g["against_v1.8.1_in_charge"] = {}
        for what, mm, names, pl in (("v1.8.2", late_m, V181, late_r["platt"]), ("v1.9", new_m, V19, new_r["platt"])):
            for day, nxt in (("2025-06-08", "2025-06-09"), ("2025-06-09", "2025-06-10")):
                w = window(f, day, nxt)
                d = np.abs(sig(m1, w[V181], g["v1.8.1"]["platt"]) - sig(mm, w[names], pl))
                g["against_v1.8.1_in_charge"][f"{what} {day}"] = {"match_rate": float((d <= 0.05).mean()), "mean_abs_delta": float(d.mean())}
        g["match_day_before"] = {}
        for day, nxt, mm, pl in (("2025-05-25", "2025-05-26", m1, g["v1.8.1"]["platt"]), ("2025-06-08", "2025-06-09", late_m, late_r["platt"])):
            w = window(f, day, nxt)
            d = np.abs(sig(m0, w[B0_MODEL], g["v1.8-b0"]["platt"]) - sig(mm, w[V181], pl))
            g["match_day_before"][day] = {"match_rate": float((d <= 0.05).mean()), "mean_abs_delta": float(d.mean())}
        # isotonic on the first three days after training, scored on the next three
        fitw, useW = known("2025-05-26", "2025-05-29"), known("2025-05-29", "2025-06-01")
        pf, pu = sig(m1, fitw[V181], g["v1.8.1"]["platt"]), sig(m1, useW[V181], g["v1.8.1"]["platt"])
        iso = IsotonicRegression(out_of_bounds="clip", y_min=0, y_max=1).fit(pf, fitw.label)
        g["isotonic"] = {"fit": ["2025-05-26", "2025-05-29"], "use": ["2025-05-29", "2025-06-01"],
                         "ece_before": ece_equal_mass(useW.label.to_numpy(), pu), "ece_after": ece_equal_mass(useW.label.to_numpy(), iso.predict(pu)),
                         "probe": [{"p": q, "calibrated": float(iso.predict([q])[0])} for q in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)]}
        out[sym] = g
    with open(os.path.join(HERE, "golden.json"), "w") as h:
        json.dump(out, h, indent=1)
        h.write("\n")
    for sym in ("btcusdt", "ethusdt"):
        g = out[sym]
        print(sym, [(p["current"], round(p["overall_b0"], 3), round(p["overall_v181"], 3)) for p in g["psi"]], g["psi_v181_own_reference"])
        for k in ("v1.8-b0", "v1.8.1", "v1.8.1_retrained_2025-06-09"):
            print(" ", k, {q: round(g[k][q], 4) for q in ("base_rate", "auc", "precision_at_20", "recall_at_20", "ece_equal_mass_10")})
        print("  own reference", [(p["current"], p["per_feature"]) for p in g["psi_v181_own_reference"]], g["within_reference_p95"])
        print("  v1.9", {q: round(g["v1.9_trained_2025-06-09"][q], 4) for q in ("auc", "precision_at_20", "log_loss", "fallback_auc", "fallback_log_loss")}, g["v1.9_against_v1.8.1"], g["match_day_before"])
        print("  in charge v1.8.1:", g["against_v1.8.1_in_charge"], g["psi_v19_own_reference"])
        for q in g["settled"]: print("  settled", q)
        print(" ", g["shadow"], g["shadow_2025-06-09"], g["isotonic"])


if __name__ == "__main__":
    main()
