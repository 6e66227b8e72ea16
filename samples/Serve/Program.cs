// A service's half: predicts with a model folder and Attune.Core alone. One JSON object per line in, one prediction per line out.
//   echo '{"radius_mean": 17.99, …}' | dotnet run -c Release --project samples/Serve -- runs/first
using System.Globalization;
using System.Text.Json;
using Attune;
using Attune.Prediction;
using Attune.Tasks;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is not [var path])
{
    Console.Error.WriteLine("usage: Serve MODEL < rows.jsonl");
    return 2;
}
using var predictor = Predictor.Load(path);   // immutable and thread-safe: one for the whole service
while (Console.ReadLine() is { } line)
{
    try
    {
        var row = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(line)!.ToDictionary(cell => cell.Key, cell => Value(cell.Value));
        var result = predictor.Predict(row);
        Console.WriteLine(predictor.Task is Classification task
            ? $"{result.Label(0)} ({string.Join(", ", task.Classes.Select((name, k) => $"{name} {result.Row(0)[k]:0.000}"))})"
            : $"{result.Row(0)[0]:G6}");
    }
    catch (Exception e) when (e is JsonException or DataFormatException)
    {
        Console.WriteLine($"error: {e.Message}");
    }
}
return 0;

static object? Value(JsonElement cell) => cell.ValueKind switch
{
    JsonValueKind.Number => cell.GetDouble(),
    JsonValueKind.String => cell.GetString(),
    JsonValueKind.True or JsonValueKind.False => cell.GetBoolean(),
    _ => null,
};
