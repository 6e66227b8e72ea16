using Attune.Graphs;

namespace Attune.Models.Vision;

/// <summary>A value under construction and its channels: [B, C, H, W], [B, T, C] or [B, C].</summary>
internal readonly record struct FeatureMap(Value Value, int Channels);
