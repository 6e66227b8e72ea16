namespace Attune.Models.Vision;

/// <summary>Whose parameter names a <see cref="Vit"/> has.</summary>
public enum VitNaming
{
    /// <summary><c>encoder.layers.encoder_layer_0.self_attention.in_proj_weight</c>.</summary>
    Torchvision,

    /// <summary><c>blocks.0.attn.qkv.weight</c>.</summary>
    Timm,

    /// <summary>Hugging Face: <c>vit.encoder.layer.0.attention.attention.query.weight</c>.</summary>
    Transformers,
}
