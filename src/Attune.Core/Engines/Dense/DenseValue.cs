namespace Attune.Engines.Dense;

/// <summary>
/// A value of the graph: [rows, Width] in rows of <see cref="Stride"/> floats, a multiple of 16. The floats past Width are 0 in data and gradient,
/// always, so that no kernel needs a tail along the columns.
/// </summary>
internal sealed unsafe class DenseValue(string name, int width)
{
    public string Name { get; } = name;

    public int Width { get; } = width;

    public int Stride { get; } = (width + 15) & ~15;

    public float* Data { get; set; }

    /// <summary>Null when no trainable weight is below.</summary>
    public float* Gradient { get; set; }

    public bool NeedsGradient { get; set; }

    /// <summary>Class or table indices of a graph input instead of <see cref="Data"/>.</summary>
    public int* Indices { get; set; }

    public bool IsIndex { get; init; }

    /// <summary>More than two axes in the graph: only a Flatten or Reshape may take it.</summary>
    public bool NeedsFlatten { get; init; }

    /// <summary>A wide input whose only consumer is a Gemm, which gathers its rows block by block: the next block arrives while one is computed.</summary>
    public bool IsGatheredLate { get; set; }

    /// <summary>Operators that read it, the loss included.</summary>
    public int Uses { get; set; }

    /// <summary>The output of a Gemm with a fused Relu.</summary>
    public bool IsRectified { get; set; }

    /// <summary>Its only consumer multiplies the gradient by the Relu's slope while it writes it.</summary>
    public bool GradientIsMasked { get; set; }

    /// <summary>Sets the columns past Width of some rows to 0.</summary>
    public void ClearPadding(float* block, int start, int end)
    {
        if (Width == Stride) return;
        for (var row = start; row < end; row++) new Span<float>(block + (long)row * Stride + Width, Stride - Width).Clear();
    }
}
