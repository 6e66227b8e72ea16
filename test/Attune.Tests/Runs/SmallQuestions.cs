using System.Text.Json.Nodes;
using Attune.Randomness;

namespace Attune.Tests.Runs;

/// <summary>Questions about texts of a few words in SQuAD's form: what stands behind "was" in a text is the answer.</summary>
internal static class SmallQuestions
{
    private static readonly string[] Things = ["coffee", "tea", "bread", "dog", "box"], Answers = ["good", "great", "fresh", "sweet", "bad", "stale", "bitter", "dull"], Plain = ["the", "very", "and", "today", "with", "shop"];

    /// <summary>Writes <c>questions.json</c>.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="contexts">Texts, each with two questions.</param>
    /// <param name="impossible">Whether every third question has no answer.</param>
    public static string Write(string folder, int contexts = 120, bool impossible = false)
    {
        var (stream, draw, count) = (new Philox(21, "questions"), 0UL, 0);
        var paragraphs = new JsonArray();
        for (var c = 0; c < contexts; c++)
        {
            string[] things = [Things[Next(Things.Length)]];
            var (text, facts) = (new System.Text.StringBuilder(c % 10 == 0 ? "😀 " : ""), new Dictionary<string, (string Answer, int Start)>());
            foreach (var thing in things)
            {
                for (var i = Next(20); i > 0; i--) text.Append(Plain[Next(Plain.Length)]).Append(' ');
                text.Append(thing).Append(" was ");
                var answer = Answers[Next(Answers.Length)] + (Next(3) == 0 ? " " + Answers[Next(Answers.Length)] : "");
                facts[thing] = (answer, text.ToString().EnumerateRunes().Count());   // in code points
                text.Append(answer).Append(' ');
            }
            for (var i = 1 + Next(20); i > 0; i--) text.Append(Plain[Next(Plain.Length)]).Append(' ');
            var questions = new JsonArray();
            foreach (var q in new[] { 0, 1 })
            {
                var none = impossible && count % 3 == 2;
                var thing = none ? Things.Except(things).First() : things[0];
                var answers = none ? new JsonArray() : new JsonArray(new JsonObject { ["text"] = facts[thing].Answer, ["answer_start"] = facts[thing].Start });
                questions.Add(new JsonObject { ["id"] = $"q{count++}", ["question"] = q == 0 ? $"{thing} was ?" : $"my {thing} was ?", ["answers"] = answers, ["is_impossible"] = none });
            }
            paragraphs.Add(new JsonObject { ["context"] = text.ToString().TrimEnd(), ["qas"] = questions });
        }
        var path = Path.Combine(folder, "questions.json");
        File.WriteAllText(path, new JsonObject { ["version"] = impossible ? "v2.0" : "1.1", ["data"] = new JsonArray(new JsonObject { ["title"] = "shop", ["paragraphs"] = paragraphs }) }.ToJsonString());
        return path;

        int Next(int below) => (int)(stream.Uniform(draw++) * below);
    }
}
