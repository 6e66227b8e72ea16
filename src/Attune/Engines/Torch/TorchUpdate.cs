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
    /// <param name="states">As many states [n] as the rule keeps.</param>
    /// <param name="update">Step, rate, decay, gradient scale.</param>
    /// <exception cref="NotSupportedException">The rule has no tensor form.</exception>
    public static void Apply(Optimizer rule, torch.Tensor weights, torch.Tensor gradients, IReadOnlyList<torch.Tensor> states, in UpdateStep update)
    {
        using var scope = torch.NewDisposeScope();
        using var _ = torch.no_grad();
        switch (rule)
        {
            case AdamRule adam: Adam(weights, gradients, states, adam, update); break;
            case Sgd sgd: Sgd(weights, gradients, states, sgd, update); break;
            case Lion lion: Lion(weights, gradients, states[0], lion, update); break;
            case RmsProp rms: RmsProp(weights, gradients, states, rms, update); break;
            case Adagrad adagrad: Adagrad(weights, gradients, states[0], adagrad, update); break;
            case Adamax adamax: Adamax(weights, gradients, states[0], states[1], adamax, update); break;
            case NAdam nadam: NAdam(weights, gradients, states[0], states[1], nadam, update); break;
            case RAdam radam: RAdam(weights, gradients, states[0], states[1], radam, update); break;
            case Adan adan: Adan(weights, gradients, states, adan, update); break;
            case Lamb lamb: Lamb(weights, gradients, states[0], states[1], lamb, update); break;
            default: throw new NotSupportedException($"optimizer {rule.Name} does not run on a GPU; the others do, adamw with the most memory and sgd with the least");
        }
    }

    /// <summary>The scaled gradient, with L2 decay where the rule adds it.</summary>
    private static torch.Tensor Gradient(torch.Tensor w, torch.Tensor g, in UpdateStep update, bool decays = true)
    {
        var gradient = g.Mul(update.GradientScale);
        return decays && update.WeightDecay != 0 ? gradient.Add_(w, alpha: update.WeightDecay) : gradient;
    }

    /// <summary>average ← decay · average + (1 − decay) · value.</summary>
    private static torch.Tensor Average(torch.Tensor average, torch.Tensor value, double decay) => average.Mul_(decay).Add_(value, alpha: 1 - decay);

    /// <summary>√v / √(1 − decayᵗ) + ε.</summary>
    private static torch.Tensor Denominator(torch.Tensor v, double decay, double epsilon, in UpdateStep update) => v.sqrt().Mul_(1 / Math.Sqrt(1 - Math.Pow(decay, update.Step + 1))).Add_(epsilon);

    private static double Corrected(in UpdateStep update, double decay) => -update.LearningRate / (1 - Math.Pow(decay, update.Step + 1));

    private static void Adam(torch.Tensor w, torch.Tensor g, IReadOnlyList<torch.Tensor> states, AdamRule rule, in UpdateStep update)
    {
        var gradient = Gradient(w, g, update, !rule.IsDecoupled);
        var (m, v) = (Average(states[0], gradient, rule.Beta1), Average(states[1], gradient.Square(), rule.Beta2));
        if (rule.Amsgrad) v = states[2].copy_(torch.maximum(states[2], v));
        if (rule.IsDecoupled && update.WeightDecay != 0) w.Mul_(1 - update.LearningRate * update.WeightDecay);
        w.Add_(m.div(Denominator(v, rule.Beta2, rule.Epsilon, update)), alpha: Corrected(update, rule.Beta1));
    }

    private static void Lion(torch.Tensor w, torch.Tensor g, torch.Tensor m, Lion rule, in UpdateStep update)
    {
        var gradient = Gradient(w, g, update, decays: false);
        var direction = m.Mul(rule.Beta1).Add_(gradient, alpha: 1 - rule.Beta1);
        // sign(NaN) is 0 in libtorch; what is not a number has to show.
        w.Mul_(1 - update.LearningRate * update.WeightDecay).Add_(torch.where(direction.isnan(), direction, direction.sign()), alpha: -update.LearningRate);
        Average(m, gradient, rule.Beta2);
    }

    private static void RmsProp(torch.Tensor w, torch.Tensor g, IReadOnlyList<torch.Tensor> states, RmsProp rule, in UpdateStep update)
    {
        var gradient = Gradient(w, g, update);
        var squares = Average(states[0], gradient.Square(), rule.Alpha);
        if (rule.Centered) squares = squares.sub(Average(states[1], gradient, rule.Alpha).Square()).clamp_(min: Scalars.Of(0L));
        var step = gradient.div(squares.sqrt().Add_(rule.Epsilon));
        if (rule.Momentum > 0) step = states[^1].Mul_(rule.Momentum).Add_(step);
        w.Add_(step, alpha: -update.LearningRate);
    }

    private static void Adagrad(torch.Tensor w, torch.Tensor g, torch.Tensor sum, Adagrad rule, in UpdateStep update)
    {
        var gradient = Gradient(w, g, update);
        if (update.Step == 0) sum.Add_(rule.InitialAccumulator);
        sum.Add_(gradient.Square());
        w.Add_(gradient.div(sum.sqrt().Add_(rule.Epsilon)), alpha: -update.LearningRate / (1 + update.Step * rule.RateDecay));
    }

    private static void Adamax(torch.Tensor w, torch.Tensor g, torch.Tensor m, torch.Tensor largest, Adamax rule, in UpdateStep update)
    {
        var gradient = Gradient(w, g, update);
        Average(m, gradient, rule.Beta1);
        largest.copy_(torch.maximum(largest.Mul(rule.Beta2), gradient.abs().Add_(rule.Epsilon)));
        w.Add_(m.div(largest), alpha: Corrected(update, rule.Beta1));
    }

    private static void NAdam(torch.Tensor w, torch.Tensor g, torch.Tensor m, torch.Tensor v, NAdam rule, in UpdateStep update)
    {
        var gradient = Gradient(w, g, update, !rule.IsDecoupled);
        var (byGradient, byAverage) = rule.Shares(update.Step);
        Average(m, gradient, rule.Beta1);
        Average(v, gradient.Square(), rule.Beta2);
        if (rule.IsDecoupled) w.Mul_(1 - update.LearningRate * update.WeightDecay);
        w.Add_(gradient.Mul(byGradient).Add_(m, alpha: byAverage).div_(Denominator(v, rule.Beta2, rule.Epsilon, update)), alpha: -update.LearningRate);
    }

    private static void RAdam(torch.Tensor w, torch.Tensor g, torch.Tensor m, torch.Tensor v, RAdam rule, in UpdateStep update)
    {
        var gradient = Gradient(w, g, update);
        Average(m, gradient, rule.Beta1);
        Average(v, gradient.Square(), rule.Beta2);
        var factor = rule.Rectification(update.Step);
        w.Add_(factor is null ? m : m.div(v.sqrt().Add_(rule.Epsilon)), alpha: Corrected(update, rule.Beta1) * (factor ?? 1));
    }

    private static void Adan(torch.Tensor w, torch.Tensor g, IReadOnlyList<torch.Tensor> states, Adan rule, in UpdateStep update)
    {
        var gradient = Gradient(w, g, update, decays: false);
        var change = update.Step == 0 ? torch.zeros_like(gradient) : gradient.sub(states[3]);
        var m = Average(states[0], gradient, rule.Beta1);
        var d = Average(states[1], change, rule.Beta2);
        var n = Average(states[2], change.Mul(rule.Beta2).Add_(gradient).Square(), rule.Beta3);
        states[3].copy_(gradient);
        var step = m.Mul(Corrected(update, rule.Beta1)).Add_(d, alpha: rule.Beta2 * Corrected(update, rule.Beta2)).div_(Denominator(n, rule.Beta3, rule.Epsilon, update));
        w.Add_(step).Mul_(1 / (1 + update.LearningRate * update.WeightDecay));
    }

    // The ratio stays a tensor: reading it would wait for the device.
    private static void Lamb(torch.Tensor w, torch.Tensor g, torch.Tensor m, torch.Tensor v, Lamb rule, in UpdateStep update)
    {
        var gradient = Gradient(w, g, update, decays: false);
        Average(m, gradient, rule.Beta1);
        Average(v, gradient.Square(), rule.Beta2);
        var step = m.div(Denominator(v, rule.Beta2, rule.Epsilon, update)).Mul_(1 / (1 - Math.Pow(rule.Beta1, update.Step + 1)));
        if (update.WeightDecay != 0)
        {
            step.Add_(w, alpha: update.WeightDecay);
            var (weight, length) = (w.Square().sum().sqrt_(), step.Square().sum().sqrt_());
            step.mul_(torch.where(weight.Gt(0).logical_and(length.Gt(0)), weight.div(length), torch.ones_like(weight)));
        }
        w.Add_(step, alpha: -update.LearningRate);
    }

    private static void Sgd(torch.Tensor w, torch.Tensor g, IReadOnlyList<torch.Tensor> states, Sgd rule, in UpdateStep update)
    {
        var gradient = Gradient(w, g, update);
        if (rule.Momentum != 0)
        {
            var buffer = states[0];
            if (update.Step == 0) buffer.copy_(gradient);
            else buffer.Mul_(rule.Momentum).Add_(gradient, alpha: 1 - rule.Dampening);
            gradient = rule.Nesterov ? gradient.Add(buffer, alpha: rule.Momentum) : buffer;
        }
        w.Add_(gradient, alpha: -update.LearningRate);
    }
}
