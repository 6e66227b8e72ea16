using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>
/// softmax(Q·Kᵀ·scale + mask)·V per head (Vaswani et al. 2017, arXiv:1706.03762), with cached keys and values, grouped heads and soft-capped scores; libtorch's
/// fused attention unless the scores themselves are wanted or capped, dropout (<see cref="AttentionDropout"/>) draws, or a training pass on a CPU has few scores: there
/// batched products are faster (in bf16 the fused backward pass prepares a product for each head and took three times as long; in fp32 the two are equal at 128 tokens, and the fused one
/// keeps no scores).
/// </summary>
internal sealed class Attention : TorchOperator
{
    private const long FewScores = 1 << 23, FewTokens = 96;

    // Finite in each type, so that a row that sees nothing (padding in front of a causal mask) has no NaN in its gradient.
    private const double Unseen = -3.3895314e38;

    public override string Name => "Attention";

    public override TorchKernel Compile(TorchNode node)
    {
        var plan = new Settings(node);
        return TorchKernels.ScopedMany(frame => Run(frame, plan));
    }

    private static torch.Tensor?[] Run(TorchFrame frame, Settings s)
    {
        using var query = frame.Compute(s.Query);
        using var key = frame.Compute(s.Key);
        using var value = frame.Compute(s.Value);
        var isFlat = query.Value!.dim() == 3;
        var q = Heads(query, s.QueryHeads);   // [B, N, T, D]
        var (k, v) = (Heads(key, s.KeyHeads), Heads(value, s.KeyHeads));   // [B, M, S, D]
        if (frame.Optional(s.PastKey) is { } pastKey) k = torch.cat([pastKey.As(k.dtype), k], 2);
        if (frame.Optional(s.PastValue) is { } pastValue) v = torch.cat([pastValue.As(v.dtype), v], 2);
        var (presentKey, presentValue) = (s.WantsKey ? k.alias() : null, s.WantsValue ? v.alias() : null);
        if (q.size(1) != k.size(1)) (k, v) = (k.repeat_interleave(q.size(1) / k.size(1), 1), v.repeat_interleave(q.size(1) / v.size(1), 1));
        var past = s.PastKey >= 0 ? frame[s.PastKey].size(2) : 0;
        var (y, scores) = s.NeedsScores || (s.Dropout > 0 && frame.IsRandom) ? Explicit(frame, s, q, k, v, past) : (Fused(frame, s, q, k, v, past), null);
        if (isFlat) y = y.transpose(1, 2).reshape(y.size(0), y.size(2), -1);
        return [y, presentKey, presentValue, s.WantsScores ? scores : null];
    }

    private static torch.Tensor Fused(TorchFrame frame, Settings s, torch.Tensor q, torch.Tensor k, torch.Tensor v, long past)
    {
        var natural = 1 / Math.Sqrt(q.size(3));
        if (s.Scale is { } scale && Math.Abs(scale - natural) > 1e-7 * natural) q = q.Mul(scale / natural);
        var mask = frame.Optional(s.Mask);
        if (frame.Device.type == DeviceType.CPU && torch.is_grad_enabled() && IsSmall(q, k)) return Batched(q, k, v, mask is null && !s.IsCausal ? null : Merged(mask, s, q, k, past));
        if (mask is null && (!s.IsCausal || past == 0)) return torch.nn.functional.scaled_dot_product_attention(q, k, v, null, 0, s.IsCausal);
        return torch.nn.functional.scaled_dot_product_attention(q, k, v, Merged(mask, s, q, k, past));
    }

    private static bool IsSmall(torch.Tensor q, torch.Tensor k)
        => q.dtype == torch.ScalarType.Float32 ? k.size(2) <= FewTokens : q.size(0) * q.size(1) * q.size(2) * k.size(2) <= FewScores;

    private static torch.Tensor Batched(torch.Tensor q, torch.Tensor k, torch.Tensor v, torch.Tensor? bias)
    {
        // The smaller factor is scaled; in place where nothing else sees the scores.
        var scores = q.Mul(1 / Math.Sqrt(q.size(3))).matmul(k.transpose(-2, -1));   // [B, N, T, S]
        if (bias is { dtype: torch.ScalarType.Bool }) scores = scores.MaskedFill(bias.logical_not(), Unseen);
        else if (bias is not null) scores = scores.Add_(bias);
        return scores.softmax(-1).matmul(v);
    }

    private static (torch.Tensor Y, torch.Tensor Scores) Explicit(TorchFrame frame, Settings s, torch.Tensor q, torch.Tensor k, torch.Tensor v, long past)
    {
        var root = Math.Sqrt(s.Scale ?? 1 / Math.Sqrt(q.size(3)));
        var scores = q.Mul(root).matmul(k.Mul(root).transpose(-2, -1));   // [B, N, T, S]
        var reported = scores;
        var capped = s.Cap > 0 ? scores.Div(s.Cap).tanh().Mul(s.Cap) : scores;
        if (s.ScoreMode == 1) reported = capped;
        var masked = capped;
        if (frame.Optional(s.Mask) is { } mask || s.IsCausal)
        {
            var bias = Merged(frame.Optional(s.Mask), s, q, k, past);
            masked = bias.dtype == torch.ScalarType.Bool ? capped.MaskedFill(bias.logical_not(), double.NegativeInfinity) : capped.Add(bias);
        }
        if (s.ScoreMode == 2) reported = masked;
        var weights = masked.As(torch.ScalarType.Float32 is var single && masked.dtype == torch.ScalarType.Float64 ? masked.dtype : single).softmax(-1).As(q.dtype);
        if (s.ScoreMode == 3) reported = weights;
        if (s.Dropout > 0 && frame.IsRandom) weights = weights.mul(frame.Keep(s.DropoutName, weights.shape, s.Dropout, 1 / (1 - s.Dropout)).As(weights.dtype));
        return (weights.matmul(v), reported.alias());
    }

    /// <summary>The mask with causality in it: boolean where the mask is, else in the scores' type; rank 2 or 4.</summary>
    private static torch.Tensor Merged(torch.Tensor? mask, Settings s, torch.Tensor q, torch.Tensor k, long past)
    {
        var isBoolean = mask is null || mask.dtype == torch.ScalarType.Bool;
        var result = mask is null ? null : mask.dim() == 3 ? mask.unsqueeze(0) : mask.alias();
        if (!isBoolean) result = result!.As(q.dtype);
        if (!s.IsCausal) return result!;
        var allowed = torch.ones([q.size(2), k.size(2)], torch.ScalarType.Bool, q.device).tril(past);
        if (result is null) return allowed;
        return isBoolean ? result.logical_and(allowed) : torch.where(allowed, result, TorchArithmetic.Full([], double.NegativeInfinity, q.dtype, q.device));
    }

    // [B, T, N·D] → [B, N, T, D]
    private static torch.Tensor Heads(torch.Tensor x, long heads)
        => x.dim() == 4 ? x.alias() : x.reshape(x.size(0), x.size(1), heads, x.size(2) / heads).transpose(1, 2);

    private sealed class Settings(TorchNode node)
    {
        public int Query { get; } = node.Slot(0);
        public int Key { get; } = node.Slot(1);
        public int Value { get; } = node.Slot(2);
        public int Mask { get; } = node.Slot(3);
        public int PastKey { get; } = node.Slot(4);
        public int PastValue { get; } = node.Slot(5);
        public bool WantsKey { get; } = node.Wants(1);
        public bool WantsValue { get; } = node.Wants(2);
        public bool WantsScores { get; } = node.Wants(3);
        public bool IsCausal { get; } = node.Attributes.Int("is_causal") != 0;
        public long QueryHeads { get; } = node.Attributes.Int("q_num_heads", 1);
        public long KeyHeads { get; } = node.Attributes.Int("kv_num_heads", 1);
        public double? Scale { get; } = node.Attributes.ContainsKey("scale") ? node.Attributes.Float("scale") : null;
        public double Cap { get; } = node.Attributes.Float("softcap");
        public long ScoreMode { get; } = node.Attributes.Int("qk_matmul_output_mode");
        public float Dropout { get; } = Mark(node)?.Attributes.Float("ratio") ?? 0;
        public string DropoutName { get; } = Mark(node)?.Name ?? "";
        public bool NeedsScores => Cap > 0 || WantsScores;

        private static Graphs.Node? Mark(TorchNode node) => node.Writer(2) is { Domain: Graphs.Node.AttuneDomain, Operator: "AttentionDropout" } mark ? mark : null;
    }
}
