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

    /// <summary>Embeddings [rows, D] of whole examples, and the targets of each row where the loss reads some.</summary>
    public static void Embeddings(string loss, int outputs, int width, int rowsPerExample, in LossTargets targets, int gradient, bool labels, bool values)
    {
        if (width < 1 || outputs != (long)targets.Rows * width) throw new ArgumentException($"{loss}: {outputs} outputs of width {width} do not fit {targets.Rows} rows; it needs [rows, D] embeddings.");
        if (targets.Rows % rowsPerExample != 0) throw new ArgumentException($"{loss}: {targets.Rows} rows are no whole number of examples with {rowsPerExample} rows each.");
        if (labels && targets.Labels.Length != targets.Rows) throw new ArgumentException($"{loss}: {targets.Labels.Length} labels for {targets.Rows} rows; it needs one class index per row.");
        if (values && (targets.ValueWidth != 1 || targets.Values.Length != targets.Rows)) throw new ArgumentException($"{loss}: {targets.Values.Length} values for {targets.Rows} rows; it needs one number per row, the same for all rows of an example.");
        Gradient(loss, outputs, gradient);
    }

    public static void Teacher(string loss, int outputs, in LossTargets targets)
    {
        if (targets.Teacher.Length != outputs) throw new ArgumentException($"{loss}: {targets.Teacher.Length} outputs of the teacher for {outputs} of the student; both need the same shape.");
    }

    public static void Gradient(string loss, int outputs, int gradient)
    {
        if (gradient != 0 && gradient != outputs) throw new ArgumentException($"{loss}: the gradient has {gradient} values for {outputs} outputs.");
    }
}
