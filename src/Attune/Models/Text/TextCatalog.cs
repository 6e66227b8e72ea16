namespace Attune.Models.Text;

/// <summary>Every family of text networks that <see cref="TextModel"/> builds, by upstream's <c>model_type</c>, alphabetically.</summary>
public static class TextCatalog
{
    private static readonly (string Name, string Description, Func<ConfigReader, TextShape> Read)[] _all =
    [
        ("albert", "ALBERT: layers share their weights, narrow embeddings.", Albert.Read),
        ("bert", "BERT: absolute positions, norm after each branch.", c => Bert.Read(c, BertNaming.Bert)),
        ("camembert", "CamemBERT: RoBERTa for French.", c => Bert.Read(c, BertNaming.Roberta)),
        ("deberta-v2", "DeBERTa v2 and v3: attention to content and to distances apart.", DebertaV2.Read),
        ("distilbert", "DistilBERT: BERT without segments and pooler.", DistilBert.Read),
        ("electra", "ELECTRA: BERT whose embeddings may be narrower.", c => Bert.Read(c, BertNaming.Electra)),
        ("gpt2", "GPT-2: learned positions, each token sees those before it.", Gpt2.Read),
        ("llama", "Llama 1 to 3: rotary positions, RMS norms, each token sees those before it.", Llama.Read),
        ("modernbert", "ModernBERT: rotary positions, local and global attention, gated layers, no biases.", ModernBert.Read),
        ("mpnet", "MPNet: RoBERTa with a bias for each distance.", Mpnet.Read),
        ("qwen2", "Qwen2: Llama with biases on query, key and value.", Llama.Read),
        ("qwen3", "Qwen3: Llama with norms on the heads of query and key.", Llama.Read),
        ("roberta", "RoBERTa: BERT whose positions count from the padding's id on.", c => Bert.Read(c, BertNaming.Roberta)),
        ("xlm-roberta", "XLM-RoBERTa: RoBERTa of many languages.", c => Bert.Read(c, BertNaming.Roberta)),
    ];

    /// <summary>Name and one line of description.</summary>
    public static IReadOnlyList<(string Name, string Description)> All { get; } = [.. _all.Select(f => (f.Name, f.Description))];

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _all.Select(f => f.Name)];

    /// <summary>How a family reads its configuration; null when there is no such family.</summary>
    internal static Func<ConfigReader, TextShape>? Find(string name) => _all.FirstOrDefault(f => f.Name == name).Read;
}
