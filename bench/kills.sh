#!/usr/bin/env bash
# Promise 3 against real kills: an uninterrupted run, then the same run killed with SIGKILL at random moments and resumed until
# N kills have struck; the finished files have to be the same bytes each time.
# usage: bench/kills.sh [N]   (default 200); exits 1 when a byte differs.
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || exit 2
kills=${1:-200}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
awk 'BEGIN { srand(7); print "a,b,c,label"; for (i = 0; i < 6000; i++) { a = rand() - .5; b = rand() - .5; c = rand() - .5; print a "," b "," c "," (a * b + .1 * c + .05 * (rand() - .5) > 0 ? "yes" : "no") } }' >table.csv
attune() { "$root/attune" "$@"; }
attune doctor >/dev/null || exit 2   # builds first, so that no kill strikes the compiler
options=(--data table.csv --target label --epochs 12 --batch-size 16 --quiet --set training.checkpoint-seconds=0.02 --set model.hidden-sizes=64,64 --set evaluation.resamples=100)
files=(model/model.safetensors model/encoder.json model/graph.onnx model/model.json model/seen-rows.bin evaluation.json verdict.json events.jsonl split.json)
started=$(date +%s%N)
attune tune "${options[@]}" --out whole >/dev/null || exit 2
length=$((($(date +%s%N) - started) / 1000000))

complete() { [ -f run/run.json ] && grep -q '"status": "complete"' run/run.json; }
struck=0 rounds=0
while [ "$struck" -lt "$kills" ]; do
  rm -rf run
  rounds=$((rounds + 1))
  while ! complete; do
    if [ -f run/run.json ]; then arguments=(tune --resume run --quiet); else rm -rf run; arguments=(tune "${options[@]}" --out run); fi
    ATTUNE_NO_BUILD=1 "$root/attune" "${arguments[@]}" >/dev/null 2>error.txt &
    process=$!
    delay=$(((RANDOM * 32768 + RANDOM) % (length + 1)))
    sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
    if kill -9 "$process" 2>/dev/null; then struck=$((struck + 1)); wait "$process" 2>/dev/null
    elif ! wait "$process"; then echo "kills.sh: round $rounds: the run failed: $(cat error.txt)" >&2; exit 1; fi
  done
  for file in "${files[@]}"; do
    cmp -s "whole/$file" "run/$file" || { echo "kills.sh: round $rounds, after $struck kills: $file differs" >&2; exit 1; }
  done
done
echo "$struck kills, $rounds runs finished, ${#files[@]} files the same bytes each time"
