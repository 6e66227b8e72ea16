using System.Globalization;
using System.Text;
using Attune.Training;

namespace Attune.Runs;

/// <summary>
/// Writes <c>events.jsonl</c>: one line per epoch and per logged step. Lines are kept in memory until <see cref="Flush"/>; a resumed run cuts the file at the checkpoint's
/// length, so that it ends like an uninterrupted one.
/// </summary>
public sealed class EventLog : Callback
{
    private readonly string _path;
    private readonly StringBuilder _pending = new();
    private readonly long _every;

    /// <summary>Appends to <paramref name="path"/> after <paramref name="bytes"/> bytes, which is where the run stands.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bytes">Length that belongs to the run so far; 0 starts afresh.</param>
    /// <param name="totalSteps">Planned steps: about 500 of them are logged.</param>
    public EventLog(string path, long bytes, long totalSteps)
    {
        _path = path;
        _every = Math.Max(1, totalSteps / 500);
        Bytes = bytes;
        using var file = new FileStream(path, FileMode.OpenOrCreate);
        if (file.Length < bytes) throw new DataFormatException(path, null, null, $"holds {file.Length} bytes; the checkpoint expects {bytes}. The run folder is damaged: start again with --force.");
        file.SetLength(bytes);
    }

    /// <summary>Bytes written so far, pending lines included.</summary>
    public long Bytes { get; private set; }

    /// <inheritdoc/>
    public override void Step(in StepReport report)
    {
        if (report.Step % _every != 0) return;
        Append(string.Create(CultureInfo.InvariantCulture,
            $"{{\"type\":\"step\",\"step\":{report.Step},\"epoch\":{report.Epoch},\"loss\":{report.Loss:R},\"learningRate\":{report.LearningRate:R}}}\n"));
    }

    /// <inheritdoc/>
    public override void Epoch(EpochReport report)
    {
        Append(string.Create(CultureInfo.InvariantCulture,
            $"{{\"type\":\"epoch\",\"epoch\":{report.Epoch},\"step\":{report.Step},\"trainLoss\":{report.TrainLoss:R},\"validationLoss\":{Number(report.ValidationLoss)},") +
            string.Create(CultureInfo.InvariantCulture,
            $"\"metric\":{Number(report.Metric)},\"best\":{(report.IsBest ? "true" : "false")},\"learningRate\":{report.LearningRate:R},\"gradientNorm\":{Number(report.GradientNorm)}}}\n"));
    }

    /// <summary>Appends the pending lines to the file.</summary>
    public void Flush()
    {
        if (_pending.Length == 0) return;
        File.AppendAllText(_path, _pending.ToString());
        _pending.Clear();
    }

    private void Append(string line)
    {
        _pending.Append(line);
        Bytes += line.Length;   // the lines are ASCII
    }

    private static string Number(double? value) => value is { } number && double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) : "null";
}
