namespace Attune.Methods;

/// <summary>What an adapter of PEFT adds to a network.</summary>
public enum PeftKind
{
    /// <summary>Low-rank updates beside weights (<c>LORA</c>).</summary>
    Lora,

    /// <summary>Factors beside linear layers (<c>IA3</c>).</summary>
    Ia3,

    /// <summary>Learned keys and values in front of each attention layer's (<c>PREFIX_TUNING</c>).</summary>
    PrefixTuning,

    /// <summary>Learned tokens in front of each text (<c>PROMPT_TUNING</c>, <c>P_TUNING</c>).</summary>
    PromptTuning,
}
