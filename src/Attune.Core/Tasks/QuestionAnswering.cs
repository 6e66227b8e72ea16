using Attune.Data;
using Attune.Encoding;
using Attune.Graphs;

namespace Attune.Tasks;

/// <summary>
/// The piece of a text that answers a question (extractive question answering; Rajpurkar et al. 2016, arXiv:1606.05250). Each token of a window of question and text has a start and an end
/// score; the answer is the pair with the largest sum, of all windows of a text. A text without an answer is one whose first token wins (Devlin et al. 2019, arXiv:1810.04805, section 4.3).
/// </summary>
public sealed class QuestionAnswering : LearningTask
{
    /// <summary>Name in files and options.</summary>
    public const string TaskName = "question-answering";

    private const string StartsOutput = "start_logits", EndsOutput = "end_logits";

    private const int Candidates = 20;   // starts and ends that are combined, as in transformers' script

    /// <summary>A reader.</summary>
    /// <param name="stride">Tokens of the text that consecutive windows share.</param>
    /// <param name="maxAnswerTokens">Tokens of an answer at most.</param>
    /// <param name="answersAlways">False where some texts hold no answer, as in SQuAD 2.0.</param>
    /// <param name="threshold">No answer is given where its score is more than this above the best answer's.</param>
    public QuestionAnswering(int stride, int maxAnswerTokens, bool answersAlways, double threshold)
        => (Stride, MaxAnswerTokens, AnswersAlways, Threshold) = (stride, maxAnswerTokens, answersAlways, threshold);

    /// <inheritdoc/>
    public override string Name => TaskName;

    /// <inheritdoc/>
    public override string Target => QuestionColumns.Answers;

    /// <inheritdoc/>
    public override IReadOnlyList<string> TargetColumns => [];

    /// <summary>Tokens of the text that consecutive windows share.</summary>
    public int Stride { get; }

    /// <summary>Tokens of an answer at most.</summary>
    public int MaxAnswerTokens { get; }

    /// <summary>False where some texts hold no answer.</summary>
    public bool AnswersAlways { get; }

    /// <summary>No answer is given where its score is more than this above the best answer's.</summary>
    public double Threshold { get; }

    /// <inheritdoc/>
    public override int OutputWidth => 2;

    /// <inheritdoc/>
    public override int PredictionWidth => 2;

    /// <inheritdoc/>
    public override string DefaultLoss => "span-cross-entropy";

    /// <inheritdoc/>
    public override string DefaultMetric => "answer_f1";

    /// <summary>Always refused: where an answer lies is known only with a tokenizer.</summary>
    public override Targets Encode(Table table) => throw new NotSupportedException("Answers are found in windows of tokens: encode them with a tokenizer.");

    /// <summary>Scores stay as they are: [U, 2].</summary>
    public override void Activate(ReadOnlySpan<float> outputs, Span<float> predictions) => outputs.CopyTo(predictions);

    /// <summary>The answer to each question; "" for none.</summary>
    /// <param name="windows">What the tokens stand for.</param>
    /// <param name="scores">Start and end scores, [U, 2].</param>
    public string[] Answer(AnswerWindows windows, ReadOnlySpan<float> scores)
    {
        var answers = new string[windows.Questions];
        for (var question = 0; question < answers.Length; question++)
        {
            var (text, lack) = BestOf(windows, scores, question);
            answers[question] = !AnswersAlways && lack > Threshold ? "" : text;
        }
        return answers;
    }

    /// <summary>The same reader with another threshold.</summary>
    /// <param name="threshold">The threshold.</param>
    public QuestionAnswering With(double threshold) => new(Stride, MaxAnswerTokens, AnswersAlways, threshold);

    /// <summary>The best answer in the text ("" where there is none), and by how much the score of no answer is above it.</summary>
    /// <param name="windows">What the tokens stand for.</param>
    /// <param name="scores">Start and end scores, [U, 2].</param>
    /// <param name="question">Number of the question.</param>
    public (string Text, double Lack) BestOf(AnswerWindows windows, ReadOnlySpan<float> scores, int question)
    {
        var (best, text, none) = (double.NegativeInfinity, "", double.PositiveInfinity);
        for (var window = windows.WindowStarts[question]; window < windows.WindowStarts[question + 1]; window++)
        {
            none = Math.Min(none, (double)scores[2 * windows.Nulls[window]] + scores[2 * windows.Nulls[window] + 1]);
            var (starts, ends) = (Largest(windows, scores, window, 0), Largest(windows, scores, window, 1));
            foreach (var start in starts)
            {
                foreach (var end in ends)
                {
                    if (end < start || end - start + 1 > MaxAnswerTokens) continue;
                    var score = (double)scores[2 * start] + scores[2 * end + 1];
                    if (!(score > best)) continue;
                    var (from, to) = (windows.Ranges[start].Start, windows.Ranges[end].End);
                    if (windows.Contexts[question][from..to].Trim() is { Length: > 0 } found) (best, text) = (score, found);
                }
            }
        }
        return (text, none - best);
    }

    /// <summary>The tokens of a window's text with the largest scores, largest first, the first of equals.</summary>
    private static int[] Largest(AnswerWindows windows, ReadOnlySpan<float> scores, int window, int side)
    {
        var (first, end) = (windows.TokenStarts[window], windows.TokenStarts[window + 1]);
        var (tokens, keys) = (new List<int>(), new List<float>());
        for (var token = first; token < end; token++)
        {
            if (windows.Ranges[token].Start < 0 || float.IsNaN(scores[2 * token + side])) continue;
            tokens.Add(token);
            keys.Add(scores[2 * token + side]);
        }
        return [.. tokens.Zip(keys).OrderByDescending(t => t.Second).Take(Candidates).Select(t => t.First)];
    }

    /// <summary>Outputs <c>start_logits</c> and <c>end_logits</c> [B, T] from scores [B, T, 2], as transformers' readers have them.</summary>
    public override void AppendOutputs(GraphBuilder graph, Value logits)
    {
        foreach (var (name, side) in new[] { (StartsOutput, 0L), (EndsOutput, 1L) })
        {
            var scores = graph.Node("Gather", [logits, graph.Constant(name + ".side", Tensor.Of([side]))], Attributes.Of(("axis", -1L)));   // [B, T]
            graph.Output(scores, OutputName(graph, name), DataType.Float, new Shape("B", "T"));
        }
    }

    /// <inheritdoc/>
    public override TaskDocument ToDocument() => new() { Name = Name, Target = Target, Stride = Stride, MaxAnswerTokens = MaxAnswerTokens, AnswersAlways = AnswersAlways, Threshold = Threshold };
}
