using System.Text;
using Attune.Randomness;

namespace Attune.ClassicRecipe;

/// <summary>Small synthetic pictures, 8 × 8 pixels 0..255: label 1 has a bright diagonal stroke, label 0 a bright bar; position, brightness and noise vary.</summary>
internal static class Pixels
{
    private const int Side = 8;

    /// <summary>Writes train.csv (2,000 rows) and test.csv (500) to a temporary folder; the same bytes every time.</summary>
    public static (string Train, string Test) WriteFiles()
    {
        var folder = Directory.CreateTempSubdirectory("attune-recipe-").FullName;
        return (Write(Path.Combine(folder, "train.csv"), 2_000, "train"), Write(Path.Combine(folder, "test.csv"), 500, "test"));
    }

    private static string Write(string path, int rows, string stream)
    {
        var random = new Philox(1, stream);
        ulong next = 0;
        var text = new StringBuilder("label");
        for (var i = 0; i < Side * Side; i++) text.Append(",pixel").Append(i);
        for (var row = 0; row < rows; row++)
        {
            var label = random.Uniform(next++) < 0.5 ? 0 : 1;
            var place = (int)(random.Uniform(next++) * Side);
            var light = 40 + 120 * random.Uniform(next++);
            text.Append('\n').Append(label);
            for (var i = 0; i < Side * Side; i++)
            {
                var stroke = label == 1 ? (i / Side + i % Side) % Side == place : i % Side == place;
                var value = 60 + (stroke ? light : 0) + 45 * random.Normal(next++);
                text.Append(',').Append((int)Math.Clamp(value, 0, 255));
            }
        }
        File.WriteAllText(path, text.Append('\n').ToString());
        return path;
    }
}
