using System.Globalization;
using Attune.Prediction;

// What a deployed service is: one model folder and Attune.Core. Arguments: folder, age, size, city ("" is missing).
using var predictor = Predictor.Load(args[0]);
var result = predictor.Predict(new Dictionary<string, object?> { ["age"] = Number(args[1]), ["size"] = Number(args[2]), ["city"] = args[3] });
Console.WriteLine(result.Label(0));
Console.WriteLine(string.Join(' ', result.Row(0).ToArray().Select(p => p.ToString("R", CultureInfo.InvariantCulture))));
Console.WriteLine(string.Join(' ', AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetName().Name!).Where(n => !n.StartsWith("System.", StringComparison.Ordinal) && n is not ("netstandard" or "Microsoft.Win32.Primitives"))));

static object? Number(string text) => text.Length == 0 ? null : double.Parse(text, CultureInfo.InvariantCulture);
