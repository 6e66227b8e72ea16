#!/usr/bin/env bash
# Promise 3 against real kills: an uninterrupted run, then the same run killed with SIGKILL at random moments and resumed until
# N kills have struck; the finished files have to be the same bytes each time.
# usage: bench/kills.sh [N] [table|pictures]   (default 200, table); exits 1 when a byte differs.
#   table     a new network for a table, dense engine
#   pictures  full fine-tuning of a small ResNet (ONNX) on generated pictures, on libtorch, after its new head was trained alone
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || exit 2
kills=${1:-200}
kind=${2:-table}
case $kind in table | pictures) ;; *) echo "usage: $0 [N] [table|pictures]" >&2; exit 2 ;; esac
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
attune() { "$root/attune" "$@"; }
attune doctor >/dev/null || exit 2   # builds first, so that no kill strikes the compiler
files=(model/model.safetensors model/graph.onnx model/model.json model/seen-rows.bin evaluation.json verdict.json events.jsonl split.json)
if [ "$kind" = table ]; then
  awk 'BEGIN { srand(7); print "a,b,c,label"; for (i = 0; i < 6000; i++) { a = rand() - .5; b = rand() - .5; c = rand() - .5; print a "," b "," c "," (a * b + .1 * c + .05 * (rand() - .5) > 0 ? "yes" : "no") } }' >table.csv
  options=(--data table.csv --target label --epochs 12 --batch-size 16 --quiet --set training.checkpoint-seconds=0.02 --set model.hidden-sizes=64,64 --set evaluation.resamples=100)
  files+=(model/encoder.json)
else
  # 24 × 24 BMP files: each class has a colour, with noise.
  picture() {
    LC_ALL=C awk -v seed="$2" -v c="$1" 'BEGIN { srand(seed); n = split("66 77 54 0 0 0 0 0 0 0 54 0 0 0 40 0 0 0 24 0 0 0 24 0 0 0 1 0 24 0 0 0 0 0 192 6", head, " "); for (i = 1; i <= 54; i++) printf "%c", (i == 3 ? 246 : i == 4 ? 6 : i <= n ? head[i] : 0)
      for (i = 0; i < 1728; i++) printf "%c", 1 + int((i % 3 == c ? 80 : 60) + 90 * rand()) }'
  }
  seed=1
  for class in blue:0 green:1 red:2; do
    mkdir -p "photos/${class%:*}"
    for i in $(seq 40); do picture "${class#*:}" "$seed" >"photos/${class%:*}/$i.bmp"; seed=$((seed + 1)); done
  done
  options=(--model "$root/test/golden/onnx/resnet_small.onnx" --data photos --epochs 20 --batch-size 10 --quiet --set training.micro-batch-size=4 --set training.checkpoint-seconds=0.02 --set evaluation.resamples=100)
fi
started=$(date +%s%N)
attune tune "${options[@]}" --out whole >/dev/null || exit 2
length=$((($(date +%s%N) - started) / 1000000))

complete() { [ -f run/run.json ] && grep -q '"status": "complete"' run/run.json; }
struck=0 rounds=0 resumed=0
while [ "$struck" -lt "$kills" ]; do
  rm -rf run
  rounds=$((rounds + 1))
  while ! complete; do
    if [ -f run/checkpoints/last.safetensors ]; then resumed=$((resumed + 1)); fi
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
echo "$kind: $struck kills, $resumed starts from a checkpoint, $rounds runs finished, ${#files[@]} files the same bytes each time"
