#!/usr/bin/env bash
# Packs the libraries and the tool, installs the tool from the packed files into a temporary folder and runs it; restores a
# consumer of Attune.Core. usage: test/package.sh [FOLDER for the packages, default artifacts/packages]
set -eu
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
packages=${1:-$root/artifacts/packages}
rid=$(dotnet --info | sed -n 's/^ *RID: *//p' | head -n 1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$packages"
rm -f "$packages"/*.nupkg

dotnet pack src/Attune.Core -c Release -v quiet -o "$packages"
dotnet pack src/Attune -c Release -v quiet -o "$packages"
# Its own intermediate folder: the tool's restore differs from the build's. Every platform's package is made by leaving the
# last property out.
dotnet pack src/Attune.Cli -c Release -v quiet -o "$packages" -p:PackTool=true -p:ArtifactsPath="$work/artifacts" \
  -p:ToolPackageRuntimeIdentifiers="$rid"
ls -l "$packages" | awk 'NR > 1 { printf "%8.1f MB  %s\n", $5 / 1e6, $NF }'

version=$(sed -n 's/.*<Version>\(.*\)<\/Version>.*/\1/p' Directory.Build.props)
cat >"$work/nuget.config" <<X
<configuration><packageSources><clear /><add key="local" value="$packages" /></packageSources></configuration>
X
NUGET_PACKAGES=$work/cache dotnet tool install Attune.Tool --version "$version" --tool-path "$work/tool" --configfile "$work/nuget.config" >"$work/install.log" 2>&1 ||
  { cat "$work/install.log" >&2; exit 1; }
said=$("$work/tool/attune" --version)
[ "$said" = "$version" ] || { echo "package.sh: the installed tool says '$said' instead of '$version'." >&2; exit 1; }
(cd "$work" && "$work/tool/attune" doctor)
echo "package.sh: installed and ran attune $said"
