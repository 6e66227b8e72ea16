using System.Globalization;
using System.Text.Json.Nodes;
using Attune.Graphs;
using Attune.Models;
using Attune.Options;

namespace Attune.Methods;

/// <summary>
/// Prefix tuning (Li and Liang 2021, arXiv:2101.00190): n learned keys and values in front of each attention layer's own, everything else but the head frozen. They are trained directly, as Liu et al. 2021 (P-Tuning v2,
/// arXiv:2110.07602) do for encoders, not through the network of section 4.3; and start normal with deviation 0.02, so that all of them get equal, small shares of attention at first. Positions begin behind the prefix, as PEFT's do.
/// </summary>
internal sealed class PrefixTuning : TuningMethod
{
    private const double Deviation = 0.02;

    public override string Name => "prefix-tuning";

    public override string Description => "Learned keys and values in front of each attention layer's, which stay in the network; the head trains fully.";

    public override MethodSelection Select(MethodContext context)
    {
        if (VirtualTokens.GoOn(context, isPrefix: true) is { } same) return same;
        var rewrite = new PrefixRewrite(context.Structure.Graph);
        var n = context.Options.VirtualTokens;
        var width = rewrite.Heads * rewrite.HeadWidth;
        var start = Start.Normal(Deviation).Create(context.Seed, StayingAdapters.Prompt, [n, 2 * rewrite.Layers * width]);
        return VirtualTokens.Selection(context, rewrite.Run(start), () => new PeftForm(Config(n, rewrite), VirtualTokens.Tensors),
            string.Create(CultureInfo.InvariantCulture, $"{n} learned keys and values in each of {rewrite.Layers} layers ({start.Count:N0} parameters)"));
    }

    private static JsonObject Config(int n, PrefixRewrite rewrite) => new()
    {
        ["peft_type"] = "PREFIX_TUNING",
        ["num_virtual_tokens"] = n,
        ["token_dim"] = rewrite.Heads * rewrite.HeadWidth,
        ["num_transformer_submodules"] = 1,
        ["num_attention_heads"] = rewrite.Heads,
        ["num_layers"] = rewrite.Layers,
        ["encoder_hidden_size"] = rewrite.Heads * rewrite.HeadWidth,
        ["prefix_projection"] = false,
    };
}
