using System.Runtime.ExceptionServices;

namespace Attune.Data;

/// <summary>Which columns of a file are read, and as what.</summary>
internal sealed class ColumnPlan
{
    private readonly List<Request> _items = [];

    /// <summary>One column: its place in the file, its name, the kind that is wanted (null: inferred), and whether it is only kept as it stands.</summary>
    public readonly record struct Request(int Index, string Name, ColumnKind? Kind, bool AsWords = false);

    public int Count => _items.Count;

    public Request this[int i] => _items[i];

    /// <summary>The requests that <paramref name="condition"/> holds for.</summary>
    public IEnumerable<Request> Where(Func<Request, bool> condition) => _items.Where(condition);

    /// <summary>The columns that the options ask for.</summary>
    /// <exception cref="DataFormatException">The file lacks some; all are named.</exception>
    public static ColumnPlan Make(string file, IReadOnlyList<string> header, TableReadOptions options)
    {
        var place = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < header.Count; i++) place.Add(header[i], i);
        var wanted = (options.Expect?.Select(c => c.Name) ?? []).Concat(options.Kinds.Keys).Concat(options.Expect is null ? [] : options.Keep);
        var absent = wanted.Distinct(StringComparer.Ordinal).Where(name => !place.ContainsKey(name)).ToList();
        if (absent.Count > 0) throw Absent(file, header, absent);
        var plan = new ColumnPlan();
        if (options.Expect is null)
        {
            for (var i = 0; i < header.Count; i++)
            {
                if (!options.Without.Contains(header[i], StringComparer.Ordinal)) plan._items.Add(new(i, header[i], options.Kinds.TryGetValue(header[i], out var kind) ? kind : null));
            }
            return plan;
        }
        foreach (var column in options.Expect) plan._items.Add(new(place[column.Name], column.Name, options.Kinds.TryGetValue(column.Name, out var kind) ? kind : column.Kind));
        var expected = options.Expect.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in options.Keep.Distinct(StringComparer.Ordinal)) if (!expected.Contains(name)) plan._items.Add(new(place[name], name, null, AsWords: true));
        return plan;
    }

    /// <summary>Runs <paramref name="work"/> for every column on up to <paramref name="threads"/> threads; the error of the first column in order wins.</summary>
    public void ForEach(int threads, Action<int> work)
    {
        var errors = new Exception?[Count];
        void Guarded(int i)
        {
            try { work(i); }
            catch (DataFormatException e) { errors[i] = e; }
        }
        if (threads == 1 || Count == 1) for (var i = 0; i < Count; i++) Guarded(i);
        else Parallel.For(0, Count, new ParallelOptions { MaxDegreeOfParallelism = threads }, Guarded);
        foreach (var error in errors) if (error is not null) ExceptionDispatchInfo.Throw(error);
    }

    /// <summary>The table of the columns that were read.</summary>
    public static Table ToTable(string file, int rows, ColumnReader.Result[] results, List<string> notices, Func<int, long>? lineOf)
    {
        foreach (var result in results) if (result.Notice is { } notice) notices.Add(notice);
        return new Table(file, rows, [.. results.Select(r => r.Column)])
        {
            Schema = [.. results.Select(r => r.Schema)],
            Notices = notices,
            LineOfRow = lineOf,
        };
    }

    private static DataFormatException Absent(string file, IReadOnlyList<string> header, List<string> absent)
    {
        var named = absent.Take(10).Select(name => $"'{name}'{(NearestName.Find(name, header) is { } near ? $" (nearest here: '{near}')" : "")}");
        var more = absent.Count > 10 ? $" and {absent.Count - 10} more" : "";
        return new DataFormatException(file, 1, null,
            $"{(absent.Count == 1 ? "A column is" : $"{absent.Count} columns are")} missing: {string.Join(", ", named)}{more}. The file has {NearestName.Preview(header)}. Rename the columns, or name another file.");
    }
}
