using System.Globalization;
using Attune.Data;
using Attune.Losses;
using Attune.Options;
using Attune.Prediction;
using Attune.Splitting;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>What is learned: classes or a number, the earlier model's task where it fits.</summary>
internal static class TaskChoice
{
    /// <summary>Whole-number targets with more distinct values than this are a regression unless the user says otherwise.</summary>
    private const int MostNumericClasses = 20;

    /// <summary>The class names in order, or null for a regression.</summary>
    public static IReadOnlyList<string>? ClassesOf(RunOptions options, Column target, string source)
    {
        if (options.Data.Task == "regression" || target is DateColumn) return target is NumericColumn ? null : throw NotNumeric(target, source);
        var distinct = new HashSet<string>(StringComparer.Ordinal);
        var whole = true;
        for (var row = 0; row < target.Rows; row++)
        {
            if (target.IsMissing(row)) continue;
            if (target is NumericColumn numbers && options.Data.Task == "auto")
            {
                whole &= numbers.Values[row] == Math.Floor(numbers.Values[row]);
                if (!whole) return null;
            }
            distinct.Add(target.Text(row));
            if (target is NumericColumn && options.Data.Task == "auto" && distinct.Count > MostNumericClasses) return null;
        }
        if (distinct.Count < 2)
        {
            throw new DataFormatException(source, null, target.Name, distinct.Count == 0
                ? "The target is missing in every row."
                : $"Every row has the same target '{distinct.First()}'; a classifier needs at least two classes. Add rows of another class, or choose another --target.");
        }
        return Classification.Sort(distinct);
    }

    private static DataFormatException NotNumeric(Column target, string source)
        => new(source, null, target.Name, "The target of a regression has to be numeric; this column holds text or dates. Choose another --target, or --task classification.");

    /// <summary>The task of training rows.</summary>
    public static LearningTask For(RunOptions options, TrainSplit train, string target, IReadOnlyList<string>? classes, ModelFolder? earlier)
    {
        if (classes is null)
        {
            var logarithmic = options.Objective.Loss is { } loss && LossCatalog.KindsOf(loss) == LossKinds.LogRegression;
            if (earlier is { Task: Regression other } && other.IsLogarithmic != logarithmic)
                throw new OptionsException($"objective.loss: the earlier model predicts {(other.IsLogarithmic ? "the logarithm of a mean" : "the value itself")} and its head is kept; {(other.IsLogarithmic ? "choose " + string.Join(", ", LossCatalog.NamesFor(LossKinds.LogRegression)) : $"'{options.Objective.Loss}' needs a logarithm. Choose another loss")}.");
            if (earlier is { Task: Regression same }) return same.Target == target ? same : new Regression(target, same.Mean, same.Scale, logarithmic);
            if (options.Data.Positive is not null) throw new OptionsException("data.positive: belongs to two classes; the target is a number (a regression).");
            var values = ((NumericColumn)train.Rows[target]).Values;
            var mean = values.Average();
            var scale = Math.Sqrt(values.Average(x => (x - mean) * (x - mean)));
            if (!(scale < 1e30) || !(Math.Abs(mean) < 1e30) || (scale < 1e-30 && values.Min() != values.Max()))
            {
                throw new DataFormatException(train.Rows.Source, null, target, string.Create(CultureInfo.InvariantCulture,
                    $"The targets lie around {mean:G3} with a spread of {scale:G3}, which 32-bit numbers cannot learn. Give them in another unit."));
            }
            if (!logarithmic) return new Regression(target, mean, scale > 0 ? scale : 1);
            var aboveZero = options.Objective.Loss == "gamma";
            if (values.Any(v => v < 0 || (aboveZero && v == 0)) || !(mean > 0))
            {
                throw new DataFormatException(train.Rows.Source, null, target, $"objective.loss={options.Objective.Loss} needs targets {(aboveZero ? "above 0" : "of at least 0, not all 0")}; "
                    + "the column holds others. Choose another loss, or remove the rows.");
            }
            return new Regression(target, 0, mean, logarithmic: true);
        }
        if (earlier is { Task: Classification known } && known.Target == target && classes.All(c => known.Classes.Contains(c, StringComparer.Ordinal)))
        {
            if (options.Data.Positive is { } other && other != known.PositiveClass)
                throw new OptionsException($"data.positive: the earlier model's positive class is '{known.PositiveClass ?? "none"}' and its head is kept. Leave the option out.");
            return known;
        }
        if (options.Data.Positive is { } positive && !classes.Contains(positive, StringComparer.Ordinal))
            throw new OptionsException($"data.positive: '{positive}' is no class of '{target}'.{NearestName.Hint(positive, classes)} The classes are {NearestName.Preview(classes)}.");
        if (options.Data.Positive is not null && classes.Count > 2) throw new OptionsException($"data.positive: belongs to two classes; '{target}' has {classes.Count}.");
        return new Classification(target, classes, classes.Count == 2 ? options.Data.Positive ?? Rarer(train.Rows[target], classes) : null);
    }

    private static string Rarer(Column column, IReadOnlyList<string> classes)
    {
        var first = 0;
        for (var row = 0; row < column.Rows; row++) first += column.Text(row) == classes[0] ? 1 : 0;
        return first < column.Rows - first ? classes[0] : classes[1];
    }
}
