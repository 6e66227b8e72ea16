using Attune.Graphs;

namespace Attune.Models.Vision;

/// <summary>Sizes of a <see cref="Vit"/>.</summary>
/// <param name="Naming">Whose names.</param>
/// <param name="ImageSize">Side of the input.</param>
/// <param name="Patch">Side of a patch.</param>
/// <param name="Width">Width D of a token.</param>
/// <param name="Depth">Blocks.</param>
/// <param name="Heads">Attention heads N; D is a multiple.</param>
/// <param name="Hidden">Width inside the blocks' MLP.</param>
public sealed record VitShape(VitNaming Naming, int ImageSize, int Patch, int Width, int Depth, int Heads, int Hidden) : VisionShape
{
    /// <summary>ε of the layer norms. Default 1e-6 (transformers: 1e-12).</summary>
    public float Epsilon { get; init; } = 1e-6f;

    /// <summary>Bias of query, key and value. Default true.</summary>
    public bool QueryBias { get; init; } = true;

    /// <summary>A class token in front (timm may lack it). Default true.</summary>
    public bool ClassToken { get; init; } = true;

    /// <summary>Register tokens after the class token (timm). Default 0.</summary>
    public int Registers { get; init; }

    /// <summary>Positions are learned for patches alone, not for the tokens in front (timm's <c>no_embed_class</c>). Default false.</summary>
    public bool PatchPositionsOnly { get; init; }

    /// <summary>A learned scale at the end of each branch (timm's <c>ls1</c>, <c>ls2</c>). Default false.</summary>
    public bool LayerScale { get; init; }

    /// <summary>Norms of query and key by head (timm). Default false.</summary>
    public bool QueryNorm { get; init; }

    /// <summary>A norm before the first block (timm's <c>norm_pre</c>). Default false.</summary>
    public bool PreNorm { get; init; }

    /// <summary>The head sees the mean of the patches instead of the class token. Default false.</summary>
    public bool Average { get; init; }

    /// <summary>The last norm follows the mean as <c>fc_norm</c> instead of standing before it (timm). Default false.</summary>
    public bool NormAfterMean { get; init; }

    /// <summary>Width of torchvision's hidden layer <c>heads.pre_logits</c>; 0 (default) without.</summary>
    public int Representation { get; init; }

    /// <inheritdoc/>
    public override string Family => "vit";

    /// <inheritdoc/>
    public override string Library => Naming.ToString().ToLowerInvariant();

    /// <inheritdoc/>
    public override string Head => Naming switch { VitNaming.Torchvision => "heads.head", VitNaming.Timm => "head", _ => "classifier" };

    /// <inheritdoc/>
    public override int? FixedImageSize => ImageSize;

    /// <inheritdoc/>
    public override string Sizes => $"{Naming}, image {ImageSize}, patch {Patch}, width {Width}, depth {Depth}, heads {Heads}, hidden {Hidden}"
        + $"{(QueryBias ? "" : ", no query bias")}{(ClassToken ? "" : ", no class token")}{(Registers > 0 ? $", registers {Registers}" : "")}{(PatchPositionsOnly ? ", patch positions" : "")}"
        + $"{(LayerScale ? ", layer scale" : "")}{(QueryNorm ? ", query norm" : "")}{(PreNorm ? ", pre-norm" : "")}{(Average ? ", mean" : "")}{(NormAfterMean ? ", norm after mean" : "")}{(Representation > 0 ? $", representation {Representation}" : "")}";

    /// <inheritdoc/>
    public override Graph Build(WeightSource weights) => Vit.Build(this, weights);
}
