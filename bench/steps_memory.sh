#!/usr/bin/env bash
# Is memory flat over 100,000 steps? Peak resident memory of the benchmark process after 10,000 and after 100,000 steps, as one JSON line.
# usage: bench/steps_memory.sh [CASE, default mlp30b32]      exit: 0 flat (growth < 4 MB), 1 not
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || exit 1
name=${1:-mlp30b32}
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 LC_ALL=C
(cd "$root" && dotnet build bench/Attune.Benchmarks -c Release -v quiet -clp:NoSummary) </dev/null >&2 || exit 1
# "mean_s median_s last_loss peak_rss_MB" a line; the peak never falls, so an even peak is even memory.
printf '%s 10000\n%s 90000\nquit\n' "$name" "$name" | "$root/artifacts/bin/Attune.Benchmarks/release/Attune.Benchmarks" |
  awk -v n="$name" '/^error/ { print > "/dev/stderr"; exit 1 } { peak[NR] = $4 }
    END { if (NR < 2) exit 1
      printf "{\"case\":\"%s\",\"unit\":\"MB\",\"steps10k\":%s,\"steps100k\":%s,\"growth\":%s}\n", n, peak[1], peak[2], peak[2] - peak[1]
      exit peak[2] - peak[1] >= 4 }'
