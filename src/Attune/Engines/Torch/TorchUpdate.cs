using Attune.Optimizers;
using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>
/// Optimizer steps in plain tensor code, for weights that are not in this process's memory (CUDA). The formulas are those of the rules themselves, which run over raw memory
/// on the CPU; rounding differs in the last bit.
/// </summary>
internal static class TorchUpdate
{
    /// <summary>Updates a stretch of flat memory in place.</summary>
    /// <param name="rule">The optimizer.</param>
    /// <param name="weights">Parameters [n].</param>
    /// <param name="gradients">Their gradients [n]; left as they are.</param>
    /// <param name="state1">First state [n], or null.</param>
    /// <param name="state2">Second state [n], or null.</param>
    /// <param name="update">Step, rate, decay, gradient scale.</param>
    /// <exception cref="NotSupportedException">The rule has no tensor form.</exception>
    public static void Apply(Optimizer rule, torch.Tensor weights, torch.Tensor gradients, torch.Tensor? state1, torch.Tensor? state2, in UpdateStep update)
    {
        using var scope = torch.NewDisposeScope();
        using var _ = torch.no_grad();
        switch (rule)
        {
            case AdamW adam: Adam(weights, gradients, state1!, state2!, adam.Beta1, adam.Beta2, adam.Epsilon, update, decoupled: true); break;
            case Adam adam: Adam(weights, gradients, state1!, state2!, adam.Beta1, adam.Beta2, adam.Epsilon, update, decoupled: false); break;
            case Sgd sgd: Sgd(weights, gradients, state1, sgd, update); break;
            default: throw new NotSupportedException($"optimizer {rule.Name} does not run on a GPU; adam, adamw and sgd do");
        }
    }

    private static void Adam(torch.Tensor w, torch.Tensor g, torch.Tensor m, torch.Tensor v, double beta1, double beta2, double epsilon, in UpdateStep update, bool decoupled)
    {
        var t = update.Step + 1;
        var gradient = g.mul(update.GradientScale);
        if (!decoupled && update.WeightDecay != 0) gradient = gradient.add(w, alpha: update.WeightDecay);
        m.add_(gradient.sub(m), alpha: 1 - beta1);
        v.mul_(beta2).add_(gradient.mul(gradient), alpha: 1 - beta2);
        var denominator = v.sqrt().mul_(1 / Math.Sqrt(1 - Math.Pow(beta2, t))).add_(epsilon);
        if (decoupled && update.WeightDecay != 0) w.mul_(1 - update.LearningRate * update.WeightDecay);
        w.add_(m.div(denominator), alpha: -update.LearningRate / (1 - Math.Pow(beta1, t)));
    }

    private static void Sgd(torch.Tensor w, torch.Tensor g, torch.Tensor? buffer, Sgd rule, in UpdateStep update)
    {
        var gradient = g.mul(update.GradientScale);
        if (update.WeightDecay != 0) gradient = gradient.add(w, alpha: update.WeightDecay);
        if (rule.Momentum != 0)
        {
            if (update.Step == 0) buffer!.copy_(gradient);
            else buffer!.mul_(rule.Momentum).add_(gradient, alpha: 1 - rule.Dampening);
            gradient = rule.Nesterov ? gradient.add(buffer, alpha: rule.Momentum) : buffer;
        }
        w.add_(gradient, alpha: -update.LearningRate);
    }
}
