namespace Attune;

/// <summary>Base of Attune's four exceptions: the message is a short report for a person (what, where, received, expected, cure).</summary>
public abstract class AttuneException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Options that cannot be run; lists every problem at once, each with its option path.</summary>
public sealed class OptionsException(IReadOnlyList<string> problems)
    : AttuneException(problems.Count == 1 ? problems[0] : problems.Count + " problems:\n" + string.Join('\n', problems.Select(p => "- " + p)))
{
    /// <summary>Creates an exception for one problem.</summary>
    public OptionsException(string problem) : this([problem]) { }

    /// <summary>Every problem found, each a sentence that names its option.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}

/// <summary>A file that cannot be read as what it should be: names file and, where known, line (1-based) and column.</summary>
public sealed class DataFormatException(string file, long? line, string? column, string problem, Exception? inner = null)
    : AttuneException(Report(file, line, column, problem), inner)
{
    /// <summary>The file as the user named it.</summary>
    public string File { get; } = file;

    /// <summary>Physical line, 1-based, header included; null when the problem has no line.</summary>
    public long? Line { get; } = line;

    /// <summary>Column name; null when the problem has no column.</summary>
    public string? Column { get; } = column;

    private static string Report(string file, long? line, string? column, string problem)
    {
        var place = file;
        if (line is { } l) place += string.Create(System.Globalization.CultureInfo.InvariantCulture, $", line {l}");
        if (column is not null) place += $", column '{column}'";
        return $"{place}: {problem}";
    }
}

/// <summary>Weights that do not fit a model: missing, unexpected or misshapen names.</summary>
public sealed class WeightsException(string message, Exception? inner = null) : AttuneException(message, inner);

/// <summary>A run that cannot go on, with the step at which it stopped and the last finite loss.</summary>
public sealed class TrainingException(string message, long step, double? lastFiniteLoss = null, Exception? inner = null) : AttuneException(message, inner)
{
    /// <summary>Optimizer step (0-based) at which training stopped.</summary>
    public long Step { get; } = step;

    /// <summary>The last loss that was a number; null when there was none.</summary>
    public double? LastFiniteLoss { get; } = lastFiniteLoss;
}
