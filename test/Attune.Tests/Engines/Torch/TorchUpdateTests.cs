using Attune.Engines.Torch;
using Attune.Optimizers;
using Attune.Randomness;
using TorchSharp;

namespace Attune.Tests.Engines.Torch;

public sealed class TorchUpdateTests
{
    public static TheoryData<string> Rules => ["adam", "adamw", "sgd", "sgd momentum", "sgd nesterov"];

    [Theory, MemberData(nameof(Rules))]
    public void Tensor_code_makes_the_steps_of_the_rule_over_raw_memory(string name)
    {
        TorchCompiler.Demand();
        Optimizer rule = name switch
        {
            "adam" => new Adam(0.8, 0.95, 1e-6),
            "adamw" => new AdamW(),
            "sgd" => new Sgd(),
            "sgd momentum" => new Sgd(0.9, dampening: 0.3),
            _ => new Sgd(0.9, nesterov: true),
        };
        const int count = 37;
        var random = new Philox(5, name);
        float[] w = [.. Enumerable.Range(0, count).Select(i => (float)random.Normal((ulong)i))], s1 = new float[count], s2 = new float[count];
        using var tw = torch.tensor(w.ToArray());
        using var t1 = torch.zeros(count);
        using var t2 = torch.zeros(count);
        for (var step = 0; step < 20; step++)
        {
            float[] g = [.. Enumerable.Range(0, count).Select(i => (float)random.Normal((ulong)(1000 + step * count + i)))];
            var update = new UpdateStep(step, 0.01 * (1 + step % 3), 0.1, 0.7f);
            rule.Update(w, g, rule.StateCount > 0 ? s1 : [], rule.StateCount > 1 ? s2 : [], update);
            using var tg = torch.tensor(g);
            TorchUpdate.Apply(rule, tw, tg, rule.StateCount > 0 ? t1 : null, rule.StateCount > 1 ? t2 : null, update);
        }
        for (var i = 0; i < count; i++) Assert.Equal(w[i], tw[i].item<float>(), 2e-6f);
    }
}
