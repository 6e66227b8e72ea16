namespace Attune.Metrics;

/// <summary>Texts with counts.</summary>
public sealed class MaskedTokenSample : Sample
{
    private double? _words;

    internal MaskedTokenSample(MaskedTokenScores scores) : base(scores) => Scores = scores;

    /// <summary>The texts.</summary>
    public MaskedTokenScores Scores { get; }

    /// <summary>Hidden words of the counted texts.</summary>
    public double Words => _words ??= Sum(Counts, Scores.Words);

    /// <summary>Mean over hidden words of sums [R] over the words of a text.</summary>
    internal double Mean(double[] sums) => Sum(Counts, sums) / Words;

    private protected override void Forget() => _words = null;
}
