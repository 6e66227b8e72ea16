namespace Attune.Losses;

/// <summary>How far apart two rows of outputs are as distributions, with gradients. Values: Kullback-Leibler in nats; of real values the sum of squared differences.</summary>
internal static class Divergence
{
    /// <summary>KL(target ‖ x) at a temperature (not multiplied by its square); adds factor × d/dx to the slopes.</summary>
    public static double FromTarget(OutputKind kind, ReadOnlySpan<float> target, ReadOnlySpan<float> x, double temperature, double factor, Span<float> slopes)
    {
        double sum = 0;
        if (kind == OutputKind.Softmax)
        {
            double[] p = new double[x.Length], q = new double[x.Length];
            Softmax.Log(target, temperature, p);
            Softmax.Log(x, temperature, q);
            for (var k = 0; k < p.Length; k++)
            {
                var share = Math.Exp(p[k]);
                if (share > 0) sum += share * (p[k] - q[k]);
                else if (double.IsNaN(share)) sum = double.NaN;
                if (!slopes.IsEmpty) slopes[k] += (float)(factor * (Math.Exp(q[k]) - share) / temperature);
            }
            return sum;
        }
        for (var k = 0; k < x.Length; k++)
        {
            if (kind == OutputKind.Identity)
            {
                var d = (double)x[k] - target[k];
                sum += d * d;
                if (!slopes.IsEmpty) slopes[k] += (float)(factor * 2 * d);
                continue;
            }
            double a = target[k] / temperature, b = x[k] / temperature;
            var p = Softmax.Sigmoid(a);
            sum += p * (Softmax.LogSigmoid(a) - Softmax.LogSigmoid(b)) + Softmax.Sigmoid(-a) * (Softmax.LogSigmoid(-a) - Softmax.LogSigmoid(-b));
            if (!slopes.IsEmpty) slopes[k] += (float)(factor * (Softmax.Sigmoid(b) - p) / temperature);
        }
        return sum;
    }

    /// <summary>½(KL(a ‖ b) + KL(b ‖ a)); adds factor × its gradient to both slopes.</summary>
    public static double Symmetric(OutputKind kind, ReadOnlySpan<float> a, ReadOnlySpan<float> b, double factor, Span<float> slopesA, Span<float> slopesB)
    {
        if (kind == OutputKind.Softmax)
        {
            double[] p = new double[a.Length], q = new double[a.Length];
            Softmax.Log(a, 1, p);
            Softmax.Log(b, 1, q);
            double forward = 0, back = 0;
            for (var k = 0; k < p.Length; k++)
            {
                forward += Math.Exp(p[k]) * (p[k] - q[k]);
                back += Math.Exp(q[k]) * (q[k] - p[k]);
            }
            for (var k = 0; k < slopesA.Length; k++)
            {
                double pa = Math.Exp(p[k]), pb = Math.Exp(q[k]);
                slopesA[k] += (float)(0.5 * factor * (pa * (p[k] - q[k] - forward) + pa - pb));
                slopesB[k] += (float)(0.5 * factor * (pb * (q[k] - p[k] - back) + pb - pa));
            }
            return 0.5 * (forward + back);
        }
        double sum = 0;
        for (var k = 0; k < a.Length; k++)
        {
            var d = (double)a[k] - b[k];
            if (kind == OutputKind.Identity)
            {
                sum += d * d;
                if (slopesA.IsEmpty) continue;
                slopesA[k] += (float)(factor * 2 * d);
                slopesB[k] -= (float)(factor * 2 * d);
                continue;
            }
            double p = Softmax.Sigmoid(a[k]), q = Softmax.Sigmoid(b[k]);
            sum += 0.5 * (p - q) * d;
            if (slopesA.IsEmpty) continue;
            slopesA[k] += (float)(0.5 * factor * (p * (1 - p) * d + p - q));
            slopesB[k] += (float)(0.5 * factor * (-q * (1 - q) * d + q - p));
        }
        return sum;
    }

    /// <summary>Entropy of a row's distributions; adds factor × d/dx to the slopes. Real values have none.</summary>
    public static double Entropy(OutputKind kind, ReadOnlySpan<float> x, double factor, Span<float> slopes)
    {
        double sum = 0;
        if (kind == OutputKind.Softmax)
        {
            var logs = new double[x.Length];
            Softmax.Log(x, 1, logs);
            foreach (var log in logs) sum -= Math.Exp(log) * log;
            for (var k = 0; k < slopes.Length; k++) slopes[k] -= (float)(factor * Math.Exp(logs[k]) * (logs[k] + sum));
            return sum;
        }
        for (var k = 0; k < x.Length; k++)
        {
            double p = Softmax.Sigmoid(x[k]), q = Softmax.Sigmoid(-x[k]);
            sum -= p * Softmax.LogSigmoid(x[k]) + q * Softmax.LogSigmoid(-x[k]);
            if (!slopes.IsEmpty) slopes[k] -= (float)(factor * p * q * x[k]);
        }
        return sum;
    }
}
