namespace Attune.Data;

/// <summary>Reads delimited text: structure first, then every wanted column in parallel.</summary>
internal static class CsvTable
{
    public static Table Read(string path, TableReadOptions options, bool throughDuckDb = true)
    {
        using var map = new MappedFile(path);
        var structure = CsvStructure.Scan(map, path);
        var plan = ColumnPlan.Make(path, structure.Header, options);
        using CellSource cells = throughDuckDb && structure.IsPlain ? ThroughDuckDb(path, structure, options.EffectiveThreads) : new CsvCells(map, structure);
        var reader = new ColumnReader(cells, path, options.MissingWords, row => structure.Lines.LineOf(row));
        reader.ParseNumbers([.. plan.Where(r => !r.AsWords && r.Kind is not (ColumnKind.Category or ColumnKind.Boolean or ColumnKind.Text or ColumnKind.Date)).Select(r => r.Index)], options.EffectiveThreads);
        var results = new ColumnReader.Result[plan.Count];
        plan.ForEach(options.EffectiveThreads, i => results[i] = plan[i].AsWords
            ? new(reader.AsWords(plan[i].Index, plan[i].Name), new ColumnSchema(plan[i].Name, ColumnKind.Identifier, "kept beside the prediction"), null)
            : reader.Read(plan[i].Index, plan[i].Name, plan[i].Kind));
        var notices = new List<string>();
        if (structure.BlankLines > 0) notices.Add($"{structure.BlankLines} blank {(structure.BlankLines == 1 ? "line was" : "lines were")} skipped in {path}.");
        return ColumnPlan.ToTable(path, structure.Rows, results, notices, structure.Lines.LineOf);   // the map alone: a closure would keep the file's index alive
    }

    // The dialect is settled, so DuckDB guesses nothing; it must find the rows that the scan found.
    private static DuckDbCells ThroughDuckDb(string path, CsvStructure structure, int threads)
    {
        var query = new DuckDbQuery(path, threads);
        var columns = string.Join(", ", structure.Header.Select((_, i) => FormattableString.Invariant($"'c{i}': 'VARCHAR'")));
        query.Run(FormattableString.Invariant(
            $"SELECT * FROM read_csv({DuckDbQuery.Path(path)}, auto_detect=false, header=false, skip={structure.HeaderLines}, delim='{(char)structure.Delimiter}', quote='\"', escape='\"', nullstr='', new_line='{structure.LineEnd}', columns={{{columns}}}, max_line_size=16777216)"));
        if (query.Rows == structure.Rows) return new DuckDbCells(query);
        query.Dispose();
        throw new DataFormatException(path, null, null, FormattableString.Invariant($"The file was read in two ways that disagree: {structure.Rows} and {query.Rows} rows. Write it again with another tool, or convert it to Parquet."));
    }
}
