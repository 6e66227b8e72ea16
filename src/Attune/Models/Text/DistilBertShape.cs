using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>Sizes of a <see cref="DistilBert"/>.</summary>
public sealed record DistilBertShape : TextShape
{
    /// <summary>Dropout in front of the scores of an answer's ends.</summary>
    public double AnswerDropout { get; init; }

    /// <inheritdoc/>
    public override string Family => "distilbert";

    /// <inheritdoc/>
    public override string ClassName => "DistilBert";

    /// <inheritdoc/>
    public override string Prefix => "distilbert.";

    /// <inheritdoc/>
    public override string Words => "embeddings.word_embeddings.weight";

    internal override Value Encode(TextLayers n, string prefix) => DistilBert.Encode(n, this, prefix);

    internal override Value Head(TextLayers n, Value x, TextHead head, int outputs) => DistilBert.Head(n, x, this, head, outputs);
}
