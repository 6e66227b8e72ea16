using System.Globalization;
using System.Text;
using Attune.Options;
using Attune.Randomness;

namespace Attune.Tests.Runs;

/// <summary>Seeded tables that train in a fraction of a second, and the options that go with them.</summary>
internal static class SmallTables
{
    /// <summary>Columns age, size (some missing), city (5 words) and label (yes or no, learnable but noisy).</summary>
    public static string Binary(int rows, string name = "binary", double shift = 0, double noise = 1, string yes = "yes", string no = "no")
    {
        var random = new Philox(5, name);
        var text = new StringBuilder("age,size,city,label\n");
        for (var i = 0; i < rows; i++)
        {
            var age = Math.Round(40 + 12 * random.Normal((ulong)(4 * i)), 3);
            var size = Math.Round(3 * random.Normal((ulong)(4 * i) + 1), 3);
            var city = random.Uniform((ulong)(4 * i) + 2);
            var score = (age - 40) / 12 + 0.7 * size / 3 + (city < 0.3 ? 0.8 : -0.2) + shift + noise * random.Normal((ulong)(4 * i) + 3);
            text.Append(CultureInfo.InvariantCulture, $"{age},{(i % 17 == 3 ? "" : size.ToString(CultureInfo.InvariantCulture))},{(city < 0.3 ? "Oslo" : city < 0.5 ? "Rome" : city < 0.7 ? "Bonn" : city < 0.85 ? "Lima" : "Kyiv")},{(score > 0.3 ? yes : no)}\n");
        }
        return text.ToString();
    }

    /// <summary>Columns a, b and class (red, green, blue and, when asked for, grey).</summary>
    public static string Colours(int rows, bool grey = false)
    {
        var random = new Philox(6, "colours");
        string[] names = grey ? ["red", "green", "blue", "grey"] : ["red", "green", "blue"];
        var text = new StringBuilder("a,b,class\n");
        for (var i = 0; i < rows; i++)
        {
            var k = i % names.Length;
            text.Append(CultureInfo.InvariantCulture, $"{Math.Round(k + 0.4 * random.Normal((ulong)(2 * i)), 3)},{Math.Round((k == 1 ? 2 : 0) + 0.4 * random.Normal((ulong)(2 * i) + 1), 3)},{names[k]}\n");
        }
        return text.ToString();
    }

    /// <summary>Columns x, z and price (a number).</summary>
    public static string Prices(int rows)
    {
        var random = new Philox(7, "prices");
        var text = new StringBuilder("x,z,price\n");
        for (var i = 0; i < rows; i++)
        {
            double x = Math.Round(random.Normal((ulong)(3 * i)), 3), z = Math.Round(random.Normal((ulong)(3 * i) + 1), 3);
            text.Append(CultureInfo.InvariantCulture, $"{x},{z},{Math.Round(100 + 20 * x - 7 * z * z + 2 * random.Normal((ulong)(3 * i) + 2), 3)}\n");
        }
        return text.ToString();
    }

    /// <summary>Names of the labels of <see cref="Labels"/> and <see cref="Tags"/>, in alphabetical order.</summary>
    public static readonly string[] Weather = ["warm", "wet", "windy"];

    /// <summary>Columns x, z and one of 0 and 1 each for warm, wet and windy.</summary>
    public static string Labels(int rows)
    {
        var text = new StringBuilder("x,z,warm,wet,windy\n");
        foreach (var (x, z, labels) in Days(rows)) text.Append(CultureInfo.InvariantCulture, $"{x},{z},{string.Join(',', labels.Select(l => l ? 1 : 0))}\n");
        return text.ToString();
    }

    /// <summary>The rows of <see cref="Labels"/> with the labels joined in a column tags.</summary>
    public static string Tags(int rows, string separator = ";")
    {
        var text = new StringBuilder("x,z,tags\n");
        foreach (var (x, z, labels) in Days(rows)) text.Append(CultureInfo.InvariantCulture, $"{x},{z},{string.Join(separator, Weather.Where((_, k) => labels[k]))}\n");
        return text.ToString();
    }

    private static IEnumerable<(double X, double Z, bool[] Labels)> Days(int rows)
    {
        var random = new Philox(8, "days");
        for (var i = 0; i < rows; i++)
        {
            double x = Math.Round(random.Normal((ulong)(4 * i)), 3), z = Math.Round(random.Normal((ulong)(4 * i) + 1), 3), noise = 0.4 * random.Normal((ulong)(4 * i) + 2);
            yield return (x, z, [x + noise > 0, z - noise > 0.5, x * z > 0.8]);
        }
    }

    /// <summary>Among the settings of <see cref="Quick"/>: leaves the network to the defaults.</summary>
    public const string DefaultNetwork = "default network";

    /// <summary>A run that takes a fraction of a second: two small layers, four epochs, few resamples.</summary>
    public static RunOptions Quick(string data, string target, string output, params string[] settings)
    {
        var reader = new OptionsReader().Set("out", output).Set("data.path", data).Set("data.target", target)
            .Set("training.epochs=4").Set("training.batch-size=32").Set("training.learning-rate=0.01").Set("evaluation.resamples=100");
        if (!settings.Any(s => s == DefaultNetwork || s.StartsWith("model.path", StringComparison.Ordinal))) reader.Set("model.hidden-sizes=8,8").Set("model.dropout=0.1");
        foreach (var setting in settings.Where(s => s != DefaultNetwork)) reader.Set(setting);
        return reader.Read();
    }

    /// <summary>Bytes of every file of a finished run that has to be the same for equal runs.</summary>
    public static Dictionary<string, string> Results(string run) => new[]
        {
            "model/model.safetensors", "model/encoder.json", "model/graph.onnx", "model/model.json", "model/seen-rows.bin", "model/receipt.json",
            "evaluation.json", "verdict.json", "events.jsonl", "split.json",
        }.Where(f => f != "model/encoder.json" || File.Exists(Path.Combine(run, f)))   // models of pictures have none
        .ToDictionary(f => f, f => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(run, f)))));
}
