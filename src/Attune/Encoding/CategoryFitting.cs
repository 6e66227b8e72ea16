using Attune.Data;

namespace Attune.Encoding;

/// <summary>Fits a <see cref="OneHotEncoder"/> or <see cref="EmbeddingEncoder"/> to the words of training rows.</summary>
internal static class CategoryFitting
{
    /// <summary>Fits one column of words.</summary>
    public static CategoryEncoder Fit(string name, TextColumn column, EncodingOptions options)
    {
        var counts = new int[column.Dictionary.Length];
        var hasMissing = false;
        foreach (var code in column.Codes)
        {
            if (code < 0 || column.Dictionary[code].Length == 0) hasMissing = true;
            else counts[code]++;
        }
        // The dictionary may hold words that only other splits use: they count 0 here and stay out.
        var words = Merge(column.Dictionary, counts);
        var (categories, infrequent) = Divide(words, options);
        var isEmbedding = options.Categorical == CategoryEncoding.Embedding || (options.Categorical == CategoryEncoding.Auto && categories.Length > options.MaxOneHot);
        if (!isEmbedding) return new OneHotEncoder(name, categories, infrequent, hasMissing);
        var rows = categories.Length + 1 + (hasMissing ? 1 : 0);
        return new EmbeddingEncoder(name, categories, infrequent, hasMissing, options.EmbeddingWidth > 0 ? options.EmbeddingWidth : EmbeddingEncoder.DefaultWidth(rows));
    }

    private static List<(string Word, int Count)> Merge(string[] dictionary, int[] counts)
    {
        var words = new List<(string Word, int Count)>();
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0) words.Add((dictionary[i], counts[i]));
        }
        words.Sort((a, b) => CodePointOrder.Instance.Compare(a.Word, b.Word));
        return words;
    }

    private static (string[] Categories, string[] Infrequent) Divide(List<(string Word, int Count)> words, EncodingOptions options)
    {
        var own = words.ConvertAll(w => w.Count >= options.MinFrequency);
        var kept = own.Count(o => o);
        if (options.MaxCategories > 0 && kept + 1 > options.MaxCategories)
        {
            // Stable by count, so of equal counts the later word keeps its place, as scikit-learn does it.
            var byCount = Enumerable.Range(0, words.Count).Where(i => own[i]).OrderBy(i => words[i].Count).ToArray();
            foreach (var i in byCount.AsSpan(0, kept - (options.MaxCategories - 1))) own[i] = false;
        }
        return ([.. words.Where((_, i) => own[i]).Select(w => w.Word)], [.. words.Where((_, i) => !own[i]).Select(w => w.Word)]);
    }
}
