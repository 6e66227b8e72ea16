#!/usr/bin/env bash
# Runs ONNX's own backend node tests through the ONNX reader and the libtorch engine, and prints passed/tried/total by operator.
#   test/node-tests.sh [FOLDER]
# Without a folder, Debian's package libonnx-testdata is fetched once into artifacts/node-tests. Exit code 0: all that were tried passed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${1:-$root/artifacts/node-tests}
if [ $# -eq 0 ]; then bash "$root/test/fetch-node-tests.sh"; fi
program=$root/artifacts/bin/Attune.Tests/release/Attune.Tests
[ -x "$program" ] || dotnet build "$root/test/Attune.Tests" -c Release -v quiet -nologo </dev/null
exec "$program" node-tests "$folder"
