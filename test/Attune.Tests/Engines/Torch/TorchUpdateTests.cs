using Attune.Engines.Torch;
using Attune.Optimizers;
using Attune.Randomness;
using TorchSharp;

namespace Attune.Tests.Engines.Torch;

public sealed class TorchUpdateTests
{
    public static TheoryData<string> Rules => ["adam", "adam amsgrad", "adamw", "sgd", "sgd momentum", "sgd nesterov", "rmsprop centered", .. OptimizerCatalog.Names.Except(["adafactor", "adam", "adamw", "sgd"])];

    [Theory, MemberData(nameof(Rules))]
    public void Tensor_code_makes_the_steps_of_the_rule_over_raw_memory(string name)
    {
        TorchCompiler.Demand();
        Optimizer rule = name switch
        {
            "adam" => new Adam(0.8, 0.95, 1e-6),
            "adamw" => new AdamW(),
            "sgd" => new Sgd(),
            "adam amsgrad" => new Adam(amsgrad: true),
            "rmsprop centered" => new RmsProp(0.9, 1e-3, 0.8, true),
            "sgd momentum" => new Sgd(0.9, dampening: 0.3),
            "sgd nesterov" => new Sgd(0.9, nesterov: true),
            _ => OptimizerCatalog.Create(name),
        };
        const int count = 37;
        var random = new Philox(5, name);
        float[] w = [.. Enumerable.Range(0, count).Select(i => (float)random.Normal((ulong)i))];
        var states = Enumerable.Range(0, rule.StateCount).Select(_ => new float[count]).ToArray();
        using var tw = torch.tensor(w.ToArray());
        var tensors = Enumerable.Range(0, rule.StateCount).Select(_ => torch.zeros(count)).ToArray();
        for (var step = 0; step < 20; step++)
        {
            float[] g = [.. Enumerable.Range(0, count).Select(i => (float)random.Normal((ulong)(1000 + step * count + i)))];
            var update = new UpdateStep(step, 0.01 * (1 + step % 3), 0.1, 0.7f);
            rule.Update(w, g, OptimizerState.Of(states), update);
            using var tg = torch.tensor(g);
            TorchUpdate.Apply(rule, tw, tg, tensors, update);
        }
        for (var i = 0; i < count; i++) Assert.Equal(w[i], tw[i].item<float>(), 5e-6f);
        foreach (var tensor in tensors) tensor.Dispose();
    }

    [Fact]
    public void A_rule_without_tensor_code_is_refused_by_name()
    {
        TorchCompiler.Demand();
        using var w = torch.zeros(4);
        Assert.Contains("adafactor does not run on a GPU", Assert.Throws<NotSupportedException>(() => TorchUpdate.Apply(new Adafactor(), w, w, [w], default)).Message);
    }
}
