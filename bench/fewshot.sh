#!/usr/bin/env bash
# Few-shot curves: a pretrained text encoder tuned with 8, 32 and 128 labelled examples a class by several methods, beside a logistic regression over words.
# usage: bench/fewshot.sh MODEL DATA.csv TEXT TARGET [TEST.csv]     -> one JSON line a size, method and draw
# The examples hold the validation rows too: nothing else is labelled. Without TEST.csv the rows that were not drawn are the test rows, at most ROWS of them.
# SIZES (default "8 32 128"), METHODS ("head setfit lora full"), DRAWS ("1 2 3") and ROWS (1000) choose. Needs python3 to draw the rows.
set -eu
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[ $# -ge 4 ] || { sed -n '2,6p' "$0" >&2; exit 2; }
model=$1; data=$2; text=$3; target=$4; test=${5:-}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
for size in ${SIZES:-8 32 128}; do
  for draw in ${DRAWS:-1 2 3}; do
    python3 - "$data" "$text" "$target" "$test" "$size" "$draw" "${ROWS:-1000}" "$work" <<'P'
import csv, random, sys
data, text, target, test, size, draw, most, work = sys.argv[1:]
csv.field_size_limit(1 << 30)
read = lambda path: [(r[text], r[target]) for r in csv.DictReader(open(path, encoding="utf-8", newline=""))]
rows, random = read(data), random.Random(int(draw))
if test:   # a text of the test file is no example
    known = {t for t, _ in read(test)}
    rows = [r for r in rows if r[0] not in known]
rows = list(dict.fromkeys(rows))
random.shuffle(rows)
examples = [r for label in sorted({l for _, l in rows}) for r in [r for r in rows if r[1] == label][: int(size)]]
chosen = set(examples)
others = read(test) if test else [r for r in rows if r not in chosen]
random.shuffle(examples)
for name, part in (("train", examples), ("test", others[: int(most)])):
    with open(f"{work}/{name}.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([(text, target), *part])
P
    for method in ${METHODS:-head setfit lora full}; do
      start=$(date +%s.%N)
      "$root/attune" tune --model "$model" --data "$work/train.csv" --test "$work/test.csv" --text "$text" --target "$target" --method "$method" --seed "$draw" --out "$work/run" --force --quiet >"$work/said" || { cat "$work/said" >&2; exit 1; }
      python3 - "$work/run" "$(basename "$data")" "$size" "$draw" "$method" "$(echo "$(date +%s.%N) - $start" | bc)" <<'P'
import json, sys
run, data, size, draw, method, seconds = sys.argv[1:]
evaluation, verdict = json.load(open(f"{run}/evaluation.json")), json.load(open(f"{run}/verdict.json"))
keep = lambda metrics: {k: round(metrics[k]["value"], 4) for k in ("accuracy", "log_loss", "roc_auc") if k in metrics}
words = evaluation["baselines"]["logistic"]["splits"]["test"]["metrics"]
print(json.dumps({"data": data, "size": int(size), "draw": int(draw), "method": method, "test_rows": evaluation["splits"]["test"]["rows"], **keep(evaluation["splits"]["test"]["metrics"]),
                  "words": keep(words), "before": verdict["before"]["name"], "verdict": verdict["verdict"], "seconds": round(float(seconds), 1)}), flush=True)
P
    done
  done
done
