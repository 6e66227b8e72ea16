// The façade: a model from a first table, fine-tuned when more rows arrive, kept only when it is not worse. samples/Serve then predicts with it.
//   dotnet run -c Release --project samples/FineTuneAndServe -- samples/data/breast-cancer.csv diagnosis runs
using Attune;
using Attune.Options;

if (args is not [var table, var target, var folder])
{
    Console.Error.WriteLine("usage: FineTuneAndServe TABLE.csv TARGET FOLDER");
    return 2;
}

// The first 200 rows are what there was at the start; the others came later.
Directory.CreateDirectory(folder);
var lines = File.ReadAllLines(table);
string Write(string name, IEnumerable<string> rows)
{
    var path = Path.Combine(folder, name);
    File.WriteAllLines(path, rows.Prepend(lines[0]));
    return path;
}
var (early, late) = (Write("early.csv", lines.Skip(1).Take(200)), Write("late.csv", lines.Skip(201)));

var first = FineTuning.Run(new RunOptions
{
    Out = Path.Combine(folder, "first"),
    Data = new DataOptions { Path = early, Target = target },
});
Console.WriteLine($"first:  {first.Verdict!.Sentence}");

var second = FineTuning.Run(new RunOptions
{
    Out = Path.Combine(folder, "second"),
    Data = new DataOptions { Path = late },          // the earlier model names the target
    Model = new ModelOptions { Path = first.Path },
});
Console.WriteLine($"second: {second.Verdict!.Sentence}");

var kept = second.Verdict.Word == "worse" ? first : second;
Console.WriteLine($"serve:  {kept.Path}");
return 0;
