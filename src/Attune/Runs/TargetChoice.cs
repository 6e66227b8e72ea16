using Attune.Data;
using Attune.Options;
using Attune.Prediction;
using Attune.Splitting;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>Which columns are learned, and whether as labels: what the options say, else what the earlier model has learned.</summary>
/// <param name="Columns">The target columns.</param>
/// <param name="IsLabels">True when a row may have any number of labels.</param>
/// <param name="Separator">What stands between labels in a cell; null when every label has a column.</param>
internal sealed record TargetChoice(IReadOnlyList<string> Columns, bool IsLabels, string? Separator)
{
    /// <summary>The columns as a person names them.</summary>
    public string Name => string.Join(',', Columns);

    /// <summary>Nothing to choose: texts are their own target, or an embedding is learned.</summary>
    public static TargetChoice None { get; } = new([], false, null);

    /// <summary>The choice before the data are read.</summary>
    public static TargetChoice Of(RunOptions options, ModelFolder? earlier)
    {
        var data = options.Data;
        var target = data.Target ?? earlier!.Task.Target;
        if (data.LabelSeparator is { } separator) return new([target], true, separator);
        if (earlier?.Task is MultiLabelClassification known && known.Target == target && data.Task is "auto" or "multi-label")
            return new(known.TargetColumns, true, known.LabelSeparator);
        return data.Targets.Count > 1 ? new(data.Targets, true, null) : new([target], false, null);
    }

    /// <summary>The choice once the columns are known: a column may have a comma in its name.</summary>
    public TargetChoice In(Table table, RunOptions options)
        => Separator is null && options.Data is { Target: { } name, Task: "auto" } && Columns.Count > 1 && table.TryGet(name, out _) ? new([name], false, null) : this;

    /// <summary>How rows are drawn.</summary>
    /// <param name="isClass">Whether a single target is a class.</param>
    public SplitTarget ForSplit(bool isClass) => IsLabels
        ? Separator is null ? SplitTarget.LabelColumns(Columns) : SplitTarget.JoinedLabels(Columns[0], Separator)
        : isClass ? SplitTarget.Class(Columns[0]) : SplitTarget.Number(Columns[0]);

    /// <summary>Reads the labels, where labels are learned, so that what is wrong with them is told before anything else; refuses joined ones that are too few.</summary>
    /// <exception cref="DataFormatException">A cell is no 0 or 1; or no row has a label, or all have the same one.</exception>
    public void DemandLabels(Table table)
    {
        if (!IsLabels) return;
        if (Separator is null)
        {
            LabelSets.OfColumns(table, Columns);
            return;
        }
        var labels = LabelSets.OfJoined(table, Columns[0], Separator).Labels;
        if (labels.Count > 1) return;
        throw new DataFormatException(table.Source, null, Columns[0], labels.Count == 0
            ? "No row has a label: the column is empty. Name another --target."
            : $"The only label is '{labels[0]}'; several are needed{(labels[0].AsSpan().IndexOfAny(",;|") >= 0 ? $", and '{Separator}' stands in no cell. Name what stands between two labels with --label-separator" : ". Make it a column of 0 and 1, and train a classifier")}.");
    }

    /// <summary>The task of labels, the earlier model's where it knows them all.</summary>
    public MultiLabelClassification LabelTask(TrainSplit train, ModelFolder? earlier)
    {
        var labels = Separator is null ? Columns : LabelSets.OfJoined(train.Rows, Columns[0], Separator).Labels;
        if (earlier?.Task is MultiLabelClassification known && known.Target == Name && known.LabelSeparator == Separator && labels.All(l => known.Labels.Contains(l, StringComparer.Ordinal))) return known;
        return Separator is null ? MultiLabelClassification.OfColumns(labels) : MultiLabelClassification.OfJoined(Columns[0], labels, Separator);
    }
}
