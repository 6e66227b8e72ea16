#!/usr/bin/env bash
# Builds everything in Release with warnings as errors, runs all tests and the golden cases, and closes with one line
# `N passed, N failed, N skipped`. Pending golden cases (kinds that do not exist yet) count as skipped.
# usage: test/run.sh [test platform options, as --filter-class '*Ridge*']
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || exit 2
cd "$root" || exit 2
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1
export DOTNET_CLI_UI_LANGUAGE=en
results=$root/artifacts/test-results
rm -rf "$results"
mkdir -p "$results"

if ! command -v dotnet >/dev/null 2>&1; then
  echo "run.sh: the .NET 10 SDK is needed, and there is no 'dotnet' on the PATH." >&2
  exit 2
fi

passed=0 failed=0 skipped=0 broken=0
close() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ] && [ "$broken" -eq 0 ] && [ "$passed" -gt 0 ]
  exit $?
}

echo "== build"
if ! dotnet build Attune.slnx -c Release -warnaserror -v quiet </dev/null; then
  failed=1
  close
fi

# attribute NAME of the first <Counters> of a TRX file
counter() { sed -n "s/.*<Counters[^>]* $2=\"\([0-9]*\)\".*/\1/p" "$1" | head -n 1; }

# The tests set Turkish culture for themselves; this is for the processes that they start.
unset LC_ALL LC_NUMERIC
export LANG=tr_TR.UTF-8
for project in test/*.Tests; do
  name=${project##*/}
  echo "== $name"
  "artifacts/bin/$name/release/$name" --report-trx --report-trx-filename "$name.trx" --results-directory "$results" --progress off --no-ansi "$@" </dev/null
  code=$?
  trx=$results/$name.trx
  if [ ! -s "$trx" ]; then
    echo "run.sh: $name left no results (exit code $code)." >&2
    failed=$((failed + 1))
    continue
  fi
  total=$(counter "$trx" total) ok=$(counter "$trx" passed) bad=$(counter "$trx" failed)
  errors=$(counter "$trx" error)
  bad=$((${bad:-0} + ${errors:-0}))
  passed=$((passed + ${ok:-0})) failed=$((failed + bad)) skipped=$((skipped + ${total:-0} - ${ok:-0} - bad))
  # A host that died after its last good test, or an exit code that the counts do not explain, is a failure.
  if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then
    echo "run.sh: $name ended with exit code $code although no test failed." >&2
    failed=$((failed + 1))
  fi
done

if [ $# -eq 0 ]; then
  echo "== golden cases"
  golden=$results/golden.txt
  bash test/golden.sh >"$golden"
  code=$?
  cat "$golden" | sed '$d'
  line=$(tail -n 1 "$golden")
  if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ pending$ ]]; then
    echo "golden cases: $line" | sed 's/ passed,/ as expected,/; s/ failed,/ not,/'
    passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2])) skipped=$((skipped + BASH_REMATCH[3]))
    if [ "$code" -ne 0 ] && [ "${BASH_REMATCH[2]}" -eq 0 ]; then broken=1; fi
  else
    echo "$line" >&2
    failed=$((failed + 1))
  fi
fi
close
