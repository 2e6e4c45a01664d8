#!/usr/bin/env python3
"""A binary model with categorical splits out of a file that LightGBM saved: the trees of one class of a model of 13, with its raw scores.

From dmitryikh/leaves, testdata/lg_kddcup99.* and kddcup99_test.tsv (MIT). Run: python3 make_golden_lightgbm.py path/to/leaves/testdata
"""
import math, os, re, sys

SOURCE = sys.argv[1]
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "trees")
CLASS, CLASSES, ROWS = 6, 13, 150


def lines(name):
    return open(os.path.join(SOURCE, name)).read().splitlines()


def main():
    whole = open(os.path.join(SOURCE, "lg_kddcup99.model")).read()
    head, *trees = re.split(r"(?m)^(?=Tree=\d+$)", whole)
    end = trees[-1].index("end of trees")
    trees[-1], tail = trees[-1][:end], trees[-1][end:]
    kept = [re.sub(r"^Tree=\d+", f"Tree={i}", t) for i, t in enumerate(trees[CLASS::CLASSES])]
    head = re.sub(r"(?m)^(num_class|num_tree_per_iteration)=.*$", r"\1=1", head)
    head = re.sub(r"(?m)^objective=.*$", "objective=binary sigmoid:1", head)
    head = re.sub(r"(?m)^tree_sizes=.*$", "tree_sizes=" + " ".join(str(len(t)) for t in kept), head)
    open(os.path.join(HERE, "lightgbm_categories.txt"), "w").write(head + "".join(kept) + tail)
    rows, raw = lines("kddcup99_test.tsv")[:ROWS], lines("lg_kddcup99_true_predictions.txt")[:ROWS]
    p = [1 / (1 + math.exp(-float(r.split("\t")[CLASS]))) for r in raw]
    open(os.path.join(HERE, "lightgbm_categories.rows.tsv"), "w").write("\n".join(rows) + "\n")
    open(os.path.join(HERE, "lightgbm_categories.expected.txt"), "w").write("\n".join(repr(v) for v in p) + "\n")


if __name__ == "__main__":
    main()
