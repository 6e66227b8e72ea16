using System.Globalization;
using System.Text;
using Attune.Randomness;

namespace Attune.Tests.Runs;

/// <summary>Sentences that mean the same in other words: each word of an anchor has one that stands for it in the positive, which an encoder with fresh weights cannot know.</summary>
internal static class SmallPairs
{
    private static readonly string[] First = ["good", "great", "fresh", "sweet", "lovely", "bad", "stale", "bitter", "awful", "dull"];
    private static readonly string[] Second = ["the", "coffee", "tea", "bread", "was", "very", "and", "my", "dog", "box"];

    /// <summary>Writes <c>pairs.csv</c>: columns <c>anchor</c>, <c>positive</c>, and <c>negative</c> where asked for.</summary>
    public static string Write(string folder, int rows = 300, bool negatives = false)
    {
        var csv = new StringBuilder(negatives ? "anchor,positive,negative\n" : "anchor,positive\n");
        var draw = new Draw();
        for (var row = 0; row < rows; row++)
        {
            var words = draw.Words();
            csv.Append(CultureInfo.InvariantCulture, $"{draw.Text(words, First)},{draw.Text(words, Second)}{(negatives ? "," + draw.Text(draw.Words(), Second) : "")}\n");
        }
        return Put(folder, "pairs.csv", csv);
    }

    /// <summary>Writes <c>scores.csv</c>: columns <c>text1</c>, <c>text2</c>, <c>score</c> from 0 to 5: how many of the words agree.</summary>
    public static string WriteScores(string folder, int rows = 300)
    {
        var csv = new StringBuilder("text1,text2,score\n");
        var draw = new Draw();
        for (var row = 0; row < rows; row++)
        {
            var words = draw.Words();
            var other = words.ToArray();
            var changed = draw.Next(4);
            for (var i = 0; i < changed; i++) other[i] = (other[i] + 1 + draw.Next(9)) % 10;
            csv.Append(CultureInfo.InvariantCulture, $"{draw.Text(words, First)},{draw.Text(other, Second)},{5 * words.Intersect(other).Count() / 3.0:0.##}\n");
        }
        return Put(folder, "scores.csv", csv);
    }

    private static string Put(string folder, string name, StringBuilder csv)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, csv.ToString());
        return path;
    }

    private sealed class Draw
    {
        private readonly Philox _stream = new(5, "pairs");
        private ulong _at;

        public int Next(int below) => (int)(_stream.Uniform(_at++) * below);

        public int[] Words()
        {
            int[] all = [.. Enumerable.Range(0, 10)];
            for (var i = 0; i < 3; i++)
            {
                var j = i + Next(10 - i);
                (all[i], all[j]) = (all[j], all[i]);
            }
            return all[..3];
        }

        public string Text(int[] words, string[] language) => string.Join(' ', words.OrderBy(_ => Next(1000)).Select(w => language[w]));
    }
}
