using Attune.Data;
using Attune.Encoding;
using Attune.Evaluation;
using Attune.Evaluation.Baselines;
using Attune.Metrics;
using Attune.Prediction;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>
/// Simple models, mostly two: the better one by validation is what a run without an earlier answer is compared with; other runs show both beside their verdict. Of pictures they see a coarse grid
/// (<see cref="PixelFeatures"/>), of texts their words (<see cref="WordFeatures"/>), of words the words themselves (<see cref="WordBaselines"/>), of hidden words how often each occurs (<see cref="WordFrequency"/>), of questions their words (<see cref="SentenceByWords"/>). Beside an embedding, which can answer before it is tuned, stand cosines of tf-idf vectors.
/// </summary>
internal static class BaselineComparison
{
    private const int MostRows = 20_000;   // a logistic regression learns little from more, pictures have to be decoded, and words take 8 kB a row

    /// <summary>The simple models on the test rows; null where there is none to compare with.</summary>
    public static SimpleModels? Make(PreparedRun run, EvaluationSettings settings)
    {
        if (run.Task is SentenceEmbedding embedding) return OfEmbedding(run, embedding, settings);
        if (run is { Inputs: TextInputs tagged, Task: TokenClassification tags })
        {
            var words = new WordBaselines(tagged, tags);
            return Compare(run, words.Fit(run.Splits.Train.Rows), words.Apply(run.Splits.Validation), words.Apply(run.Splits.Test), settings);
        }
        if (run.Task is MaskedLanguageModel hidden)
        {
            var counts = ((MaskedTokens)run.Train.Inputs.OfType<TokenInput>().First().Source).CountWords(hidden.OutputWidth);
            return Compare(run, [new WordFrequency(hidden, counts)], run.Validation, run.Test, settings);
        }
        if (run.Task is QuestionAnswering)
        {
            var scores = SentenceByWords.Score(run.Splits.Test);
            return new SimpleModels(SentenceByWords.Name, [(SentenceByWords.Name, scores)], new Dictionary<string, BaselineEvaluation>
            {
                [SentenceByWords.Name] = new(true, new Dictionary<string, SplitEvaluation> { ["test"] = Evaluator.Evaluate(scores, settings.WithoutIntervals, run.Task) }),
            });
        }
        if (run.Inputs is TextInputs text) return OfTexts(run, text, settings);
        var (train, validation, test) = (PixelFeatures.Of(run.Train, MostRows), PixelFeatures.Of(run.Validation, MostRows), PixelFeatures.Of(run.Test));
        return Compare(run, train, validation, test, settings);
    }

    /// <summary>Baselines over the texts' words.</summary>
    private static SimpleModels OfTexts(PreparedRun run, TextInputs inputs, EvaluationSettings settings)
    {
        string[] TextsOf(Table rows) => [.. Enumerable.Range(0, rows.Rows).Select(row => string.Join(' ', inputs.TextColumns.Select(c => rows[c.Name].Text(row))))];
        var train = run.Splits.Train.Rows;
        if (train.Rows > MostRows) train = train.Select([.. Enumerable.Range(0, MostRows).Select(i => (int)((long)i * train.Rows / MostRows))]);
        var texts = TextsOf(train);
        var words = WordFeatures.Fit(texts);
        EncodedSet SetOf(Table rows) => new(rows.Rows, [words.Apply(TextsOf(rows))], run.Task.Encode(rows));
        return Compare(run, new EncodedSet(train.Rows, [words.Apply(texts)], run.Task.Encode(train)), SetOf(run.Splits.Validation), SetOf(run.Splits.Test), settings);
    }

    /// <summary>What words alone find: cosines of tf-idf vectors. Null where the vectors of the test texts would not fit in memory.</summary>
    private static SimpleModels? OfEmbedding(PreparedRun run, SentenceEmbedding task, EvaluationSettings settings)
    {
        string[] TextsOf(Table rows) => [.. Enumerable.Range(0, rows.Rows).SelectMany(row => task.Texts.Select(name => rows[name].Text(row)))];
        if (run.Test.Units > 2 * MostRows) return null;
        var train = run.Splits.Train.Rows;
        var words = WordFeatures.Fit(TextsOf(train.Rows > MostRows ? train.Select([.. Enumerable.Range(0, MostRows).Select(i => (int)((long)i * train.Rows / MostRows))]) : train));
        var vectors = words.Apply(TextsOf(run.Splits.Test));
        var scores = ScoredSet.Of(new SentenceEmbedding(task.Texts, vectors.Width, task.Score, task.Divisor), run.Test.Targets!, vectors.Values);
        var evaluations = new Dictionary<string, BaselineEvaluation> { ["tf-idf"] = new(true, new Dictionary<string, SplitEvaluation> { ["test"] = Evaluator.Evaluate(scores, settings.WithoutIntervals, task) }) };
        return new SimpleModels("tf-idf", [("tf-idf", scores)], evaluations);
    }

    private static SimpleModels Compare(PreparedRun run, EncodedSet train, EncodedSet validation, EncodedSet test, EvaluationSettings settings)
        => Compare(run, Baseline.Fit(run.Task is Regression regression ? regression.Plain : run.Task, train), validation, test, settings);

    private static SimpleModels Compare(PreparedRun run, IReadOnlyList<Baseline> baselines, EncodedSet validation, EncodedSet test, EvaluationSettings settings)
    {
        var chosen = Baseline.Choose(baselines, validation);
        var values = (run.Task as Regression)?.Values(run.Splits.Test);
        var scores = baselines.ToDictionary(b => b, b => b.Score(test, values));
        var all = baselines.ToDictionary(b => b.Name, b => new BaselineEvaluation(b == chosen,
            new Dictionary<string, SplitEvaluation> { ["test"] = Evaluator.Evaluate(scores[b], settings.WithoutIntervals, run.Task) }));
        return new SimpleModels(chosen.Name, [.. baselines.Select(b => (b.Name, scores[b]))], all);
    }
}
