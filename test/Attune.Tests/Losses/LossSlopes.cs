using Attune.Losses;

namespace Attune.Tests.Losses;

/// <summary>Targets of a test; a function, because they cannot be kept.</summary>
internal delegate LossTargets TargetsFactory();

/// <summary>Gradients against central differences.</summary>
internal static class LossSlopes
{
    /// <summary>Compares every element; vector losses add float values, so their step is wider.</summary>
    public static void Check(Loss loss, float[] outputs, int width, TargetsFactory targets)
    {
        var gradient = new float[outputs.Length];
        loss.Sum(outputs, width, targets(), gradient, 2);
        var step = loss is ElementwiseLoss or CrossEntropy or RegularizedLoss { Inner: ElementwiseLoss or CrossEntropy } ? 1 / 128f : 1 / 2048f;
        var limit = 2e-3 * Math.Max(1, gradient.Max(Math.Abs));
        for (var i = 0; i < outputs.Length; i++)
        {
            var x = outputs[i];
            outputs[i] = x + step;
            var (up, above) = (loss.Sum(outputs, width, targets(), [], 1), outputs[i]);
            outputs[i] = x - step;
            var (down, below) = (loss.Sum(outputs, width, targets(), [], 1), outputs[i]);
            outputs[i] = x;
            Assert.True(Math.Abs(2 * (up - down) / ((double)above - below) - gradient[i]) < limit, $"{loss.Name} at {i}: slope {2 * (up - down) / ((double)above - below)}, gradient {gradient[i]}");
        }
    }
}
