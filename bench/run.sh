#!/usr/bin/env bash
# Benchmarks beside a PyTorch peer, interleaved in one run. usage: bench/run.sh CASE…      (without arguments: lists the cases)
# stdout: one JSON line a case, {"case","unit","ours","peer","ratio","repeats"}; ratio > 1 means ours is better. Notes go to stderr.
# exit: 0; 1 ours did not run; 2 no such case, or no peer (made by bench/peer/setup.sh)
# REPEATS (default 9, at least 9), ATTUNE_PEER (the peer's folder, default /opt/peer), ATTUNE_PEER_PYTHON (a python with torch, no folder).
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || exit 1
cases=(mlp30b32 mlp784b32 mlp784b128 tune10k image_decode)
if [ $# -eq 0 ]; then printf '%s\n' "${cases[@]}"; exit 0; fi
for name in "$@"; do
  [[ " ${cases[*]} " == *" $name "* ]] || { echo "run.sh: there is no case '$name'; the cases are: ${cases[*]}" >&2; exit 2; }
done
repeats=${REPEATS:-9}
[ "$repeats" -ge 9 ] 2>/dev/null || { echo "run.sh: REPEATS=$repeats; at least 9 are needed." >&2; exit 2; }
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 LC_ALL=C
# One thread on both sides; idle OpenMP threads sleep (spinning ones slow the peer down twofold and would flatter us).
threads=(OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 W_THREADS=1 OMP_WAIT_POLICY=PASSIVE)

peer=${ATTUNE_PEER:-/opt/peer}
if [ -n "${ATTUNE_PEER_PYTHON:-}" ]; then
  command -v "$ATTUNE_PEER_PYTHON" >/dev/null 2>&1 || { echo "run.sh: no peer: ATTUNE_PEER_PYTHON=$ATTUNE_PEER_PYTHON is not a program." >&2; exit 2; }
  peer_run=(env "${threads[@]}" "$ATTUNE_PEER_PYTHON") peer_scripts=$root/bench/peer peer_tmp=
elif [ ! -x "$peer/usr/bin/python3" ]; then
  echo "run.sh: no peer: there is no Python in $peer. As root, 'bash bench/peer/setup.sh' makes it (about 2 GB)." >&2; exit 2
elif [ "$(id -u)" -ne 0 ]; then
  echo "run.sh: no peer: only root can enter the folder $peer; set ATTUNE_PEER_PYTHON to a python with torch, numpy and pandas instead." >&2; exit 2
else
  mkdir -p "$peer/peer" "$peer/tmp" && cp "$root"/bench/peer/*.py "$peer/peer/" || exit 2
  peer_run=(chroot "$peer" env "${threads[@]}" python3) peer_scripts=/peer peer_tmp=$peer
fi
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
start() {   # both sides as servers: "CASE N" in, "mean_s median_s last_loss peak_rss_MB" out
  [ -z "$started" ] || return 0
  started=1
  project=$root/bench/Attune.Benchmarks
  [ -d "$project" ] || { echo "run.sh: bench/Attune.Benchmarks is not there." >&2; exit 1; }
  (cd "$root" && dotnet build "$project" -c Release -v quiet) >"$work/build.log" 2>&1 </dev/null || { grep -E ' error ' "$work/build.log" | sort -u >&2; exit 1; }
  mkfifo "$work/ours.in" "$work/ours.out" "$work/peer.in" "$work/peer.out"
  env "${threads[@]}" "$root/artifacts/bin/Attune.Benchmarks/release/Attune.Benchmarks" <"$work/ours.in" >"$work/ours.out" 2>"$work/ours.err" &
  children+=($!)
  "${peer_run[@]}" "$peer_scripts/peer.py" <"$work/peer.in" >"$work/peer.out" 2>"$work/peer.err" &
  children+=($!)
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
  start
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
  local kind way best low m inside name n=60
  peer_data=$(mktemp -d "$peer_tmp/tmp/attune-bench.XXXXXX") || exit 2
  inside=${peer_data#"$peer_tmp"}
  "${peer_run[@]}" "$peer_scripts/images.py" make "$inside" >"$work/peer.log" 2>&1 </dev/null || { tail -n 3 "$work/peer.log" >&2; exit 2; }
  start
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

for name in "$@"; do
  case $name in mlp*) mlp "$name" ;; *) "$name" ;; esac
done
