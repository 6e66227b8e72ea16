using System.CommandLine;
using System.Diagnostics;

namespace Attune.Cli;

/// <summary>Progress of a command that may take longer than two seconds: one redrawn line on a terminal, a plain line every few seconds elsewhere; on standard error.</summary>
internal sealed class ProgressLine
{
    private readonly bool _terminal = !Console.IsErrorRedirected;
    private readonly string _what;
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _shown = Stopwatch.GetTimestamp();

    private ProgressLine(string what) => _what = what;

    /// <summary>What receives progress, or null when the user wants none.</summary>
    public static Action<int, int>? For(ParseResult parse, string what)
        => parse.GetValue(CommonOptions.Quiet) || parse.GetValue(CommonOptions.Json) ? null : new ProgressLine(what).Show;

    private void Show(int done, int all)
    {
        if (Stopwatch.GetElapsedTime(_started).TotalSeconds < 1 || (done < all && Stopwatch.GetElapsedTime(_shown).TotalSeconds < (_terminal ? 0.1 : 2))) return;
        _shown = Stopwatch.GetTimestamp();
        if (_terminal) Console.Error.Write(done < all ? $"\r\u001b[2K{_what} {done:N0} of {all:N0}" : "\r\u001b[2K");
        else Console.Error.WriteLine($"{_what} {done:N0} of {all:N0}");
    }
}
