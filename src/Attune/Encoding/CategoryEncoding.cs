namespace Attune.Encoding;

/// <summary>How categories become numbers.</summary>
public enum CategoryEncoding
{
    /// <summary>One-hot up to <see cref="EncodingOptions.MaxOneHot"/> categories, else an embedding. <c>auto</c></summary>
    Auto,

    /// <summary>One output per category. <c>one-hot</c></summary>
    OneHot,

    /// <summary>A learned vector per category. <c>embedding</c></summary>
    Embedding,
}
