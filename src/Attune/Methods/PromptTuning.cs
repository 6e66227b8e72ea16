using System.Globalization;
using System.Text.Json.Nodes;
using Attune.Graphs;
using Attune.Options;
using Attune.Randomness;

namespace Attune.Methods;

/// <summary>
/// Prompt tuning (Lester et al. 2021, arXiv:2104.08691): n learned vectors in front of each text's, everything else but the head frozen. They start as the vectors of random words (section 3.2, "sampled vocabulary"; over the whole
/// vocabulary here, as encoders' are not in order of frequency). What follows is PEFT's: the tokens take the first positions, have segment 0 and are seen by all; what reads the first token or pools all of them
/// reads the learned ones, too.
/// </summary>
internal sealed class PromptTuning : TuningMethod
{
    public override string Name => "prompt-tuning";

    public override string Description => "Learned tokens in front of each text, which stay in the network; the head trains fully.";

    public override MethodSelection Select(MethodContext context)
    {
        var graph = context.Structure.Graph;
        if (VirtualTokens.GoOn(context, isPrefix: false) is { } same) return same;
        var rewrite = new PromptRewrite(graph);
        var n = context.Options.VirtualTokens;
        var adapted = rewrite.Run(Sampled(rewrite.Table.Value, n, context.Seed));
        return VirtualTokens.Selection(context, adapted, () => new PeftForm(Config(n, rewrite.Table.Value.Sizes[1]), VirtualTokens.Tensors),
            string.Create(CultureInfo.InvariantCulture, $"{n} learned tokens in front of each text ({n * rewrite.Table.Value.Sizes[1]:N0} parameters)"));
    }

    private static JsonObject Config(int n, long width) => new()
    {
        ["peft_type"] = "PROMPT_TUNING",
        ["num_virtual_tokens"] = n,
        ["token_dim"] = width,
        ["num_transformer_submodules"] = 1,
        ["num_attention_heads"] = null,
        ["num_layers"] = null,
        ["prompt_tuning_init"] = "RANDOM",
        ["prompt_tuning_init_text"] = null,
        ["tokenizer_name_or_path"] = null,
        ["tokenizer_kwargs"] = null,
    };

    private static Tensor Sampled(Tensor table, int n, ulong seed)
    {
        var (rows, width, stream) = ((int)table.Sizes[0], (int)table.Sizes[1], new Philox(seed, StayingAdapters.Prompt));
        var (all, values) = (table.ToFloat(), new float[n * width]);
        for (var i = 0; i < n; i++) all.Data.Span<float>((long)(stream.Uniform((ulong)i) * rows) * width, width).CopyTo(values.AsSpan(i * width));
        return Tensor.Of(values, n, width);
    }
}
