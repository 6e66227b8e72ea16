#!/usr/bin/env bash
# Writes docs/options.md and docs/catalogs.md from the code; the tests of the same name fail while they differ.
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")/.."
dotnet build test/Attune.Tests -c Release -v quiet
ATTUNE_WRITE_DOCS=1 artifacts/bin/Attune.Tests/release/Attune.Tests --filter-class '*GeneratedDocsTests' --progress off --no-ansi
