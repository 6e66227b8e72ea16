using Attune.Randomness;
using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>The values of one run of a plan, and how the run behaves. Not shared between runs.</summary>
internal sealed class TorchFrame(torch.Tensor?[] slots)
{
    /// <summary>All values; those a node made are owned by the frame.</summary>
    public torch.Tensor?[] Slots { get; } = slots;

    /// <summary>The value in a slot.</summary>
    public torch.Tensor this[int slot] => Slots[slot]!;

    /// <summary>The value in a slot, or null for an absent input (slot -1).</summary>
    public torch.Tensor? Optional(int slot) => slot < 0 ? null : Slots[slot];

    /// <summary>True when random nodes draw.</summary>
    public bool IsRandom { get; init; }

    /// <summary>True when BatchNormalization normalises by the batch.</summary>
    public bool UsesBatchStatistics { get; init; }

    /// <summary>True when BatchNormalization moves its running statistics: not when a segment is computed again for the backward pass.</summary>
    public bool MovesStatistics { get; set; }

    /// <summary>α of NEFTune's noise by name of the lookup's node; null when none is added.</summary>
    public IReadOnlyDictionary<string, double>? Noise { get; init; }

    /// <summary>Type in which matrix products and convolutions are computed: fp32, or bf16 with fp32 weights.</summary>
    public torch.ScalarType ComputeType { get; init; } = torch.ScalarType.Float32;

    /// <summary>Address of the pass, for random numbers.</summary>
    public MicroStep Position { get; init; }

    /// <summary>Seed of every random node.</summary>
    public ulong Seed { get; init; }

    /// <summary>Where tensors that kernels make live.</summary>
    public torch.Device Device { get; init; } = torch.CPU;

    /// <summary>Tables whose gradients are kept by rows in this pass; null where autograd keeps them.</summary>
    public TableLookups? Lookups { get; init; }

    /// <summary>Low-precision copies of weights that do not change in this pass, by slot; null in fp32.</summary>
    public torch.Tensor?[]? LowPrecision { get; init; }

    /// <summary>
    /// A real input of a matrix product or convolution, in <see cref="ComputeType"/>. To be disposed: it frees the cast, never the frame's own value.
    /// fp64 values stay as they are.
    /// </summary>
    public Lent Compute(int slot)
    {
        var value = Slots[slot]!;
        if (ComputeType == torch.ScalarType.Float32) return new Lent(value, false);
        if (LowPrecision?[slot] is { } kept) return new Lent(kept, false);
        var type = value.dtype;
        return type == ComputeType || type == torch.ScalarType.Float64 ? new Lent(value, false) : new Lent(value.to_type(ComputeType, false, false, false), true);
    }

    /// <summary>The same for an input that may be absent.</summary>
    public Lent ComputeOptional(int slot) => slot < 0 ? default : Compute(slot);

    /// <summary>
    /// Factors of a random node: 0 where the element's number of the stream (seed, node, step, micro-step) lies below <paramref name="probability"/>, else
    /// <paramref name="scale"/>; the same numbers as in the dense engine.
    /// </summary>
    public unsafe torch.Tensor Keep(string name, long[] shape, float probability, float scale)
    {
        var mask = torch.empty(shape, torch.ScalarType.Float32);
        if (mask.numel() > 0) new Philox(Seed, name, Position.Step, Position.Index).Keep(0, mask.numel(), probability, scale, TorchTensors.Pointer(mask));
        if (Device.type == DeviceType.CPU) return mask;
        using (mask) return mask.to(Device);
    }

    /// <summary>Embeddings [B, …, D] with a node's noise added, which is the same as in the dense engine; the given handle itself where there is none.</summary>
    public torch.Tensor WithNoise(string node, torch.Tensor embeddings)
    {
        if (!IsRandom || Noise is null || !Noise.TryGetValue(node, out var alpha) || embeddings.numel() == 0) return embeddings;
        var shape = embeddings.shape;
        var perRow = embeddings.numel() / shape[0];
        using var noise = torch.zeros(shape, torch.ScalarType.Float32);
        new Philox(Seed, node, Position.Step, Position.Index).AddNoise(0, (float)alpha / MathF.Sqrt(perRow), TorchTensors.Floats(noise));
        using var placed = noise.to(embeddings.dtype, Device);
        using (embeddings) return embeddings.Add(placed);
    }

    /// <summary>A value that may have been cast for the occasion.</summary>
    internal readonly struct Lent(torch.Tensor? value, bool isOwned) : IDisposable
    {
        /// <summary>The tensor; null for an absent input.</summary>
        public torch.Tensor? Value { get; } = value;

        /// <inheritdoc/>
        public void Dispose()
        {
            if (isOwned) Value!.Dispose();
        }

        public static implicit operator torch.Tensor(Lent lent) => lent.Value!;
    }
}
