using Attune.Graphs;
using Attune.Options;
using Attune.Randomness;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>
/// Low-rank adapters that start as the largest part of the weight (Meng et al. 2024, arXiv:2404.02948, section 3): W = U·S·Vᵀ, s·B·A its first r terms, and what remains stays frozen beside them. A fresh adapter changes
/// nothing but for rounding. PEFT's files get the change since the start as an adapter of rank 2r beside the unchanged base, as PEFT converts its own. Linear layers only.
/// </summary>
internal sealed class Pissa : Lora
{
    public override string Name => "pissa";

    public override string Description => "Low-rank adapters that start as the principal part of frozen Gemm and MatMul weights, merged at the end; the head trains fully.";

    protected override bool TakesConvolutions => false;

    protected override void Begin(MethodContext context, Graph adapted, IReadOnlyList<LoraAdapter> adapters)
    {
        foreach (var adapter in adapters)
        {
            var weight = adapted.Weights[adapter.Weight];
            var (outputs, inputs) = ((int)adapter.Outputs, (int)adapter.Inputs);
            if (adapter.Rank > Math.Min(outputs, inputs)) throw new OptionsException($"method.rank: pissa takes singular values of '{adapter.Weight}', which has {Math.Min(outputs, inputs)}; got rank {adapter.Rank}.");
            int At(int o, int i) => adapter.OutputsFirst ? o * inputs + i : i * outputs + o;
            ReadOnlySpan<double> stored = weight.Value.ToFloating(DataType.Double).Data.Span<double>();
            var matrix = new double[outputs * inputs];
            for (var o = 0; o < outputs; o++) for (var i = 0; i < inputs; i++) matrix[o * inputs + i] = stored[At(o, i)];
            var (u, s, v) = PrincipalParts.Of(matrix, outputs, inputs, adapter.Rank, new Philox(context.Seed, adapter.A + ".start"));
            var (a, b, rest) = (new float[adapter.Rank * inputs], new float[outputs * adapter.Rank], new float[outputs * inputs]);
            for (var k = 0; k < adapter.Rank; k++)
            {
                var root = Math.Sqrt(s[k] / adapter.Scale);
                for (var i = 0; i < inputs; i++) a[k * inputs + i] = (float)(root * v[k][i]);
                for (var o = 0; o < outputs; o++) b[o * adapter.Rank + k] = (float)(root * u[k][o]);
            }
            for (var o = 0; o < outputs; o++)
            {
                for (var i = 0; i < inputs; i++)
                {
                    double part = 0;
                    for (var k = 0; k < adapter.Rank; k++) part += (double)b[o * adapter.Rank + k] * a[k * inputs + i];
                    rest[At(o, i)] = (float)(matrix[o * inputs + i] - adapter.Scale * part);
                }
            }
            adapted.Weights.Replace(weight with { Value = Tensor.Of(rest, [.. weight.Value.Sizes]).ToFloating(weight.Value.Type) });
            Set(adapter.A, a);
            Set(adapter.B, b);
        }

        void Set(string name, float[] values) => adapted.Weights.Replace(adapted.Weights[name] with { Value = Tensor.Of(values, [.. adapted.Weights[name].Value.Sizes]).ToFloating(adapted.Weights[name].Value.Type) });
    }

    // s·(B·A − B₀·A₀) = s·[B, −B₀]·[A; A₀]
    protected override PeftForm Form(MethodContext context, Graph start, IReadOnlyList<LoraAdapter> adapters)
    {
        var doubled = adapters.Select(a => a with { Rank = 2 * a.Rank }).ToList();
        var first = adapters.SelectMany(a => new[] { a.A, a.B }).ToDictionary(n => n, n => start.Weights[n].Value.ToFloat().Data.Span<float>().ToArray(), StringComparer.Ordinal);
        return PeftForm.Of(context.Structure.Graph, doubled, Stabilizes(context.Options), context.Options.Dropout) with
        {
            Tensors = trained => [.. adapters.SelectMany(adapter =>
            {
                var (r, outputs, inputs) = (adapter.Rank, (int)adapter.Outputs, (int)adapter.Inputs);
                float[] Now(string name) => trained.Weights[name].Value.ToFloat().Data.Span<float>().ToArray();
                var (b, b0, wide) = (Now(adapter.B), first[adapter.B], new float[2 * r * outputs]);
                for (var o = 0; o < outputs; o++)
                {
                    for (var k = 0; k < r; k++) (wide[o * 2 * r + k], wide[o * 2 * r + r + k]) = (b[o * r + k], -b0[o * r + k]);
                }
                return new[] { new Weight(adapter.A, Tensor.Of([.. Now(adapter.A), .. first[adapter.A]], 2 * r, inputs), WeightRole.Parameter), new Weight(adapter.B, Tensor.Of(wide, outputs, 2 * r), WeightRole.Parameter) };
            })],
        };
    }
}
