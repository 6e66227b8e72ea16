using System.Text.Json;

namespace Attune.Reports;

/// <summary>The lines of <c>events.jsonl</c>, thinned to what a chart can show.</summary>
internal sealed record TrainingHistory(IReadOnlyList<EpochLine> Epochs, IReadOnlyList<StepLine> Steps)
{
    private const int MostPoints = 500;

    /// <summary>Reads the file; null when there is none or it holds no line.</summary>
    /// <exception cref="DataFormatException">A line is damaged.</exception>
    public static TrainingHistory? Read(string path)
    {
        var bytes = RunFiles.ReadBytes(path);
        if (bytes is null) return null;
        var epochs = new List<EpochLine>();
        var steps = new List<StepLine>();
        var number = 0L;
        for (ReadOnlyMemory<byte> rest = bytes; ;)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            if (end < 0) break;   // a last line without its end was cut off by a kill; resuming writes it again
            number++;
            if (end > 0) Add(path, number, rest[..end], epochs, steps);
            rest = rest[(end + 1)..];
        }
        return epochs.Count + steps.Count == 0 ? null : new TrainingHistory(Thin(epochs, e => e.Best), Thin(steps, _ => false));
    }

    /// <summary>The last epoch that was the best so far, whose weights the run keeps; null before the first epoch.</summary>
    public EpochLine? Best => Epochs.LastOrDefault(e => e.Best);

    private static void Add(string path, long number, ReadOnlyMemory<byte> line, List<EpochLine> epochs, List<StepLine> steps)
    {
        JsonDocument document;
        try { document = JsonDocument.Parse(line); }
        catch (JsonException e) { throw new DataFormatException(path, number, null, "is no JSON object; the file is damaged.", e); }
        using (document)
        {
            var part = new JsonPart(path, "", document.RootElement, number);
            switch (part["type"].Text)
            {
                case "epoch":
                    epochs.Add(new EpochLine(part["epoch"].Required + 1, part["step"].Required, part["trainLoss"].Number, part["validationLoss"].Number,
                        part["metric"].Number, part["best"].Element.ValueKind == JsonValueKind.True, part["learningRate"].Number));
                    break;
                case "step":
                    steps.Add(new StepLine(part["step"].Required, part["epoch"].Required, part["loss"].Number, part["learningRate"].Number));
                    break;
            }
        }
    }

    /// <summary>Evenly spaced lines, the first, the last and the last one that <paramref name="keep"/> names among them.</summary>
    private static List<T> Thin<T>(List<T> lines, Predicate<T> keep)
    {
        if (lines.Count <= MostPoints) return lines;
        var kept = lines.FindLastIndex(keep);
        var thin = new List<T>(MostPoints);
        var last = -1;
        for (var i = 0; i < MostPoints; i++)
        {
            var next = (int)((long)i * (lines.Count - 1) / (MostPoints - 1));
            if (last < kept && kept < next) thin.Add(lines[kept]);
            thin.Add(lines[last = next]);
        }
        return thin;
    }
}

/// <summary>An epoch, 1-based.</summary>
internal sealed record EpochLine(double Epoch, double Step, double? TrainLoss, double? ValidationLoss, double? Metric, bool Best, double? LearningRate);

/// <summary>A logged step; its epoch is 0-based.</summary>
internal sealed record StepLine(double Step, double Epoch, double? Loss, double? LearningRate);
