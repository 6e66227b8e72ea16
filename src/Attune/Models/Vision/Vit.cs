using System.Globalization;
using Attune.Graphs;

namespace Attune.Models.Vision;

/// <summary>
/// Vision transformers (Dosovitskiy et al. 2021, arXiv:2010.11929) under torchvision's, timm's and Hugging Face's names. The image's side is fixed by the learned positions.
/// </summary>
public static class Vit
{
    /// <summary>Names of the parts in one library.</summary>
    private sealed record Names(string Patch, string Class, string Positions, Func<int, string> Block, string Norm1, string Norm2, string Output, string Up, string Down, string Norm);

    private static readonly Names _torchvision = new("conv_proj", "class_token", "encoder.pos_embedding", i => $"encoder.layers.encoder_layer_{Text(i)}", "ln_1", "ln_2", "self_attention.out_proj", "mlp.0", "mlp.3", "encoder.ln");

    private static readonly Names _timm = new("patch_embed.proj", "cls_token", "pos_embed", i => $"blocks.{Text(i)}", "norm1", "norm2", "attn.proj", "mlp.fc1", "mlp.fc2", "norm");

    private static readonly Names _transformers = new("vit.embeddings.patch_embeddings.projection", "vit.embeddings.cls_token", "vit.embeddings.position_embeddings", i => $"vit.encoder.layer.{Text(i)}",
        "layernorm_before", "layernorm_after", "attention.output.dense", "intermediate.dense", "output.dense", "vit.layernorm");

    /// <summary>Builds the graph.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="weights">Where the weights come from.</param>
    /// <exception cref="WeightsException">The weights do not fit.</exception>
    public static Graph Build(VitShape shape, WeightSource weights)
    {
        if (shape.Width % shape.Heads != 0 || shape.ImageSize % shape.Patch != 0)
            throw new WeightsException($"A ViT of width {shape.Width} cannot have {shape.Heads} heads, or an image of {shape.ImageSize} patches of {shape.Patch}. State the heads (they are not in the weights), or give config.json.");
        var names = NamesOf(shape.Naming);
        var (g, x) = ImageLayers.Begin("vit", shape.ImageSize);
        var torchvision = shape.Naming == VitNaming.Torchvision;
        var n = new ImageLayers(g, weights)
        {
            ConvStart = s => torchvision ? Start.Normal(Math.Sqrt(1.0 / (s[1] * s[2] * s[3]))) : Start.Normal(0.02),
            LinearStart = s => torchvision ? Start.Glorot(s) : Start.Normal(0.02),
        };
        x = Tokens(g, n, x, shape, names);                                                   // [B, T, D]
        if (shape.PreNorm) x = n.LayerNorm(x, "norm_pre", shape.Epsilon);
        for (var i = 0; i < shape.Depth; i++) x = Block(g, n, x, shape, names, names.Block(i));
        return n.End(Head(g, n, x, shape, names));
    }

    private static FeatureMap Tokens(GraphBuilder g, ImageLayers n, FeatureMap image, VitShape shape, Names names)
    {
        var side = shape.ImageSize / shape.Patch;
        var (patches, front) = (side * side, (shape.ClassToken ? 1 : 0) + shape.Registers);
        var x = n.Conv(image, names.Patch, shape.Width, shape.Patch, shape.Patch, padding: 0, bias: !shape.PreNorm);     // [B, D, side, side]
        x = x with { Value = g.Transpose(g.Reshape(x.Value, 0, shape.Width, patches), 0, 2, 1) };   // [B, P, D]
        var positions = n.Parameter(names.Positions, Start.Normal(0.02), 1, shape.PatchPositionsOnly ? patches : patches + front, shape.Width);
        if (shape.PatchPositionsOnly) x = x with { Value = g.Add(x.Value, positions) };
        var first = new List<Value>();
        if (shape.ClassToken) first.Add(g.PerRow(n.Parameter(names.Class, shape.Naming == VitNaming.Torchvision ? Start.Zero : Start.Normal(1e-6), 1, 1, shape.Width), image.Value));
        if (shape.Registers > 0) first.Add(g.PerRow(n.Parameter("reg_token", Start.Normal(1e-6), 1, shape.Registers, shape.Width), image.Value));
        x = x with { Value = g.Concat([.. first, x.Value], axis: 1) };                              // [B, T, D]
        if (!shape.PatchPositionsOnly) x = x with { Value = g.Add(x.Value, positions) };
        return n.Dropout(x, shape.Dropout);
    }

    private static FeatureMap Block(GraphBuilder g, ImageLayers n, FeatureMap x, VitShape shape, Names names, string p)
    {
        var y = Attention(g, n, n.LayerNorm(x, $"{p}.{names.Norm1}", shape.Epsilon), shape, names, p);
        x = n.Add(Scaled(g, n, n.Dropout(y, shape.Dropout), shape, $"{p}.ls1.gamma"), x);
        y = n.Activate(n.LinearLast(n.LayerNorm(x, $"{p}.{names.Norm2}", shape.Epsilon), $"{p}.{names.Up}", shape.Hidden), "gelu");
        y = n.Dropout(n.LinearLast(n.Dropout(y, shape.Dropout), $"{p}.{names.Down}", shape.Width), shape.Dropout);
        return n.Add(x, Scaled(g, n, y, shape, $"{p}.ls2.gamma"));
    }

    private static FeatureMap Attention(GraphBuilder g, ImageLayers n, FeatureMap x, VitShape shape, Names names, string p)
    {
        var (q, k, v) = Projections(g, n, x, shape, p);                     // [B, T, D]
        var query = g.SplitHeads(q, shape.Heads, shape.Width);              // [B, N, T, D/N]
        var key = g.SplitHeads(k, shape.Heads, shape.Width);
        if (shape.QueryNorm)
        {
            var width = shape.Width / shape.Heads;
            query = n.LayerNorm(new FeatureMap(query, width), $"{p}.attn.q_norm", shape.Epsilon).Value;
            key = n.LayerNorm(new FeatureMap(key, width), $"{p}.attn.k_norm", shape.Epsilon).Value;
        }
        var context = g.MergeHeads(g.Attention(query, key, g.SplitHeads(v, shape.Heads, shape.Width)), shape.Width);   // [B, T, D]
        return n.LinearLast(new FeatureMap(context, shape.Width), $"{p}.{names.Output}", shape.Width);
    }

    private static (Value Q, Value K, Value V) Projections(GraphBuilder g, ImageLayers n, FeatureMap x, VitShape shape, string p)
    {
        if (shape.Naming == VitNaming.Transformers)
        {
            Value Part(string name) => n.LinearLast(x, $"{p}.attention.attention.{name}", shape.Width, shape.QueryBias).Value;
            return (Part("query"), Part("key"), Part("value"));
        }
        var all = shape.Naming == VitNaming.Timm
            ? n.LinearLast(x, $"{p}.attn.qkv", 3 * shape.Width, shape.QueryBias)
            : n.LinearLast(x, $"{p}.self_attention.in_proj", $"{p}.self_attention.in_proj_weight", $"{p}.self_attention.in_proj_bias", 3 * shape.Width);
        var parts = g.Split(all.Value, 2, shape.Width, shape.Width, shape.Width);
        return (parts[0], parts[1], parts[2]);
    }

    private static FeatureMap Scaled(GraphBuilder g, ImageLayers n, FeatureMap x, VitShape shape, string name)
        => shape.LayerScale ? x with { Value = g.Mul(x.Value, n.Parameter(name, Start.Constant(1e-5), shape.Width)) } : x;

    private static FeatureMap Head(GraphBuilder g, ImageLayers n, FeatureMap x, VitShape shape, Names names)
    {
        if (!shape.NormAfterMean) x = n.LayerNorm(x, names.Norm, shape.Epsilon);
        if (shape.Average)
        {
            var front = (shape.ClassToken ? 1 : 0) + shape.Registers;
            var side = shape.ImageSize / shape.Patch;
            if (front > 0) x = x with { Value = g.Split(x.Value, 1, front, side * side)[1] };
            x = x with { Value = g.Node("ReduceMean", [x.Value, g.Constant("axes", Tensor.Of([1L], 1))], Attributes.Of(("keepdims", 0L))) };
        }
        else x = x with { Value = g.Pick(x.Value, 0, axis: 1) };           // [B, D]
        if (shape.NormAfterMean) x = n.LayerNorm(x, "fc_norm", shape.Epsilon);
        if (shape.Representation > 0) x = n.Activate(n.Linear(x, "heads.pre_logits", shape.Representation), "tanh");
        return n.Linear(x, shape.Head, shape.Classes, shape.Naming == VitNaming.Transformers ? null : _ => Start.Zero);
    }

    private static Names NamesOf(VitNaming naming) => naming switch { VitNaming.Torchvision => _torchvision, VitNaming.Timm => _timm, _ => _transformers };

    private static string Text(int i) => i.ToString(CultureInfo.InvariantCulture);

    /// <summary>The sizes of a checkpoint of this family, or null when it is another.</summary>
    internal static VitShape? Detect(CheckpointKeys keys)
    {
        VitNaming naming;
        if (keys.Has(_torchvision.Patch + ".weight") && keys.Has(_torchvision.Positions)) naming = VitNaming.Torchvision;
        else if (keys.Has(_timm.Patch + ".weight") && keys.Has("blocks.0.attn.qkv.weight")) naming = VitNaming.Timm;
        else if (keys.Has(_transformers.Patch + ".weight")) naming = VitNaming.Transformers;
        else return null;
        var (names, timm) = (NamesOf(naming), naming == VitNaming.Timm);
        var (width, patch, positions) = (keys.Size(names.Patch + ".weight"), keys.Size(names.Patch + ".weight", 2), keys.Size(names.Positions, 1));
        var (token, registers) = (keys.Has(names.Class), keys.Has("reg_token") ? keys.Size("reg_token", 1) : 0);
        var front = (token ? 1 : 0) + registers;
        var alone = Side(positions) is { } && Side(positions - front) is null;
        var side = Side(alone ? positions : positions - front)
            ?? throw new WeightsException($"1 of other sizes: '{names.Positions}' has {positions} places; a square of patches and {front} tokens in front were expected.");
        var head = naming switch { VitNaming.Torchvision => "heads.head", VitNaming.Timm => "head", _ => "classifier" };
        return new VitShape(naming, side * patch, patch, width, keys.Count($"{names.Block(0).Replace("0", "#", StringComparison.Ordinal)}.{names.Norm1}.weight"),
            keys.Options.Heads ?? HeadsOf(width), keys.Size($"{names.Block(0)}.{names.Up}.weight"))
        {
            Epsilon = (float)(keys.Options.LayerNormEpsilon ?? (naming == VitNaming.Transformers ? 1e-12 : 1e-6)),
            QueryBias = naming switch { VitNaming.Timm => keys.Has("blocks.0.attn.qkv.bias"), VitNaming.Transformers => keys.Has("vit.encoder.layer.0.attention.attention.query.bias"), _ => true },
            ClassToken = token,
            Registers = registers,
            PatchPositionsOnly = alone && front > 0,
            LayerScale = timm && keys.Has("blocks.0.ls1.gamma"),
            QueryNorm = timm && keys.Has("blocks.0.attn.q_norm.weight"),
            PreNorm = timm && keys.Has("norm_pre.weight"),
            Average = timm && (keys.Has("fc_norm.weight") || !token),
            NormAfterMean = timm && keys.Has("fc_norm.weight"),
            Representation = keys.Has("heads.pre_logits.weight") ? keys.Size("heads.pre_logits.weight") : 0,
            Classes = keys.Has(head + ".weight") ? keys.Size(head + ".weight") : 1000,
        };
    }

    private static int? Side(int places)
    {
        var side = (int)Math.Round(Math.Sqrt(Math.Max(0, places)));
        return side > 0 && side * side == places ? side : null;
    }

    // Heads of 64, but for the widths that upstream cuts into 16.
    private static int HeadsOf(int width) => width is 1280 or 1408 or 1664 ? 16 : Math.Max(1, width / 64);
}
