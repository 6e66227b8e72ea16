#!/usr/bin/env pwsh
# Runs the attune tool, built first when something changed since the last build (the twin of ./attune for Windows).
#   ./attune.ps1 tune --data table.csv --target column --out runs/first
# ATTUNE_NO_BUILD=1 runs what is there without looking at the sources.
$ErrorActionPreference = 'Stop'
$root = $PSScriptRoot
# Each build has a folder of its own, so that a run that goes on keeps its files; `current` names the newest and dates it.
$tools = Join-Path $root 'artifacts/tool'
$stamp = Join-Path $tools 'current'
$windows = [System.Environment]::OSVersion.Platform -eq 'Win32NT'

function Get-Program {
    if (-not (Test-Path $stamp)) { return $null }
    $name = [System.IO.File]::ReadAllText($stamp).Trim()
    $path = Join-Path $tools "$name/$(if ($windows) { 'attune-cli.exe' } else { 'attune-cli' })"
    if (Test-Path $path) { return $path }
    return $null
}

function Test-Stale {
    if (-not (Get-Program)) { return $true }
    $built = [System.IO.File]::GetLastWriteTimeUtc($stamp)
    foreach ($name in 'Directory.Build.props', 'Directory.Packages.props', 'global.json') {
        if ([System.IO.File]::GetLastWriteTimeUtc((Join-Path $root $name)) -gt $built) { return $true }
    }
    foreach ($entry in [System.IO.DirectoryInfo]::new((Join-Path $root 'src')).EnumerateFileSystemInfos('*', 'AllDirectories')) {
        if ($entry.LastWriteTimeUtc -gt $built -and $entry.FullName -notmatch '[\\/](bin|obj)([\\/]|$)') { return $true }
    }
    return $false
}

function Stop-WithMessage([string] $message) {
    [Console]::Error.WriteLine("attune: $message")
    exit 1
}

function Invoke-Build {
    if (-not (Get-Command dotnet -ErrorAction SilentlyContinue)) {
        Stop-WithMessage "the .NET 10 SDK is needed to build the tool, and there is no 'dotnet' on the PATH. Install it and run this again."
    }
    Push-Location $root
    try {
        $version = "$(dotnet --version 2>$null)"
        if ($LASTEXITCODE -ne 0 -or [int]($version.Split('.')[0]) -lt 10) {
            Stop-WithMessage "the .NET 10 SDK is needed; found: $version. Install it and run this again."
        }
        $seconds = if (Test-Path 'artifacts/obj/Attune.Cli') { 20 } else { 60 }
        [Console]::Error.WriteLine("Building Attune (once, about $seconds s)...")
        $name = "build-$([DateTimeOffset]::UtcNow.ToUnixTimeSeconds())-$PID"
        $new = "artifacts/tool/$name"
        $began = [DateTime]::UtcNow
        New-Item -ItemType Directory -Force artifacts/tool | Out-Null
        dotnet publish src/Attune.Cli -c Release -v quiet -o $new *> artifacts/build.log
        if ($LASTEXITCODE -ne 0) {
            Select-String -Path artifacts/build.log -Pattern '(error|warning) [A-Z]+[0-9]+' | ForEach-Object { $_.Line -replace '\[.*$' } |
                Sort-Object -Unique | Select-Object -First 40 | ForEach-Object { [Console]::Error.WriteLine($_) }
            if (Test-Path $new) { Remove-Item -Recurse -Force $new }
            Stop-WithMessage 'the build failed; everything it said is in artifacts/build.log.'
        }
        [System.IO.File]::WriteAllText("$stamp.$PID", "$name`n")
        [System.IO.File]::SetLastWriteTimeUtc("$stamp.$PID", $began)
        Move-Item -Force "$stamp.$PID" $stamp
        # The build before stays for runs that still use it.
        Get-ChildItem (Join-Path $tools 'build-*') | Sort-Object Name | Select-Object -SkipLast 2 | Remove-Item -Recurse -Force -ErrorAction SilentlyContinue
    }
    finally { Pop-Location }
}

if (($env:ATTUNE_NO_BUILD -ne '1' -or -not (Get-Program)) -and (Test-Stale)) {
    New-Item -ItemType Directory -Force (Join-Path $root 'artifacts') | Out-Null
    $lock = $null
    while ($null -eq $lock) {
        try { $lock = [System.IO.File]::Open((Join-Path $root 'artifacts/.build.lock'), 'OpenOrCreate', 'ReadWrite', 'None') }
        catch [System.IO.IOException] { Start-Sleep -Milliseconds 200 }
    }
    try { if (Test-Stale) { Invoke-Build } } finally { $lock.Dispose() }
}

if (-not $env:DOTNET_TieredPGO) { $env:DOTNET_TieredPGO = '0' }
& (Get-Program) @args
exit $LASTEXITCODE
