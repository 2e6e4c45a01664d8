"""An XGBoost model from training to a canary. Beyond the standard library: xgboost and numpy.

    ONAY_TOKEN=$(cat .onay/token) PYTHONPATH=clients/python python3 examples/xgboost_to_canary.py --version xgb-1

It trains on the rows that the room has logged (evidence/ml/features_raw*.log) but for the last full day, on which the room
measures the model; brings it into the shadow, watches it there, and asks for a canary, which a person approves with
`onay approve`. Run it in the directory of the room, which must run.
"""
import argparse
import json
import math
import subprocess
import sys
import time
from pathlib import Path

from onay import Onay

FEATURES = ["mid_logret_1m", "mid_logret_5m", "rsi14_z", "vol1m_log", "rv_15m_log", "rv_60m_log"]
# The label of the configuration: a move of more than 6 basis points, either way, 5 minutes later.
HORIZON_MS = 5 * 60_000
THRESHOLD = 0.0006
DAY_MS = 86_400_000


def logged_rows(directory):
    """Every row of the logs, by its minute."""
    rows = {}
    for path in sorted(Path(directory).glob("features_raw*.log")):
        with path.open() as lines:
            next(lines)  # what the columns are
            for line in lines:
                row = json.loads(line)
                rows[row["ts_ms"]] = row
    return rows


def before_the_last_day(rows):
    """The rows to train on, and where they end: the room's window ends at the last UTC midnight and needs a day that is new."""
    until_ms = max(rows) // DAY_MS * DAY_MS - DAY_MS
    kept = {ts_ms: row for ts_ms, row in rows.items() if ts_ms < until_ms}
    if not kept:
        sys.exit("the logs reach back less than a day before the last full one: let the room run on")
    return kept, until_ms


def labelled(rows):
    """Features and labels of the minutes whose outcome is known. A gap is not bridged; a missing value stays missing."""
    inputs, labels = [], []
    for ts_ms, row in sorted(rows.items()):
        later = rows.get(ts_ms + HORIZON_MS)
        if later is None:
            continue
        inputs.append([math.nan if row[name] is None else row[name] for name in FEATURES])
        labels.append(int(abs(math.log(later["mid"] / row["mid"])) > THRESHOLD))
    return inputs, labels


def train(inputs, labels, path):
    import numpy
    import xgboost

    model = xgboost.XGBClassifier(
        objective="binary:logistic", n_estimators=200, max_depth=4, learning_rate=0.05, subsample=0.8, random_state=1
    )
    model.fit(numpy.array(inputs), numpy.array(labels))
    model.save_model(path)


def add(path, version, trained_until_ms):
    """Into the shadow. The offline report scores only rows that the model has not seen."""
    command = ["onay", "models", "add", str(path), "--version", version, "--features", ",".join(FEATURES)]
    if subprocess.run([*command, "--trained-until", str(trained_until_ms)]).returncode != 0:
        sys.exit(f"{version} was not taken: see the line above")


def watch(onay, comparisons, every=5.0):
    """Until the candidate was compared so often with the model in charge."""
    while True:
        seen = onay.shadow()
        print(f"{seen['candidate']}: {seen['comparisons']} comparisons, {seen['errors']} errors", flush=True)
        if seen["comparisons"] >= comparisons:
            return seen
        time.sleep(every)


def ask_for_canary(onay, timeout=None, every=1.0):
    """Asks, says what a person should read before they answer, and waits for the answer."""
    waiting = onay.start_canary(plan="mini", profile="improve")
    print(waiting["sentence"])
    for line in waiting["against"]:
        print(f"  against: {line}")
    print(f"answer it: onay approve {waiting['id']} --phrase ONAY --reason ...", flush=True)
    return onay.wait_for_approval(waiting["id"], timeout=timeout, every=every)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--version", required=True)
    options.add_argument("--url", default="http://127.0.0.1:4010")
    options.add_argument("--logs", default="evidence/ml")
    options.add_argument("--comparisons", type=int, default=500)
    given = options.parse_args()

    rows, until_ms = before_the_last_day(logged_rows(given.logs))
    inputs, labels = labelled(rows)
    train(inputs, labels, "m.json")
    add("m.json", given.version, until_ms)
    onay = Onay(given.url)
    watch(onay, given.comparisons)
    answered = ask_for_canary(onay)
    print(f"{answered['state']}: {onay.canary()['state']}")
    sys.exit(0 if answered["state"] == "approved" else 1)


if __name__ == "__main__":
    main()
