#!/usr/bin/env bash
# Runs every golden case of a folder (default test/golden): prints each failing one (pending ones on stderr), ends with `N passed, N failed, N pending`.
# usage: test/golden.sh [FOLDER]      exit: 0, 1 something failed, 2 no case found or no build
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || exit 2
folder=${1:-$root/test/golden}
tests=$root/artifacts/bin/Attune.Tests/release/Attune.Tests
if [ ! -x "$tests" ] || [ -n "$(find "$root/src" "$root/test/Attune.Tests" "$root"/Directory.*.props -newer "$tests.dll" -type f -print -quit)" ]; then
  log=$(mktemp)
  if ! (cd "$root" && dotnet build test/Attune.Tests -c Release -v quiet) >"$log" 2>&1 </dev/null; then
    grep -E ' error ' "$log" | sed 's|\[.*||' | sort -u >&2
    echo "golden.sh: the build failed." >&2
    rm -f "$log"
    exit 2
  fi
  rm -f "$log"
  touch "$tests.dll"   # an unchanged assembly keeps its old date
fi
exec "$tests" golden "$folder"
