using System.Globalization;
using System.Runtime.InteropServices;
using Attune.Data;
using Attune.Randomness;

namespace Attune.Splitting;

/// <summary>
/// Divides a table into training, validation and test rows. Classes keep their shares (largest remainders; only ties are drawn); for regression
/// the tenths of the target's ranks do, and of several labels each does as far as their combinations allow (<see cref="LabelDraw"/>). Exact copies of a row stay on one side. The draw depends on the seed, the target and the
/// row numbers only: the same on every machine, and unmoved by an edit of a feature that makes no two rows equal. Groups of rows can be kept in one part (<see cref="SplitRequest.GroupColumn"/>), or time decides
/// (<see cref="SplitRequest.TimeColumn"/>).
/// </summary>
public static class Splitter
{
    private const byte InTrain = 0, InValidation = 1, InTest = 2, Dropped = 3;

    /// <summary>Splits <paramref name="data"/>; rows whose target is missing are left out and counted.</summary>
    /// <param name="data">All rows, or the training rows when the options give the other files.</param>
    /// <param name="options">Shares, seed, given files, rows known to an earlier model.</param>
    /// <param name="targetColumn">The column to be learned.</param>
    /// <param name="isClassification">True: the target is a class. False: it is a number.</param>
    /// <exception cref="OptionsException">A share is not between 0 and 1.</exception>
    /// <exception cref="DataFormatException">Too few rows, one class only, a class with one row, most targets missing, files with other columns, no row left for the test.</exception>
    public static DataSplits Split(Table data, SplitRequest options, string targetColumn, bool isClassification)
        => Split(data, options, isClassification ? SplitTarget.Class(targetColumn) : SplitTarget.Number(targetColumn));

    /// <summary>Splits <paramref name="data"/>; rows whose target is missing are left out and counted.</summary>
    /// <param name="data">All rows, or the training rows when the options give the other files.</param>
    /// <param name="options">Shares, seed, given files, rows known to an earlier model.</param>
    /// <param name="target">The columns to be learned, and as what.</param>
    /// <exception cref="OptionsException">A share is not between 0 and 1.</exception>
    /// <exception cref="DataFormatException">As above; also a cell that is no label, and a label without a training row.</exception>
    public static DataSplits Split(Table data, SplitRequest options, SplitTarget target)
    {
        var problems = options.Problems().ToList();
        if (problems.Count > 0) throw new OptionsException(problems);
        foreach (var name in target.Columns) _ = data[name];
        var features = Features(data, options, target);
        string[] columns = [.. features, .. target.Columns];
        var notices = new List<string>();
        var (validation, validationRows, dropped1) = Given(options.ValidationTable, data, columns, target, notices);
        var (test, testRows, dropped2) = Given(options.TestTable, data, columns, target, notices);
        var dropped = Missing(data, target, notices);
        var hashes = RowHashes.Of(data, columns);
        var known = Known(data, options, hashes);
        var strata = target.IsLabels ? null : target.Columns.Count == 0 ? Strata.Single(data.Rows) : StrataOf(data, data[target.Columns[0]], target.IsClass);
        var (assignment, copies) = Assign(data, options, target, strata, target.TogetherBy is { } together ? RowHashes.Of(data, together) : hashes, known, notices);
        var trainRows = RowsIn(assignment, InTrain);
        var keptOut = known is null ? 0 : assignment.Zip(known).Count(row => row is (not Dropped, true));
        if (test is null)
        {
            testRows = RowsIn(assignment, InTest);
            test = data.Select(testRows);
            if (keptOut > 0) notices.Add(Invariant($"{keptOut:N0} of {data.Rows:N0} rows of {data.Source} are known to the earlier model and were kept out of the test split."));
            if (test.Rows == 0)
            {
                throw new DataFormatException(data.Source, null, null, keptOut > 0
                    ? Invariant($"No row is left for the test split: {keptOut:N0} of {data.Rows:N0} rows are known to the earlier model. Give a test file (--test FILE) with rows that it has not seen.")
                    : Invariant($"{data.Rows:N0} rows are too few for a test split. Add rows, or give a test file (--test FILE)."));
            }
        }
        else (test, testRows, keptOut) = WithoutKnown(test, testRows, options, columns, notices);
        if (validation is null)
        {
            validationRows = RowsIn(assignment, InValidation);
            validation = data.Select(validationRows);
            if (validation.Rows == 0) throw new DataFormatException(data.Source, null, null, Invariant($"{data.Rows:N0} rows are too few for a validation split. Add rows, or give a validation file (--validation FILE)."));
        }
        var train = data.Select(trainRows);
        if (train.Rows == 0) throw new DataFormatException(data.Source, null, null, "No row is left for training. Add rows, or make the validation and test shares smaller.");
        if (target.IsClass) RefuseUnseenClasses(train, validation, test, target.Columns[0], strata!);
        var classes = target.IsClass ? ClassCounts(strata!, train, validation, test, target.Columns[0]) : target.IsLabels ? LabelCounts(target, train, validation, test, notices) : null;

        var (exact, near, audit) = LeakageAudit.Find(train, validation, test, features, target, options.GroupColumn);
        notices.Add(audit.Summary);
        return new DataSplits
        {
            Train = new TrainSplit(train),
            Validation = validation,
            Test = test,
            TrainRows = trainRows,
            ValidationRows = validationRows,
            TestRows = testRows,
            KnownRows = [.. RowHashes.Of(train, columns), .. RowHashes.Of(validation, columns)],
            Report = new SplitReport
            {
                Method = options.TestTable is not null && options.ValidationTable is not null ? "given" : options.TimeColumn is { } time ? $"by time '{time}'"
                    : (options.GroupColumn is { } group ? $"'{group}' together, " : "") + (target.IsClass ? "stratified by class" : target.IsLabels ? "stratified by label" : target.TogetherBy is { } kept ? $"random, equal '{string.Join(", ", kept)}' together" : "stratified by target decile"),
                Seed = options.Seed,
                Rows = data.Rows,
                Train = train.Rows,
                Validation = validation.Rows,
                Test = test.Rows,
                Columns = columns,
                Classes = classes,
                MissingTargets = dropped + dropped1 + dropped2,
                KeptOutOfTest = keptOut,
                CopiesKeptTogether = copies,
                ExactDuplicates = exact,
                NearDuplicates = near,
                Audit = audit,
                Notices = notices,
                Assignment = SplitReport.Pack(assignment),
            },
        };
    }

    private static (byte[] Assignment, int Copies) Assign(Table data, SplitRequest options, SplitTarget target, Strata? strata, ulong[] hashes, bool[]? known, List<string> notices)
    {
        if ((options.TimeColumn ?? options.GroupColumn) is { } by)
        {
            var path = options.TimeColumn is null ? "split.group" : "split.time";
            if (target.Columns.Contains(by, StringComparer.Ordinal)) throw new OptionsException($"{path}: '{by}' is what is learned; splits by it would test answers that training never had. Name another column.");
            var labels = strata is null ? target.LabelsOf(data) : null;
            bool[] isDropped = labels?.Missing ?? [.. strata!.Of.Select(s => s < 0)];
            if (options.TimeColumn is { } time) return (TimeDraw.Assign(data, data[time], isDropped, Dropped, known, options, notices), 0);
            var column = data[options.GroupColumn!];
            var groups = RowGroups.Of(column, hashes);
            var count = groups.Distinct().Count();
            var parts = 1 + (options.TestTable is null ? 1 : 0) + (options.ValidationTable is null ? 1 : 0);
            if (count < parts) throw new DataFormatException(data.Source, null, column.Name, Invariant($"split.group: {count} groups cannot be in {parts} parts. Name a column with more values, or give the parts as files (--test, --validation)."));
            notices.Add(Invariant($"Rows with the same '{column.Name}' stay in one part: {count:N0} groups of {data.Rows:N0} rows."));
            IReadOnlyList<int>[] strataOf = labels is null ? [.. strata!.Of.Select(s => (IReadOnlyList<int>)[s])]
                : [.. Enumerable.Range(0, data.Rows).Select(row => (IReadOnlyList<int>)[.. Enumerable.Range(0, labels.Labels.Count).Where(k => labels.Values[row * labels.Labels.Count + k] != 0)])];
            return (new GroupDraw(strataOf, labels?.Labels.Count ?? strata!.Names.Length, groups, known, options).Assign(isDropped, Dropped), 0);
        }
        if (strata is null)
        {
            var labels = LabelDraw.Assign(target.LabelsOf(data), hashes, known, options, Dropped, out var dealt);
            return (dealt, labels.Copies);
        }
        var draw = new Draw(strata, hashes, known, options);
        return (draw.Assign(), draw.Copies);
    }

    private static string[] Features(Table data, SplitRequest options, SplitTarget target)
    {
        IEnumerable<string> names = options.FeatureColumns
            ?? (data.Schema.Count > 0 ? data.Schema.Where(c => c.IsFeature).Select(c => c.Name) : data.Columns.Select(c => c.Name));
        var features = names.Where(n => !target.Columns.Contains(n, StringComparer.Ordinal)).Distinct(StringComparer.Ordinal).ToArray();
        foreach (var name in features) _ = data[name];
        return features;
    }

    // A given table has the columns of the data, of the same types; its rows without a target are left out.
    private static (Table? Table, int[] Rows, int Dropped) Given(Table? table, Table data, string[] columns, SplitTarget target, List<string> notices)
    {
        if (table is null) return (null, [], 0);
        var absent = columns.Where(c => !table.TryGet(c, out _)).ToList();
        if (absent.Count > 0)
        {
            var names = table.Columns.Select(c => c.Name).ToList();
            var listed = string.Join(", ", absent.Take(10).Select(c => $"'{c}'{(NearestName.Find(c, names) is { } near ? $" (nearest here: '{near}')" : "")}"));
            throw new DataFormatException(table.Source, 1, null, $"The file has other columns than {data.Source}; missing: {listed}{(absent.Count > 10 ? $" and {absent.Count - 10} more" : "")}. Rename the columns, or give another file.");
        }
        foreach (var name in columns)
        {
            if (table[name].GetType() != data[name].GetType())
                throw new DataFormatException(table.Source, null, name, $"The column holds {Holds(table[name])}; in {data.Source} it holds {Holds(data[name])}. Correct the file, or set the column's kind.");
        }
        var dropped = Missing(table, target, notices);
        var rows = Enumerable.Range(0, table.Rows).Where(r => !target.IsMissing(table, r)).ToArray();
        return (dropped == 0 ? table : table.Select(rows), rows, dropped);
    }

    private static string Holds(Column column) => column switch { NumericColumn => "numbers", DateColumn => "dates", _ => "words" };

    private static int Missing(Table table, SplitTarget target, List<string> notices)
    {
        var rows = Enumerable.Range(0, table.Rows).Where(r => target.IsMissing(table, r)).ToList();
        if (rows.Count == 0) return 0;
        var line = table.LineOfRow?.Invoke(rows[0]);
        if (rows.Count * 2 > table.Rows)
            throw new DataFormatException(table.Source, line, target.Name, Invariant($"The target is missing in {rows.Count:N0} of {table.Rows:N0} rows, first here. Fill in the targets, or name another target column."));
        var lines = string.Join(", ", rows.Take(5).Select(r => LeakageAudit.Place(table, r)));
        notices.Add(Invariant($"{rows.Count:N0} of {table.Rows:N0} rows of {table.Source} have no '{target.Name}' and were left out ({lines}{(rows.Count > 5 ? ", …" : "")})."));
        return rows.Count;
    }

    private static Strata StrataOf(Table data, Column target, bool isClassification)
    {
        if (!isClassification)
        {
            if (target is not NumericColumn numeric) throw new DataFormatException(data.Source, null, target.Name, $"The target holds {Holds(target)}; regression needs numbers. Name another target, or train a classifier.");
            var values = numeric.Values.Where(v => !double.IsNaN(v)).Distinct().Take(2).ToList();
            return values.Count == 2
                ? Strata.Quantiles(numeric)
                : throw new DataFormatException(data.Source, null, target.Name, Invariant($"The target is {values[0]} in every row; there is nothing to learn. Add rows with other values, or name another target."));
        }
        var strata = Strata.Classes(target);
        var counts = strata.Counts();
        if (counts.Length == 1)
            throw new DataFormatException(data.Source, null, target.Name, $"The target has a single class, '{strata.Names[0]}'; a classifier needs at least two. Add rows of another class, or name another target.");
        var single = Array.IndexOf(counts, 1);
        if (single >= 0)
        {
            var names = strata.Names.Where((_, i) => counts[i] == 1).ToList();
            throw new DataFormatException(data.Source, data.LineOfRow?.Invoke(Array.IndexOf(strata.Of, single)), target.Name,
                $"{(names.Count == 1 ? $"The class {NearestName.Preview(names)} has" : $"{names.Count} classes ({NearestName.Preview(names)}) have")} one row only, which cannot be both learned and tested. Add rows of that class, remove the row, or merge the class with another; if the target is a number to estimate, ask for regression.");
        }
        return strata;
    }

    private static bool[]? Known(Table data, SplitRequest options, ulong[] hashes)
    {
        if (options.KnownRows is not { Count: > 0 } known) return null;
        if (options.KnownColumns is { } columns) hashes = RowHashes.Of(data, columns);
        return Array.ConvertAll(hashes, known.Contains);
    }

    private static (Table Table, int[] Rows, int KeptOut) WithoutKnown(Table test, int[] rows, SplitRequest options, string[] columns, List<string> notices)
    {
        var known = Known(test, options, options.KnownColumns is null && options.KnownRows is { Count: > 0 } ? RowHashes.Of(test, columns) : []);
        if (known is null) return (test, rows, 0);
        var kept = Enumerable.Range(0, test.Rows).Where(r => !known[r]).ToArray();
        var keptOut = test.Rows - kept.Length;
        if (keptOut == 0) return (test, rows, 0);
        if (kept.Length == 0) throw new DataFormatException(test.Source, null, null, Invariant($"All {test.Rows:N0} test rows are known to the earlier model, which was trained or validated on them. Give rows that it has not seen."));
        notices.Add(Invariant($"{keptOut:N0} of {test.Rows:N0} rows of {test.Source} are known to the earlier model and were left out of the test."));
        return (test.Select(kept), [.. kept.Select(r => rows[r])], keptOut);
    }

    private static void RefuseUnseenClasses(Table train, Table validation, Table test, string target, Strata strata)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var row = 0; row < train.Rows; row++) seen.Add(train[target].Text(row));
        foreach (var table in new[] { validation, test })
        {
            for (var row = 0; row < table.Rows; row++)
            {
                if (seen.Contains(table[target].Text(row))) continue;
                throw new DataFormatException(table.Source, table.LineOfRow?.Invoke(row), target,
                    $"The class '{table[target].Text(row)}' is not among the training rows ({NearestName.Preview(strata.Names)}). Correct the cell, or add training rows of that class.");
            }
        }
    }

    private static Dictionary<string, int[]> ClassCounts(Strata strata, Table train, Table validation, Table test, string target)
    {
        var counts = strata.Names.ToDictionary(name => name, _ => new int[3], StringComparer.Ordinal);
        var tables = new[] { train, validation, test };
        for (var split = 0; split < 3; split++)
        {
            var column = tables[split][target];
            for (var row = 0; row < column.Rows; row++) counts[column.Text(row)][split]++;
        }
        return counts;
    }

    private static Dictionary<string, int[]> LabelCounts(SplitTarget target, Table train, Table validation, Table test, List<string> notices)
    {
        var learned = target.LabelsOf(train);
        for (var k = 0; k < learned.Labels.Count; k++)
        {
            if (learned.Count(k) == 0)
            {
                throw new DataFormatException(train.Source, null, target.LabelSeparator is null ? learned.Labels[k] : target.Name,
                    $"No training row has the label '{learned.Labels[k]}', so it cannot be learned. Add rows that have it, or leave it out.");
            }
            if (learned.Count(k) == train.Rows) notices.Add($"Every training row has the label '{learned.Labels[k]}'; there is nothing to learn about it.");
        }
        // A label that only validation or test rows have is refused here, by name and line.
        LabelSets[] sets = [learned, target.LabelsOf(validation, learned.Labels), target.LabelsOf(test, learned.Labels)];
        var untested = learned.Labels.Where((_, k) => sets[2].Count(k) == 0).ToList();
        if (untested.Count > 0) notices.Add($"No test row has {(untested.Count == 1 ? "the label" : $"{untested.Count} labels:")} {NearestName.Preview(untested)}; what the model makes of {(untested.Count == 1 ? "it" : "them")} is not judged. Add rows that have {(untested.Count == 1 ? "it" : "them")}.");
        return learned.Labels.Select((name, k) => (name, k)).ToDictionary(l => l.name, l => sets.Select(set => set.Count(l.k)).ToArray(), StringComparer.Ordinal);
    }

    private static int[] RowsIn(byte[] assignment, byte split)
    {
        var rows = new List<int>();
        for (var i = 0; i < assignment.Length; i++) if (assignment[i] == split) rows.Add(i);
        return [.. rows];
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>The seeded draw: groups of equal rows, shuffled within their stratum, fill the test quota, then the validation quota.</summary>
    private sealed class Draw(Strata strata, ulong[] hashes, bool[]? known, SplitRequest options)
    {
        private readonly byte[] _assignment = new byte[strata.Of.Length];
        private readonly int[] _next = new int[strata.Of.Length];

        /// <summary>Rows beyond the first of each group of equal rows.</summary>
        public int Copies { get; private set; }

        public byte[] Assign()
        {
            var (testQuota, validationQuota) = Quotas(strata.Counts());
            for (var row = 0; row < _assignment.Length; row++)
            {
                if (strata.Of[row] < 0) _assignment[row] = Dropped;
            }
            var groups = Groups();
            for (var stratum = 0; stratum < groups.Length; stratum++)
            {
                var order = Enumerable.Range(0, groups[stratum].Count).ToArray();
                new Philox(options.Seed, "split:" + strata.Names[stratum]).Shuffle(order);
                Fill(groups[stratum], order, testQuota[stratum], InTest);
                Fill(groups[stratum], order, validationQuota[stratum], InValidation);
            }
            return _assignment;
        }

        private (int[] Test, int[] Validation) Quotas(int[] counts)
        {
            var total = counts.Sum();
            var test = options.TestTable is null ? Allocation.Ceiling(options.Test, total) : 0;
            var rest = Allocation.LargestRemainder(counts, total - test, new Philox(options.Seed, "split:test"));
            var validation = options.ValidationTable is null ? Allocation.Ceiling(options.Validation, total - test) : 0;
            var train = Allocation.LargestRemainder(rest, total - test - validation, new Philox(options.Seed, "split:validation"));
            for (var i = 0; i < counts.Length; i++)
            {
                if (train[i] > 0 || counts[i] == 0) continue;
                train[i] = 1;   // every class is learned
                if (rest[i] == 0) rest[i] = 1;
            }
            return ([.. counts.Select((count, i) => count - rest[i])], [.. rest.Select((count, i) => count - train[i])]);
        }

        // The first row of each group of equal rows, per stratum. Equal rows have equal targets, so a group lies in one stratum.
        private List<int>[] Groups()
        {
            var groups = Array.ConvertAll(strata.Names, _ => new List<int>());
            var last = new Dictionary<ulong, int>(_assignment.Length);
            Array.Fill(_next, -1);
            for (var row = 0; row < _assignment.Length; row++)
            {
                if (strata.Of[row] < 0) continue;
                ref var previous = ref CollectionsMarshal.GetValueRefOrAddDefault(last, hashes[row], out var copy);
                if (copy && strata.Of[previous] == strata.Of[row])
                {
                    _next[previous] = row;
                    Copies++;
                }
                else groups[strata.Of[row]].Add(row);
                previous = row;
            }
            return groups;
        }

        private void Fill(List<int> groups, int[] order, int quota, byte split)
        {
            foreach (var i in order)
            {
                if (quota == 0) return;
                if (_assignment[groups[i]] != InTrain) continue;
                var (size, isKnown) = (0, false);
                for (var row = groups[i]; row >= 0; row = _next[row]) (size, isKnown) = (size + 1, isKnown || known?[row] == true);
                if (size > quota || (split == InTest && isKnown)) continue;
                for (var row = groups[i]; row >= 0; row = _next[row]) _assignment[row] = split;
                quota -= size;
            }
        }
    }
}
