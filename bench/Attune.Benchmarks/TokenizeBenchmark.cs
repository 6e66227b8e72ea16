using System.Diagnostics;
using Attune.Text;

namespace Attune.Benchmarks;

/// <summary><c>tokenize:TOKENIZER|TEXTS</c>: all non-empty lines of a file encoded one after the other with a <c>tokenizer.json</c>, special tokens included, in one thread. The loss of a step is the number of tokens.</summary>
internal sealed class TokenizeBenchmark : IBenchmark
{
    private readonly Tokenizer _tokenizer;
    private readonly string[] _lines;

    /// <summary>Reads tokenizer and texts.</summary>
    public TokenizeBenchmark(string name)
    {
        if (name["tokenize:".Length..].Split('|') is not [var tokenizer, var texts]) throw new ArgumentException($"There is no case '{name}': tokenize:TOKENIZER|TEXTS.");
        _tokenizer = Tokenizer.Load(tokenizer);
        _lines = [.. File.ReadLines(texts).Where(l => l.Length > 0)];
    }

    /// <summary>Mean and median seconds of a pass over the lines, and the tokens.</summary>
    public (double Mean, double Median, double Loss) Run(int steps)
    {
        var times = new double[steps];
        var tokens = 0L;
        for (var i = 0; i < steps; i++)
        {
            var start = Stopwatch.GetTimestamp();
            tokens = 0;
            foreach (var line in _lines) tokens += _tokenizer.Encode(line).Ids.Length;
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        var mean = times.Average();
        Array.Sort(times);
        return (mean, times[steps / 2], tokens);
    }

    /// <summary>Nothing to let go of.</summary>
    public void Dispose() { }
}
