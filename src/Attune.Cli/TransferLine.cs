using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Attune.Hub;
using Attune.Reports;

namespace Attune.Cli;

/// <summary>Progress of a download: bytes, rate and time left; one redrawn line on a terminal, a plain line every few seconds elsewhere; on standard error.</summary>
internal sealed class TransferLine
{
    private readonly bool _terminal = !Console.IsErrorRedirected;
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _shown = Stopwatch.GetTimestamp();
    private long? _before;

    /// <summary>What receives progress, or null when the user wants none.</summary>
    public static TransferLine? For(ParseResult parse) => parse.GetValue(CommonOptions.Quiet) || parse.GetValue(CommonOptions.Json) ? null : new TransferLine();

    /// <summary>Shows where the download is, unless it did so a moment ago.</summary>
    public void Show(HubProgress progress)
    {
        _before ??= progress.Bytes;   // what was here before the first byte came does not count as speed
        if (Stopwatch.GetElapsedTime(_shown).TotalSeconds < (_terminal ? 0.1 : 2)) return;
        _shown = Stopwatch.GetTimestamp();
        var text = Text(progress, progress.Bytes - _before.Value, Stopwatch.GetElapsedTime(_started));
        if (_terminal) Console.Error.Write("\r\u001b[2K" + text);
        else Console.Error.WriteLine(text);
    }

    /// <summary>Frees the line for other text.</summary>
    public void Clear()
    {
        if (_terminal) Console.Error.Write("\r\u001b[2K");
    }

    /// <summary>"model.safetensors  45.2 MB of 90.9 MB, 12.3 MB/s, 4 s left".</summary>
    public static string Text(HubProgress progress, long received, TimeSpan elapsed)
    {
        var rate = elapsed.TotalSeconds > 0 ? Math.Max(0, received) / elapsed.TotalSeconds : 0;
        var left = progress.TotalBytes is { } total && rate > 0 ? $", {Duration((total - progress.Bytes) / rate)} left" : "";
        return $"{progress.File}  {Figures.Bytes(progress.Bytes)}{(progress.TotalBytes is { } all ? $" of {Figures.Bytes(all)}" : "")}, {Figures.Bytes((long)rate)}/s{left}";
    }

    private static string Duration(double seconds) => seconds switch
    {
        < 90 => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(seconds):0} s"),
        < 5400 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0.0} h"),
    };
}
