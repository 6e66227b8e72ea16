namespace Attune.Data;

/// <summary>Reads delimited text: structure first, then every wanted column in parallel.</summary>
internal static class CsvTable
{
    public static Table Read(string path, TableReadOptions options)
    {
        using var map = new MappedFile(path);
        var structure = CsvStructure.Scan(map, path);
        using var cells = new CsvCells(map, structure);
        var plan = ColumnPlan.Make(path, structure.Header, options);
        var reader = new ColumnReader(cells, path, options.MissingWords, row => structure.Lines.LineOf(row));
        var results = new ColumnReader.Result[plan.Count];
        plan.ForEach(options.EffectiveThreads, i => results[i] = plan[i].AsWords
            ? new(reader.AsWords(plan[i].Index, plan[i].Name), new ColumnSchema(plan[i].Name, ColumnKind.Identifier, "kept beside the prediction"), null)
            : reader.Read(plan[i].Index, plan[i].Name, plan[i].Kind));
        var notices = new List<string>();
        if (structure.BlankLines > 0) notices.Add($"{structure.BlankLines} blank {(structure.BlankLines == 1 ? "line was" : "lines were")} skipped in {path}.");
        return ColumnPlan.ToTable(path, structure.Rows, results, notices, row => structure.Lines.LineOf(row));
    }
}
