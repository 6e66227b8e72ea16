namespace Attune.Data;

/// <summary>
/// Reads delimited text: structure first, then every wanted column in parallel. The check that names a broken line has to find every cell anyway, so the cells it found
/// are used; letting DuckDB cut the same file again took 80 ms more on 10,000 rows and 2.5 times the memory on a million (docs/log.md, 2026-11-23). The tests do that.
/// </summary>
internal static class CsvTable
{
    public static Table Read(string path, TableReadOptions options)
    {
        using var map = new MappedFile(path);
        var structure = CsvStructure.Scan(map, path);
        var plan = ColumnPlan.Make(path, structure.Header, options);
        using var cells = new CsvCells(map, structure);
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
}
