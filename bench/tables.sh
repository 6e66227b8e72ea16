#!/usr/bin/env bash
# Attune's default model beside scikit-learn's linear model and boosted trees on the same split of a table.
# usage: bench/tables.sh DATA.csv TARGET [attune tune options…]     -> one JSON line
# Needs the peer environment (bench/peer/setup.sh; folder in ATTUNE_PEER, default /opt/peer).
set -eu
here=$(cd "$(dirname "$0")" && pwd); root=$(dirname "$here"); peer=${ATTUNE_PEER:-/opt/peer}
[ -x "$peer/usr/bin/python3" ] || { echo "bench/tables.sh: no peer environment in $peer; make it with bench/peer/setup.sh (or set ATTUNE_PEER)" >&2; exit 2; }
[ $# -ge 2 ] || { sed -n '2,4p' "$0" >&2; exit 2; }
data=$1; target=$2; shift 2
work=$(mktemp -d); trap 'rm -rf "$work" "$peer/tmp/tables.$$"' EXIT
mkdir -p "$peer/tmp/tables.$$"
start=$(date +%s.%N)
"$root/attune" tune --data "$data" --target "$target" --out "$work/run" --quiet "$@" >"$work/said"
seconds=$(echo "$(date +%s.%N) - $start" | bc)
cp "$data" "$peer/tmp/tables.$$/data.csv"; cp "$work/run/split.json" "$here/peer/tables.py" "$here/peer/sklearn_tables.py" "$peer/tmp/tables.$$/"
chroot "$peer" python3 "/tmp/tables.$$/tables.py" "/tmp/tables.$$/data.csv" "$target" "/tmp/tables.$$/split.json" "/tmp/tables.$$"
chroot "$peer" python3 "/tmp/tables.$$/sklearn_tables.py" "/tmp/tables.$$/train.csv" "/tmp/tables.$$/test.csv" "$target" >"$peer/tmp/tables.$$/peer.json"
cp "$work/run/evaluation.json" "$work/run/verdict.json" "$peer/tmp/tables.$$/"
chroot "$peer" python3 - "/tmp/tables.$$" "$(basename "$data")" "$seconds" <<'P'
import json, sys
folder, name, seconds = sys.argv[1:]
peer, run = json.load(open(f"{folder}/peer.json")), json.load(open(f"{folder}/evaluation.json"))
metrics = run["splits"]["test"]["metrics"]
keep = ("accuracy", "log_loss", "roc_auc") if "accuracy" in metrics else ("rmse", "mae", "r2")
print(json.dumps({"table": name, "rows": peer["rows"], "attune": {k: [metrics[k]["value"], *(metrics[k]["interval"] or [])] for k in keep} | {"seconds": float(seconds)},
                  "linear": {k: peer["linear"][k] for k in keep}, "trees": {k: peer["trees"][k] for k in keep} | {"seconds": peer["trees"]["fit_seconds"]}}))
P
