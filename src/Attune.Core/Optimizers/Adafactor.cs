namespace Attune.Optimizers;

/// <summary>
/// Adafactor (Shazeer and Stern 2018, arXiv:1804.04235, algorithms 4 and 5): of a matrix's squared gradients only row and column means are kept; the step g / √v is scaled
/// down to root mean square <see cref="ClipThreshold"/>. β₂ = 1 - t^decay grows to 1. Decay is decoupled. Equals transformers <c>Adafactor</c>, or torch <c>Adafactor</c>
/// with <see cref="IsTorchForm"/>. Not element-wise: it needs whole weights and their sizes (the last two axes of <see cref="UpdateStep.Sizes"/> are rows and columns).
/// </summary>
public sealed class Adafactor : Optimizer
{
    /// <summary>Decay β₁ of the step's average; null (default) keeps none.</summary>
    public double? Beta1 { get; init; }

    /// <summary>Exponent of β₂'s growth, &lt; 0. Default -0.8.</summary>
    public double DecayRate { get; init; } = -0.8;

    /// <summary>Added to squared gradients. Default 1e-30; in torch's form the floor of √v, default 1.19e-7.</summary>
    public double? Epsilon { get; init; }

    /// <summary>Least scale of a weight. Default 1e-3.</summary>
    public double LeastScale { get; init; } = 1e-3;

    /// <summary>Largest root mean square of a step. Default 1.</summary>
    public double ClipThreshold { get; init; } = 1;

    /// <summary>Multiplies the rate by the weight's root mean square. Default false, for rates that are given; torch's form always does.</summary>
    public bool ScalesByWeight { get; init; }

    /// <summary>Takes its own rate min(0.01, 1/√t) instead of the given one. Default false.</summary>
    public bool RelativeStep { get; init; }

    /// <summary>With <see cref="RelativeStep"/>: min(1e-6·t, 1/√t). Default false.</summary>
    public bool WarmupInit { get; init; }

    /// <summary>torch's form: no constant in the squares, the rate at most 1/√t and always scaled by the weight, decay before the step. Default false.</summary>
    public bool IsTorchForm { get; init; }

    /// <inheritdoc/>
    public override string Name => "adafactor";

    /// <summary>Squares (row means, then column means, of a matrix), then the step's average where β₁ is given.</summary>
    public override int StateCount => Beta1 is null ? 1 : 2;

    /// <inheritdoc/>
    public override bool IsElementwise => false;

    /// <inheritdoc/>
    public override void Update(Span<float> weights, ReadOnlySpan<float> gradients, in OptimizerState state, in UpdateStep update)
    {
        CheckLengths(weights.Length, gradients.Length, state);
        if (weights.Length == 0) return;
        var t = update.Step + 1;
        var fresh = Math.Pow(t, DecayRate);   // 1 - β₂
        double squares = 0;
        foreach (var w in weights) squares += (double)w * w;
        var weightSize = Math.Sqrt(squares / weights.Length);
        var step = new double[weights.Length];
        var (rows, columns) = Matrix(weights.Length, update.Sizes);
        if (rows > 1 && columns > 1) Factored(gradients, update.GradientScale, state.First, rows, columns, fresh, step);
        else Whole(gradients, update.GradientScale, state.First, fresh, step);

        double size = 0;
        foreach (var s in step) size += s * s;
        size = Math.Sqrt(size / step.Length);
        var rate = Rate(update.LearningRate, t, weightSize) / Math.Max(1, size / ClipThreshold);
        var decayRate = IsTorchForm ? update.LearningRate : Rate(update.LearningRate, t, weightSize);
        var keep = 1 - decayRate * update.WeightDecay;
        for (var i = 0; i < weights.Length; i++)
        {
            var move = rate * step[i];
            if (Beta1 is { } beta1)
            {
                var average = state.Second;
                move = average[i] = (float)(beta1 * average[i] + (1 - beta1) * move);
            }
            weights[i] = (float)(keep * weights[i] - move);
        }
    }

    private double Rate(double given, long t, double weightSize)
    {
        if (IsTorchForm) return Math.Max(LeastScale, weightSize) * Math.Min(given, 1 / Math.Sqrt(t));
        var rate = RelativeStep ? Math.Min(WarmupInit ? 1e-6 * t : 1e-2, 1 / Math.Sqrt(t)) : given;
        return ScalesByWeight ? Math.Max(LeastScale, weightSize) * rate : rate;
    }

    private double Floor => Epsilon ?? (IsTorchForm ? 1.1920929e-07 : 1e-30);

    private void Whole(ReadOnlySpan<float> gradients, float scale, Span<float> squares, double fresh, double[] step)
    {
        for (var i = 0; i < step.Length; i++)
        {
            var g = (double)gradients[i] * scale;
            squares[i] += (float)(fresh * (g * g + (IsTorchForm ? 0 : Floor) - squares[i]));
            step[i] = g / Math.Sqrt(IsTorchForm ? AtLeast(squares[i], Floor * Floor) : squares[i]);
        }
    }

    // State of each matrix of a stack: row means [rows], then column means [columns].
    private void Factored(ReadOnlySpan<float> gradients, float scale, Span<float> state, int rows, int columns, double fresh, double[] step)
    {
        var matrices = step.Length / (rows * columns);
        double[] rowMean = new double[rows], columnMean = new double[columns];
        for (var matrix = 0; matrix < matrices; matrix++)
        {
            var start = matrix * rows * columns;
            Array.Clear(rowMean);
            Array.Clear(columnMean);
            for (var r = 0; r < rows; r++)
            {
                for (var c = 0; c < columns; c++)
                {
                    var g = (double)gradients[start + r * columns + c] * scale;
                    var square = g * g + (IsTorchForm ? 0 : Floor);
                    rowMean[r] += square / columns;
                    columnMean[c] += square / rows;
                }
            }
            Span<float> byRow = state.Slice(matrix * (rows + columns), rows), byColumn = state.Slice(matrix * (rows + columns) + rows, columns);
            double mean = 0;
            for (var r = 0; r < rows; r++) mean += byRow[r] += (float)(fresh * (rowMean[r] - byRow[r]));
            for (var c = 0; c < columns; c++) byColumn[c] += (float)(fresh * (columnMean[c] - byColumn[c]));
            mean /= rows;
            if (IsTorchForm) mean = AtLeast(mean, Floor);
            for (var r = 0; r < rows; r++)
            {
                for (var c = 0; c < columns; c++)
                {
                    var square = byRow[r] / mean * byColumn[c];
                    step[start + r * columns + c] = (double)gradients[start + r * columns + c] * scale / Math.Sqrt(IsTorchForm ? AtLeast(square, Floor * Floor) : square);
                }
            }
        }
    }

    private static double AtLeast(double value, double least) => value < least ? least : value;   // NaN stays

    private static (int Rows, int Columns) Matrix(int count, IReadOnlyList<long>? sizes)
        => sizes is not { Count: >= 2 } || sizes[^1] * sizes[^2] == 0 ? (1, count) : ((int)sizes[^2], (int)sizes[^1]);
}
