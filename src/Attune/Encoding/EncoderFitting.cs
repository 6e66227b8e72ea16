using Attune.Data;
using Attune.Splitting;

namespace Attune.Encoding;

/// <summary>Fits the preprocessing of a table. Takes a <see cref="TrainSplit"/> and nothing else, so that validation and test rows cannot leak into it.</summary>
public static class EncoderFitting
{
    /// <summary>Fits one encoder per feature column; numbers and dates by <see cref="EncodingOptions.Numeric"/>, words and booleans by <see cref="EncodingOptions.Categorical"/>.</summary>
    /// <param name="train">The training rows.</param>
    /// <param name="features">The feature columns, in order: numeric, category, boolean or date.</param>
    /// <param name="options">How columns become numbers.</param>
    /// <param name="threads">Threads, 0 for all cores; the result is the same for any number.</param>
    /// <exception cref="OptionsException">An option is out of range, or names a column that is no feature.</exception>
    /// <exception cref="DataFormatException">A column is not there, or holds a word where a number is due, or a number that box-cox cannot take.</exception>
    public static TableEncoder Fit(TrainSplit train, IReadOnlyList<ColumnSchema> features, EncodingOptions options, int threads = 0)
    {
        var problems = new List<string>();
        options.Validate(problems);
        foreach (var name in options.Columns.Keys.Where(name => !features.Any(f => f.Name == name)))
            problems.Add($"encoding.columns names '{name}', which is no feature column.{NearestName.Hint(name, features.Select(f => f.Name))}");
        if (problems.Count > 0) throw new OptionsException(problems);

        var table = train.Rows;
        var columns = features.Select(f => Accept(table, f)).ToArray();
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i] is not TextColumn && options.For(features[i].Name).Numeric == NumericScaling.BoxCox && NumericFitting.NotPositive(columns[i]) is { } value)
                throw new DataFormatException(table.Source, null, features[i].Name, FormattableString.Invariant($"encoding.numeric: box-cox needs positive numbers; the column holds {value}. Use yeo-johnson for it (encoding.columns.{features[i].Name}.numeric)."));
        }
        var encoders = new ColumnEncoder[features.Count];
        Parallel.For(0, encoders.Length, new ParallelOptions { MaxDegreeOfParallelism = threads == 0 ? -1 : threads }, i =>
        {
            var own = options.For(features[i].Name);
            encoders[i] = columns[i] is TextColumn text
                ? CategoryFitting.Fit(features[i].Name, text, own)
                : NumericFitting.Fit(features[i].Name, columns[i], own);
        });
        return new TableEncoder(encoders);
    }

    // Outside the parallel part, so that a bad cell is reported as itself.
    private static Column Accept(Table table, ColumnSchema feature) => feature.Kind switch
    {
        ColumnKind.Numeric => new NumericEncoder(feature.Name).Accept(table[feature.Name], table.Source, table.LineOfRow),
        ColumnKind.Date => new NumericEncoder(feature.Name) { IsDate = true }.Accept(table[feature.Name], table.Source, table.LineOfRow),
        ColumnKind.Category or ColumnKind.Boolean => CategoryEncoder.AsText(table[feature.Name]),
        _ => throw new ArgumentException($"Column '{feature.Name}' is {feature.Kind} ({feature.Reason}) and cannot be a feature.", nameof(feature)),
    };
}
