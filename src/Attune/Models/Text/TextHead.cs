namespace Attune.Models.Text;

/// <summary>What stands on top of a text encoder.</summary>
public enum TextHead
{
    /// <summary>Nothing: <c>last_hidden_state</c> [B, T, D], and <c>pooler_output</c> [B, D] where the checkpoint has a pooler.</summary>
    None,

    /// <summary>One vector a text: <c>sentence_embedding</c> [B, D].</summary>
    Embedding,

    /// <summary>K numbers a text: <c>logits</c> [B, K]; K = 1 for regression.</summary>
    SequenceClassification,

    /// <summary>K numbers a token: <c>logits</c> [B, T, K].</summary>
    TokenClassification,

    /// <summary>Start and end of an answer: <c>logits</c> [B, T, 2], start first.</summary>
    QuestionAnswering,

    /// <summary>Vocabulary scores of each token: <c>logits</c> [B, T, V], tied to the word embeddings where the configuration ties them.</summary>
    MaskedLanguageModel,

    /// <summary>Vocabulary scores of the next token, each token seeing those before it: <c>logits</c> [B, T, V].</summary>
    CausalLanguageModel,
}
