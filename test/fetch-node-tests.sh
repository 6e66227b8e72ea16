#!/usr/bin/env bash
# Fetches Debian's package libonnx-testdata and unpacks it into artifacts/node-tests; nothing when it is there already.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=$root/artifacts/node-tests
if [ -d "$target" ]; then exit 0; fi
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { echo "node-tests: needs apt-get and dpkg-deb (Debian or Ubuntu), or a folder as argument." >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
(cd "$work" && apt-get download -qq libonnx-testdata) >&2
mkdir -p "$work/unpacked" "$root/artifacts"
dpkg-deb -x "$work"/libonnx-testdata_*.deb "$work/unpacked"
data=$(find "$work/unpacked" -type d -name node | head -n 1)
[ -n "$data" ] || { echo "node-tests: the package holds no folder 'node'." >&2; exit 2; }
mv "$data" "$target"
