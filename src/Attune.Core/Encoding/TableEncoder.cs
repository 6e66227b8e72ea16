using System.Text.Json;
using Attune.Data;
using Attune.Graphs;

namespace Attune.Encoding;

/// <summary>
/// The fitted preprocessing of a table: one encoder per feature column. Real outputs stand side by side in the input <c>features</c>, in column order;
/// each embedding has an input <c>codes:column</c>. Immutable and thread-safe.
/// </summary>
public sealed class TableEncoder
{
    /// <summary>Name of the network input [B, FeatureWidth] that takes all real outputs.</summary>
    public const string FeaturesName = "features";

    /// <summary>What the name of an embedding's network input [B] begins with.</summary>
    public const string CodesPrefix = "codes:";

    private const string Format = "attune-encoder";
    private const int Version = 1;
    private const int RowsPerTask = 4096;

    /// <summary>An encoder of the given columns.</summary>
    /// <exception cref="ArgumentException">A column stands twice.</exception>
    public TableEncoder(IReadOnlyList<ColumnEncoder> columns)
    {
        Columns = columns;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            if (!seen.Add(column.Column)) throw new ArgumentException($"Column '{column.Column}' has two encoders.", nameof(columns));
        }
        FeatureNames = [.. columns.SelectMany(c => c.FeatureNames)];
        Embeddings = [.. columns.OfType<EmbeddingEncoder>()];
    }

    /// <summary>The encoders in column order.</summary>
    public IReadOnlyList<ColumnEncoder> Columns { get; }

    /// <summary>The columns to read from a file that is to be encoded, in order: numeric, date, or category (booleans too).</summary>
    public IReadOnlyList<ColumnSchema> Schema => [.. Columns.Select(c => new ColumnSchema(c.Column, c switch
    {
        NumericEncoder { IsDate: true } or BinEncoder { IsDate: true } => ColumnKind.Date,
        NumericEncoder or BinEncoder => ColumnKind.Numeric,
        _ => ColumnKind.Category,
    }, "as in training"))];

    /// <summary>The encoders whose output is an index, in column order.</summary>
    public IReadOnlyList<EmbeddingEncoder> Embeddings { get; }

    /// <summary>Width F of the input <c>features</c>; 0 when all columns are embeddings, which then has no such input.</summary>
    public int FeatureWidth => FeatureNames.Count;

    /// <summary>A name per real output.</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>Encodes all rows.</summary>
    /// <param name="table">Rows with every column of <see cref="Columns"/>; others are ignored.</param>
    /// <param name="counts">Missing, unknown and clipped cells per column.</param>
    /// <param name="threads">Threads, 0 for all cores; the result is the same for any number.</param>
    /// <returns><c>features</c> [R, F] where F > 0, then <c>codes:column</c> [R] per embedding.</returns>
    /// <exception cref="DataFormatException">A column is not there, or its cells are of another kind than in training.</exception>
    public EncodedInput[] Apply(Table table, out EncodingCounts counts, int threads = 0)
    {
        var bound = new Bound[Columns.Count];
        var embeddings = new List<int[]>();
        var offset = 0;
        for (var i = 0; i < bound.Length; i++)
        {
            var encoder = Columns[i];
            var column = encoder.Accept(table[encoder.Column], table.Source, table.LineOfRow);
            int[]? codes = encoder is EmbeddingEncoder ? new int[table.Rows] : null;
            if (codes is not null) embeddings.Add(codes);
            bound[i] = new Bound(encoder, column, encoder.Map(column), offset, codes);
            offset += encoder.Width;
        }
        var features = FeatureBlock(table);
        var tasks = (table.Rows + RowsPerTask - 1) / RowsPerTask;
        var tallies = new ColumnCount[tasks][];   // one row of tallies per task: no sharing, and sums in a fixed order
        Parallel.For(0, tasks, new ParallelOptions { MaxDegreeOfParallelism = threads == 0 ? -1 : threads }, task => tallies[task] = Encode(bound, features, task, table.Rows));

        var totals = Columns.Select(c => new ColumnCount(c.Column, 0, 0, 0)).ToArray();
        foreach (var tally in tallies)
        {
            for (var i = 0; i < totals.Length; i++) totals[i] += tally[i];
        }
        counts = new EncodingCounts(table.Rows, totals);
        var inputs = Embeddings.Select((e, i) => (EncodedInput)new IndexInput(e.InputName, 1, embeddings[i]));
        return FeatureWidth == 0 ? [.. inputs] : [new FloatInput(FeaturesName, FeatureWidth, features), .. inputs];
    }

    /// <summary>Encodes all rows beside their targets (<c>task.Encode(table)</c>; null when only predictions are wanted).</summary>
    /// <exception cref="DataFormatException">A column is not there, or its cells are of another kind than in training.</exception>
    public EncodedSet Encode(Table table, Targets? targets, out EncodingCounts counts, int threads = 0)
        => new(table.Rows, Apply(table, out counts, threads), targets);

    /// <summary>
    /// Appends the whole preprocessing: one graph input per column under its name, [N, 1], and the nodes behind it.
    /// </summary>
    /// <returns>The values for the network's inputs, by their names: <c>features</c> [N, F] float, <c>codes:column</c> [N, 1] int64.</returns>
    public IReadOnlyDictionary<string, Value> AppendTo(GraphBuilder graph)
    {
        var raw = new Value[Columns.Count];
        for (var i = 0; i < raw.Length; i++) raw[i] = graph.Input(Columns[i].Column, Columns[i].InputType, new Shape("N", 1));
        var values = new Dictionary<string, Value>(StringComparer.Ordinal);
        var real = new List<Value>();
        for (var i = 0; i < raw.Length; i++)
        {
            if (Columns[i] is EmbeddingEncoder embedding) values.Add(embedding.InputName, embedding.AppendTo(graph, raw[i]));
            else if (Columns[i].Width > 0) real.Add(Columns[i].AppendTo(graph, raw[i]));
        }
        if (real.Count > 0) values.Add(FeaturesName, graph.Concat(real.ToArray(), 1));   // [N, F]
        return values;
    }

    /// <summary>The content of encoder.json: the same bytes for equal encoders; every double keeps its bits.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new EncoderDocument { Format = Format, Version = Version, Columns = [.. Columns.Select(c => c.ToDocument())] }, EncoderJson.Readable.EncoderDocument) + "\n";

    /// <summary>Writes encoder.json, whole or not at all.</summary>
    /// <exception cref="IOException">The folder is missing or not writable, or the disk is full.</exception>
    public void Save(string path) => AtomicFile.WriteAllText(path, ToJson());

    /// <summary>Reads encoder.json.</summary>
    /// <exception cref="DataFormatException">The file is not there, or is no encoder that this version knows; names the property.</exception>
    public static TableEncoder Load(string path)
    {
        string json;
        try { json = File.ReadAllText(path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException(path, null, null, $"The encoder of this model cannot be read: {e.Message}", e);
        }
        return FromJson(json, path);
    }

    /// <summary>Reads the content of encoder.json; <paramref name="file"/> is for messages.</summary>
    /// <exception cref="DataFormatException">It is no encoder that this version knows; names the property.</exception>
    public static TableEncoder FromJson(string json, string file)
    {
        EncoderDocument document;
        try
        {
            document = JsonSerializer.Deserialize(json, EncoderJson.Readable.EncoderDocument) ?? throw new JsonException("The file holds null.");
        }
        catch (JsonException e)
        {
            throw new DataFormatException(file, e.LineNumber + 1, null, $"This is no valid encoder file, at property {e.Path ?? "$"}: {e.Message} Copy the model folder anew.", e);
        }
        return new EncoderReader(file).Read(document, Format, Version);
    }

    private float[] FeatureBlock(Table table)
    {
        var length = (long)table.Rows * FeatureWidth;
        if (length <= Array.MaxLength) return GC.AllocateUninitializedArray<float>((int)length);
        throw new DataFormatException(table.Source, null, null,
            $"{table.Rows} rows × {FeatureWidth} encoded values do not fit one block of {Array.MaxLength}. Use fewer rows, or lower encoding.max-one-hot.");
    }

    private ColumnCount[] Encode(Bound[] columns, float[] features, int task, int rows)
    {
        var first = task * RowsPerTask;
        var count = Math.Min(RowsPerTask, rows - first);
        var block = features.AsSpan(first * FeatureWidth, count * FeatureWidth);
        var tally = new ColumnCount[columns.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            var (encoder, column, map, offset, codes) = columns[i];
            tally[i] = encoder is EmbeddingEncoder embedding
                ? embedding.Encode(column, map, first, count, codes.AsSpan(first, count))
                : encoder.Encode(column, map, first, count, block, FeatureWidth, offset);
        }
        return tally;
    }

    private sealed record Bound(ColumnEncoder Encoder, Column Column, int[] Map, int Offset, int[]? Codes);
}
