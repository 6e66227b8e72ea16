#!/usr/bin/env bash
# Benchmarks beside a PyTorch peer, interleaved in one run. usage: bench/run.sh CASE…      (without arguments: lists the cases)
# stdout: one JSON line a case, {"case","unit","ours","peer","ratio","repeats"}; ratio > 1 means ours is better. Notes go to stderr.
# exit: 0; 1 ours did not run; 2 no such case, or no peer (made by bench/peer/setup.sh)
# REPEATS (default 9, at least 9), ATTUNE_PEER (the peer's folder, default /opt/peer), ATTUNE_PEER_PYTHON (a python with torch, no folder).
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || exit 1
cases=(mlp30b32 mlp784b32 mlp784b128 tune10k image_decode resnet18_full resnet18_head onnx_load interpreter minilm_epoch minilm_epoch_bucketed minilm_full minilm_lora minilm_head adamw124m tokenize)
if [ $# -eq 0 ]; then printf '%s\n' "${cases[@]}"; exit 0; fi
for name in "$@"; do
  [[ " ${cases[*]} " == *" $name "* ]] || { echo "run.sh: there is no case '$name'; the cases are: ${cases[*]}" >&2; exit 2; }
done
repeats=${REPEATS:-9}
[ "$repeats" -ge 9 ] 2>/dev/null || { echo "run.sh: REPEATS=$repeats; at least 9 are needed." >&2; exit 2; }
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 LC_ALL=C
# As many threads on both sides (two for image networks, one otherwise); idle OpenMP threads sleep (spinning ones slow the peer down twofold and would flatter us).
use_threads() {
  threads=(OMP_NUM_THREADS=$1 OPENBLAS_NUM_THREADS=$1 MKL_NUM_THREADS=$1 W_THREADS=$1 OMP_WAIT_POLICY=PASSIVE)
  [ -z "${peer_kind:-}" ] || peer_command
}
peer_command() { [ "$peer_kind" = own ] && peer_run=(env "${threads[@]}" "$ATTUNE_PEER_PYTHON") || peer_run=(chroot "$peer" env "${threads[@]}" python3); }
use_threads 1

peer=${ATTUNE_PEER:-/opt/peer}
if [ -n "${ATTUNE_PEER_PYTHON:-}" ]; then
  command -v "$ATTUNE_PEER_PYTHON" >/dev/null 2>&1 || { echo "run.sh: no peer: ATTUNE_PEER_PYTHON=$ATTUNE_PEER_PYTHON is not a program." >&2; exit 2; }
  peer_kind=own peer_scripts=$root/bench/peer peer_tmp=
elif [ ! -x "$peer/usr/bin/python3" ]; then
  echo "run.sh: no peer: there is no Python in $peer. As root, 'bash bench/peer/setup.sh' makes it (about 2 GB)." >&2; exit 2
elif [ "$(id -u)" -ne 0 ]; then
  echo "run.sh: no peer: only root can enter the folder $peer; set ATTUNE_PEER_PYTHON to a python with torch, numpy and pandas instead." >&2; exit 2
else
  mkdir -p "$peer/peer" "$peer/tmp" && cp "$root"/bench/peer/*.py "$peer/peer/" || exit 2
  peer_kind=folder peer_scripts=/peer peer_tmp=$peer
fi
peer_command
said=$("${peer_run[@]}" -c 'import torch; print("torch", torch.__version__)' 2>&1 </dev/null) || { echo "run.sh: no peer: $(echo "$said" | tail -n 1)" >&2; exit 2; }
echo "peer: $said; $(grep -m1 'model name' /proc/cpuinfo 2>/dev/null | sed 's/.*: //'), $(nproc 2>/dev/null) cores, load $(cut -d' ' -f1 /proc/loadavg 2>/dev/null)" >&2

work=$(mktemp -d)
children=()
finish() {
  for child in ${children[@]+"${children[@]}"}; do kill "$child" 2>/dev/null; done
  rm -rf "$work"
  [ -z "${peer_data:-}" ] || rm -rf "$peer_data"
}
trap finish EXIT
median() { tr ' ' '\n' | sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
# NAME UNIT OURS PEER
line() { awk -v n="$1" -v u="$2" -v o="$3" -v p="$4" -v r="$repeats" 'BEGIN { printf "{\"case\":\"%s\",\"unit\":\"%s\",\"ours\":%.6g,\"peer\":%.6g,\"ratio\":%.4g,\"repeats\":%d}\n", n, u, o, p, p / o, r }'; }

started=
build() {
  local project=$root/bench/Attune.Benchmarks
  [ -d "$project" ] || { echo "run.sh: bench/Attune.Benchmarks is not there." >&2; exit 1; }
  ours_run=$root/artifacts/bin/Attune.Benchmarks/release/Attune.Benchmarks
  [ -n "${built:-}" ] || (cd "$root" && dotnet build "$project" -c Release -v quiet) >"$work/build.log" 2>&1 </dev/null || { grep -E ' error ' "$work/build.log" | sort -u >&2; exit 1; }
  built=1
}
start() {   # THREADS: both sides as servers: "CASE N" in, "mean_s median_s last_loss peak_rss_MB" out
  [ "$started" != "$1" ] || return 0
  if [ -n "$started" ]; then echo quit >&3; echo quit >&5; wait "${servers[@]}"; rm -f "$work"/*.in "$work"/*.out; fi
  started=$1
  build
  use_threads "$1"
  mkfifo "$work/ours.in" "$work/ours.out" "$work/peer.in" "$work/peer.out"
  env "${threads[@]}" "$ours_run" <"$work/ours.in" >"$work/ours.out" 2>"$work/ours.err" &
  servers=($!)
  "${peer_run[@]}" "$peer_scripts/peer.py" <"$work/peer.in" >"$work/peer.out" 2>"$work/peer.err" &
  servers+=($!)
  children+=("${servers[@]}")
  exec 3>"$work/ours.in" 4<"$work/ours.out" 5>"$work/peer.in" 6<"$work/peer.out"
}
ask() {   # ours|peer CASE STEPS -> answer
  if [ "$1" = ours ]; then echo "$2 $3" >&3; IFS= read -r answer <&4; else echo "$2 $3" >&5; IFS= read -r answer <&6; fi || answer="error it ended: $(tail -n 1 "$work/$1.err")"
  case $answer in error*) echo "run.sh: $1, $2: $answer" >&2; [ "$1" = ours ] && exit 1; exit 2 ;; esac
}
# Steps that take about SECONDS, in whole epochs, so that what an epoch costs (shuffling) is in the mean.
steps() { awk -v s="$1" -v e="$2" -v t="$3" 'BEGIN { n = int(t / s / e + 0.5); print (n < 1 ? 1 : n) * e }'; }

mlp() {
  local name=$1 epoch=$((10000 / ${1##*b})) modes=(fused foreach prebatch) mode best='' low=''
  declare -A of=() n=()
  start 1
  ask ours "$name" $((epoch * 4)); ask ours "$name" $((epoch * 4))   # tiered compilation settles
  n[ours]=$(steps "${answer%% *}" "$epoch" 0.5)
  for mode in "${modes[@]}"; do ask peer "$name.$mode" "$epoch"; n[$mode]=$(steps "${answer%% *}" "$epoch" 0.4); done
  for ((i = 0; i < repeats; i++)); do
    ask ours "$name" "${n[ours]}"; of[ours]+=" ${answer%% *}"
    for mode in "${modes[@]}"; do ask peer "$name.$mode" "${n[$mode]}"; of[$mode]+=" ${answer%% *}"; done
  done
  for mode in "${modes[@]}"; do
    m=$(echo ${of[$mode]} | median)
    echo "$name: peer $mode $(awk -v m="$m" 'BEGIN { printf "%.1f", m * 1e6 }') µs a step" >&2
    if [ -z "$low" ] || awk -v a="$m" -v b="$low" 'BEGIN { exit !(a < b) }'; then low=$m best=$mode; fi
  done
  echo "$name: beside the peer's fastest, $best; ${n[ours]} and ${n[$best]} steps a repeat" >&2
  line "$name" "us/step" "$(echo ${of[ours]} | median | awk '{ print $1 * 1e6 }')" "$(awk -v m="$low" 'BEGIN { print m * 1e6 }')"
}

now() { echo "${EPOCHREALTIME:-$(date +%s.%N)}"; }
tune10k() {
  use_threads 1
  local data=$work/10k.csv ours='' theirs='' from
  awk 'function r() { s = (s * 16807) % 2147483647; return s / 2147483647 * 2 - 1 }
    BEGIN { s = 20; h = ""; for (j = 0; j < 30; j++) h = h "x" j ","; print h "y"
      for (i = 0; i < 10000; i++) { l = ""; for (j = 0; j < 30; j++) { v[j] = r(); l = l sprintf("%.6f,", v[j]) }
        print l (v[0] + v[1] + v[2] * v[3] + 0.3 * r() > 0 ? 1 : 0) } }' >"$data"
  peer_data=$(mktemp -d "$peer_tmp/tmp/attune-bench.XXXXXX") && cp "$data" "$peer_data/" || exit 2
  local inside=${peer_data#"$peer_tmp"}
  "$root/attune" --version >/dev/null || exit 1
  for ((i = -1; i < repeats; i++)); do   # the first pair warms the file cache and is not counted
    from=$(now)
    "$root/attune" tune --data "$data" --target y --epochs 10 --batch-size 32 --out "$work/run$i" --quiet >"$work/tune.log" 2>&1 </dev/null || { tail -n 5 "$work/tune.log" >&2; exit 1; }
    [ -s "$work/run$i/verdict.json" ] || { echo "run.sh: the run wrote no verdict.json." >&2; exit 1; }
    [ $i -lt 0 ] || ours+=" $(awk -v a="$from" -v b="$(now)" 'BEGIN { printf "%.4f", b - a }')"
    from=$(now)
    "${peer_run[@]}" "$peer_scripts/tune10k.py" "$inside/10k.csv" "$inside/out.json" >"$work/peer.log" 2>&1 </dev/null || { tail -n 5 "$work/peer.log" >&2; exit 2; }
    [ $i -lt 0 ] || theirs+=" $(awk -v a="$from" -v b="$(now)" 'BEGIN { printf "%.4f", b - a }')"
  done
  echo "tune10k: the peer's test metrics: $(cat "$peer_data/out.json")" >&2
  line tune10k s "$(echo $ours | median)" "$(echo $theirs | median)"
}

# Two lines: image_decode_jpeg (640 x 480) and image_decode_png (512 x 512), a file in memory to a normalised 224² tensor, one thread.
image_decode() {
  use_threads 1
  local kind way best low m inside name n=60
  peer_data=$(mktemp -d "$peer_tmp/tmp/attune-bench.XXXXXX") || exit 2
  inside=${peer_data#"$peer_tmp"}
  "${peer_run[@]}" "$peer_scripts/images.py" make "$inside" >"$work/peer.log" 2>&1 </dev/null || { tail -n 3 "$work/peer.log" >&2; exit 2; }
  start 1
  mkfifo "$work/images.in" "$work/images.out"
  "${peer_run[@]}" "$peer_scripts/images.py" <"$work/images.in" >"$work/images.out" 2>"$work/images.err" &
  children+=($!)
  exec 7>"$work/images.in" 8<"$work/images.out"
  for kind in jpg png; do
    declare -A of=()
    ask ours "image:$peer_data/bench.$kind" 150; ask ours "image:$peer_data/bench.$kind" 150
    for ((i = -1; i < repeats; i++)); do
      ask ours "image:$peer_data/bench.$kind" $n
      [ $i -lt 0 ] || of[ours]+=" ${answer%% *}"
      for way in plain fused table; do
        echo "image:$inside/bench.$kind.$way $n" >&7
        IFS= read -r answer <&8 || answer="error it ended: $(tail -n 1 "$work/images.err")"
        case $answer in error*) echo "run.sh: peer, $way: $answer" >&2; exit 2 ;; esac
        [ $i -lt 0 ] || of[$way]+=" ${answer%% *}"
      done
    done
    best='' low=''
    for way in plain fused table; do
      m=$(echo ${of[$way]} | median)
      echo "image_decode: $kind, peer $way $(awk -v m="$m" 'BEGIN { printf "%.3f", m * 1e3 }') ms" >&2
      if [ -z "$low" ] || awk -v a="$m" -v b="$low" 'BEGIN { exit !(a < b) }'; then low=$m best=$way; fi
    done
    [ "$kind" = jpg ] && name=image_decode_jpeg || name=image_decode_png
    echo "$name: beside the peer's fastest, $best" >&2
    line "$name" "ms/picture" "$(echo ${of[ours]} | median | awk '{ print $1 * 1e3 }')" "$(awk -v m="$low" 'BEGIN { print m * 1e3 }')"
  done
}

# A checkpoint of fresh weights, which cases load as a user does.
weights() { [ -s "$work/resnet18.safetensors" ] || env "${threads[@]}" "$ours_run" weights resnet18 "$work/resnet18.safetensors" >&2 </dev/null || exit 1; }

# Three lines: seconds a step in fp32 and in bf16, both beside the peer's fp32, and the peak memory of three steps in processes of their own.
resnet18_full() {
  start 2; weights
  local file=$work/resnet18.safetensors fp32='' bf16='' theirs='' autocast='' ours_mb='' peer_mb='' of=3 ours
  ask ours "train:fp32:$file" 2; ask ours "train:bf16:$file" 2; ask peer resnet.full.cl 2; ask peer resnet.full.autocast 2
  for ((i = 0; i < repeats; i++)); do
    ask ours "train:fp32:$file" 1; fp32+=" ${answer%% *}"
    ask peer resnet.full.cl 1; theirs+=" ${answer%% *}"
    ask ours "train:bf16:$file" 1; bf16+=" ${answer%% *}"
    [ $i -ge 3 ] || { ask peer resnet.full.autocast 1; autocast+=" ${answer%% *}"; }
  done
  echo "resnet18_full: the peer's bf16 autocast takes $(echo $autocast | median) s a step" >&2
  line resnet18_full s/step "$(echo $fp32 | median)" "$(echo $theirs | median)"
  line resnet18_full_bf16 s/step "$(echo $bf16 | median)" "$(echo $theirs | median)"
  for ((i = 0; i < of; i++)); do
    ours=$(env "${threads[@]}" "$ours_run" memory "train:fp32:$file" 3 </dev/null) || exit 1
    ours_mb+=" ${ours##* }"
    peer_mb+=" $("${peer_run[@]}" "$peer_scripts/peer.py" mem resnet.full.cl </dev/null | sed 's/.*MB \([0-9]*\).*/\1/')"
  done
  echo "resnet18_full_memory: ratio is ours ÷ peer here, below 1 ours is smaller" >&2
  awk -v o="$(echo $ours_mb | median)" -v p="$(echo $peer_mb | median)" -v r="$of" 'BEGIN { printf "{\"case\":\"resnet18_full_memory\",\"unit\":\"MB\",\"ours\":%.6g,\"peer\":%.6g,\"ratio\":%.4g,\"repeats\":%d}\n", o, p, o / p, r }'
}

# 10 epochs on 200 pictures. Ours is timed whole; the peer computes 125 full batches, of which each answer times one.
resnet18_head() {
  start 2; weights
  local name="head:$work/resnet18.safetensors" ours='' way best='' low='' m
  declare -A of=()
  ask ours "$name" 1
  for way in cl nograd; do ask peer "resnet.head.$way" 2; done
  for ((i = 0; i < repeats; i++)); do
    ask ours "$name" 1; ours+=" ${answer%% *}"
    for way in cl nograd; do ask peer "resnet.head.$way" 1; of[$way]+=" ${answer%% *}"; done
  done
  for way in cl nograd; do
    m=$(echo ${of[$way]} | median)
    echo "resnet18_head: peer $way $m s a batch" >&2
    if [ -z "$low" ] || awk -v a="$m" -v b="$low" 'BEGIN { exit !(a < b) }'; then low=$m best=$way; fi
  done
  echo "resnet18_head: beside the peer's fastest, $best: 125 batches of it" >&2
  line resnet18_head s "$(echo $ours | median)" "$(awk -v m="$low" 'BEGIN { print m * 125 }')"
}

# Fresh processes: an ONNX file of 50 MB to the end of the first training step; the peer's is torch.load of a state of 50 MB to the same.
onnx_load() {
  use_threads 2; build
  local ours='' theirs='' from inside
  env "${threads[@]}" "$ours_run" onnx write "$work/network.onnx" </dev/null || exit 1
  peer_data=$(mktemp -d "$peer_tmp/tmp/attune-bench.XXXXXX") || exit 2
  inside=${peer_data#"$peer_tmp"}
  "${peer_run[@]}" "$peer_scripts/load.py" write "$inside/network.pt" </dev/null || exit 2
  for ((i = -1; i < repeats; i++)); do
    from=$(now)
    env "${threads[@]}" "$ours_run" onnx step "$work/network.onnx" >"$work/onnx.log" 2>&1 </dev/null || { tail -n 5 "$work/onnx.log" >&2; exit 1; }
    [ $i -lt 0 ] || ours+=" $(awk -v a="$from" -v b="$(now)" 'BEGIN { printf "%.4f", b - a }')"
    from=$(now)
    "${peer_run[@]}" "$peer_scripts/load.py" step "$inside/network.pt" >"$work/peer.log" 2>&1 </dev/null || { tail -n 5 "$work/peer.log" >&2; exit 2; }
    [ $i -lt 0 ] || theirs+=" $(awk -v a="$from" -v b="$(now)" 'BEGIN { printf "%.4f", b - a }')"
  done
  echo "onnx_load: $(du -k "$work/network.onnx" | cut -f1) KiB; beside torch.load and a step in eager mode" >&2
  line onnx_load s "$(echo $ours | median)" "$(echo $theirs | median)"
}

# Two lines: µs a node that the interpreter takes (ours) and that the same TorchSharp calls by hand take (peer), in one process.
interpreter() {
  start 2
  local way
  for way in forward train; do
    local ours='' hand='' n=$([ $way = train ] && echo 39600 || echo 198000)
    for ((i = -1; i < repeats; i++)); do
      ask ours "interpreter:$way" $n; [ $i -lt 0 ] || { set -- $answer; ours+=" $2"; }
      ask ours "hand:$way" $n; [ $i -lt 0 ] || { set -- $answer; hand+=" $2"; }
    done
    ours=$(echo $ours | median) hand=$(echo $hand | median)
    echo "interpreter_$way: $(awk -v a="$ours" -v b="$hand" 'BEGIN { printf "%.3f", (a - b) * 1e6 }') µs a node beyond the calls by hand" >&2
    line "interpreter_$way" us/node "$(awk -v v="$ours" 'BEGIN { print v * 1e6 }')" "$(awk -v v="$hand" 'BEGIN { print v * 1e6 }')"
  done
}

# Lengths of 256 texts in tokens, log-normal as those of the food reviews are (mean 40, at most 128): the same for both sides.
lengths=$(awk 'function r() { s = (s * 16807) % 2147483647; return s / 2147483647 }
  BEGIN { s = 20; for (i = 0; i < 256; i++) { g = sqrt(-2 * log(r())) * cos(6.283185307 * r()); l = int(exp(log(40) - 0.18 + 0.6 * g) + 0.5); printf "%s%d", i ? "," : "", (l < 4 ? 4 : (l > 128 ? 128 : l)) } }')
export W_LENGTHS=$lengths

# Two lines: seconds an epoch over 256 texts, in fp32 and bf16, both beside the peer's fp32. Ours in batches of like lengths, as a run does.
epochs() {   # NAME PEER-CASE
  start 2
  local fp32='' bf16='' theirs=''
  ask ours text:epoch:fp32 1; ask ours text:epoch:bf16 1; ask peer "$2" 1
  for ((i = 0; i < repeats; i++)); do
    ask ours text:epoch:fp32 1; fp32+=" ${answer%% *}"
    ask peer "$2" 1; theirs+=" ${answer%% *}"
    ask ours text:epoch:bf16 1; bf16+=" ${answer%% *}"
  done
  line "$1" s/epoch "$(echo $fp32 | median)" "$(echo $theirs | median)"
  line "$1_bf16" s/epoch "$(echo $bf16 | median)" "$(echo $theirs | median)"
}
minilm_epoch() { epochs minilm_epoch bertlen.dynamic; }
minilm_epoch_bucketed() { epochs minilm_epoch_bucketed bertlen.bucket; }

# Lines: seconds a step in fp32 and in bf16, both beside the peer's fp32, and the peak memory of three steps in processes of their own.
minilm_step() {   # full|lora
  start 2
  local fp32='' bf16='' theirs='' autocast='' ours_mb='' peer_mb='' of=3 ours
  ask ours "text:$1:fp32" 2; ask ours "text:$1:bf16" 2; ask peer "bert.$1.fp32" 2; ask peer "bert.$1.autocast" 2
  for ((i = 0; i < repeats; i++)); do
    ask ours "text:$1:fp32" 2; fp32+=" ${answer%% *}"
    ask peer "bert.$1.fp32" 2; theirs+=" ${answer%% *}"
    ask ours "text:$1:bf16" 2; bf16+=" ${answer%% *}"
    ask peer "bert.$1.autocast" 1; autocast+=" ${answer%% *}"
  done
  echo "minilm_$1: the peer's bf16 autocast takes $(echo $autocast | median) s a step" >&2
  line "minilm_$1" s/step "$(echo $fp32 | median)" "$(echo $theirs | median)"
  [ -d "$work/encoder" ] || "$ours_run" encoder "$work/encoder" </dev/null || exit 1
  line "minilm_$1_bf16" s/step "$(echo $bf16 | median)" "$(echo $theirs | median)"
  for ((i = 0; i < of; i++)); do
    ours=$(env "${threads[@]}" "$ours_run" memory "text:$1:fp32:$work/encoder" 3 </dev/null) || exit 1
    ours_mb+=" ${ours##* }"
    peer_mb+=" $("${peer_run[@]}" "$peer_scripts/peer.py" mem "bert.$1.fp32" </dev/null | sed 's/.*MB \([0-9]*\).*/\1/')"
  done
  echo "minilm_$1_memory: ratio is ours ÷ peer here, below 1 ours is smaller" >&2
  awk -v n="minilm_$1_memory" -v o="$(echo $ours_mb | median)" -v p="$(echo $peer_mb | median)" -v r="$of" 'BEGIN { printf "{\"case\":\"%s\",\"unit\":\"MB\",\"ours\":%.6g,\"peer\":%.6g,\"ratio\":%.4g,\"repeats\":%d}\n", n, o, p, o / p, r }'
}
minilm_full() { minilm_step full; }
minilm_lora() { minilm_step lora; }

# 10 epochs of a head over 160 texts. Ours is timed whole, with compiling and validation; the peer computes 100 full steps, of which each answer times one.
minilm_head() {
  start 2
  local ours='' theirs=''
  ask ours texthead 1; ask peer bert.head.fp32 2
  for ((i = 0; i < repeats; i++)); do
    ask ours texthead 1; ours+=" ${answer%% *}"
    ask peer bert.head.fp32 1; theirs+=" ${answer%% *}"
  done
  line minilm_head s "$(echo $ours | median)" "$(echo $theirs | median | awk '{ print $1 * 100 }')"
}

# Two lines: an update beside the peer's fused AdamW, and beside a measured triad over the same bytes (peer: the triad; ratio above 0.83 is within 1.2 times).
adamw124m() {
  start 2
  local ours='' triad='' theirs=''
  ask ours adamw124m 3; ask ours triad 3; ask peer adamw124.fused 2
  for ((i = 0; i < repeats; i++)); do
    ask ours adamw124m 3; ours+=" ${answer%% *}"
    ask ours triad 3; triad+=" ${answer%% *}"
    ask peer adamw124.fused 2; theirs+=" ${answer%% *}"
  done
  line adamw124m s/update "$(echo $ours | median)" "$(echo $theirs | median)"
  line adamw124m_triad s/update "$(echo $ours | median)" "$(echo $triad | median)"
}

# Two lines, WordPiece and byte-level BPE: seconds for all lines of the documentation, one thread, beside the Rust library tokenizers (npm, fetched into artifacts/).
tokenize() {
  use_threads 1
  command -v npm >/dev/null || { echo "run.sh: tokenize needs node and npm." >&2; exit 2; }
  local home=$root/artifacts/bench-npm kind file ours theirs
  [ -d "$home/node_modules/@anush008/tokenizers" ] || { mkdir -p "$home" && (cd "$home" && npm init -y && npm install --no-audit --no-fund @anush008/tokenizers@0.6.0) >"$work/npm.log" 2>&1 </dev/null || { tail -n 3 "$work/npm.log" >&2; exit 2; }; }
  start 1
  cat "$root"/docs/*.md "$root/README.md" "$root/CHANGELOG.md" >"$work/texts.txt"
  "$ours_run" wordpiece "$work/texts.txt" "$work/wordpiece" </dev/null || exit 1
  mkdir "$work/bpe" && cp "$root/test/golden/tokenizers/models/gpt2/tokenizer.json" "$work/bpe/" || exit 1
  mkfifo "$work/node.in" "$work/node.out"
  RAYON_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false node "$root/bench/peer/tokenize.mjs" "$home" <"$work/node.in" >"$work/node.out" 2>"$work/node.err" &
  children+=($!)
  exec 7>"$work/node.in" 8<"$work/node.out"
  for kind in wordpiece bpe; do
    file=$work/$kind/tokenizer.json ours='' theirs=''
    ask ours "tokenize:$file|$work/texts.txt" 20; ask ours "tokenize:$file|$work/texts.txt" 20
    for ((i = -1; i < repeats; i++)); do
      ask ours "tokenize:$file|$work/texts.txt" 10; [ $i -lt 0 ] || ours+=" ${answer%% *}"
      set -- $answer; local count=$3
      echo "tokenize:$file|$work/texts.txt 3" >&7
      IFS= read -r answer <&8 || answer="error it ended: $(tail -n 1 "$work/node.err")"
      case $answer in error*) echo "run.sh: peer, tokenize: $answer" >&2; exit 2 ;; esac
      set -- $answer
      [ "$3" = "$count" ] || { echo "run.sh: tokenize: $count tokens here, $3 there." >&2; exit 1; }
      [ $i -lt 0 ] || theirs+=" $1"
    done
    line "tokenize_$kind" s "$(echo $ours | median)" "$(echo $theirs | median)"
  done
}

for name in "$@"; do
  case $name in mlp*) mlp "$name" ;; *) "$name" ;; esac
done
