namespace Attune.Losses;

/// <summary>The checks that every loss makes before it computes: equal shapes, never a broadcast.</summary>
internal static class LossShapes
{
    public static void Classes(string loss, int outputs, int width, in LossTargets targets, int gradient)
    {
        if (width < 1 || outputs != (long)targets.Rows * width || targets.Labels.Length != targets.Rows)
            throw new ArgumentException($"{loss}: {outputs} outputs of width {width} do not fit {targets.Labels.Length} labels for {targets.Rows} rows; it needs [rows, K] outputs and one class index per row.");
        Gradient(loss, outputs, gradient);
    }

    public static void Values(string loss, int outputs, int width, in LossTargets targets, int gradient)
    {
        if (width < 1 || width != targets.ValueWidth || outputs != (long)targets.Rows * width || targets.Values.Length != outputs)
            throw new ArgumentException($"{loss}: outputs [{targets.Rows}, {width}] ({outputs} values) do not fit targets [{targets.Rows}, {targets.ValueWidth}] ({targets.Values.Length} values); both need the same shape.");
        Gradient(loss, outputs, gradient);
    }

    private static void Gradient(string loss, int outputs, int gradient)
    {
        if (gradient != 0 && gradient != outputs) throw new ArgumentException($"{loss}: the gradient has {gradient} values for {outputs} outputs.");
    }
}
