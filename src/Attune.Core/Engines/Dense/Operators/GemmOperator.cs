using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Engines.Dense.Operators;

/// <summary>y = α·x·W + β·b with an optional fused Relu, and its gradients.</summary>
internal sealed unsafe class GemmOperator<TSimd, TVector> : DenseOperator where TSimd : struct, ISimd<TVector> where TVector : struct
{
    /// <summary>Up to this many outputs a layer keeps its weights as [out, in] and works by dot products: 16-column tiles would be mostly padding.</summary>
    public const int NarrowOutputs = 4;

    private readonly DenseValue _x, _y;
    private readonly DenseParameter _w;
    private readonly DenseParameter? _bias;
    private readonly float _alpha, _beta;
    private readonly bool _rectify;

    // The parameter lies as [out, in]: narrow layers, and weights that another layer uses the other way round.
    private readonly bool _flipped;
    private readonly bool _narrow;
    private float* _packed, _scaledBias;
    private long _packedVersion;

    public GemmOperator(string name, DenseValue x, DenseValue y, DenseParameter w, DenseParameter? bias, float alpha, float beta, bool rectify, bool flipped)
        : base(name, [x], y, bias is null ? [w] : [w, bias])
    {
        (_x, _y, _w, _bias, _alpha, _beta, _rectify, _flipped) = (x, y, w, bias, alpha, beta, rectify, flipped);
        _narrow = flipped && y.Width <= NarrowOutputs;
    }

    /// <summary>True when the forward pass can take the rows of a wide input block by block.</summary>
    public bool TakesLateRows => !_narrow && _alpha == 1;

    private bool NeedsPackForward => _flipped && !_narrow;

    private bool NeedsPackBackward => !_flipped && _x.NeedsGradient;

    public override void Allocate(DenseMemory memory, int maxRows, int threads)
    {
        if (NeedsPackForward || NeedsPackBackward) _packed = memory.Floats((long)_w.Columns * ((_w.Rows + 15) & ~15));
        if (_bias is not null && _beta != 1) _scaledBias = memory.Floats(_y.Stride);
    }

    public override void Prepare(DenseContext context, bool backward)
    {
        if ((NeedsPackForward || (backward && NeedsPackBackward)) && _packedVersion != _w.Version)
        {
            DenseKernel<TSimd, TVector>.Transpose(_w.Data, _w.Rows, _w.Columns, _packed);
            _packedVersion = _w.Version;
        }
        if (_scaledBias is null) return;
        for (var i = 0; i < _y.Stride; i++) _scaledBias[i] = _beta * _bias!.Data[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(DenseContext context, int shard, int start, int end)
    {
        var rows = end - start;
        var bias = _bias is null ? null : _scaledBias is null ? _bias.Data : _scaledBias;
        var plain = _alpha == 1;
        float* x = _x.Data + (long)start * _x.Stride, y = _y.Data + (long)start * _y.Stride;
        if (_x.IsGatheredLate)
        {
            var ahead = stackalloc float*[4];
            for (var row = start; row < end; row += 4)
            {
                var stop = Math.Min(row + 4, end);
                context.Inputs!.GatherLate(_x, row, stop, end, ahead);
                Product(_x.Data + (long)row * _x.Stride, _x, _flipped ? _packed : _w.Data, _y.Data + (long)row * _y.Stride, _y, stop - row, bias, _rectify, stop < end ? ahead : null);
            }
        }
        else if (_narrow) DenseKernel<TSimd, TVector>.Dot(x, _x.Stride, _w.Data, _y.Width, _x.Stride, plain ? bias : null, plain && _rectify, y, _y.Stride, rows);
        else Product(x, _x, _flipped ? _packed : _w.Data, y, _y, rows, plain ? bias : null, plain && _rectify, null);
        if (!plain) DenseKernel<TSimd, TVector>.ScaleRows(y, _y.Stride, rows, _alpha, bias, _rectify);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Backward(DenseContext context, int shard, int start, int end)
    {
        var rows = end - start;
        float* x = _x.Data + (long)start * _x.Stride, y = _y.Data + (long)start * _y.Stride, dy = _y.Gradient + (long)start * _y.Stride;
        if (_rectify && !_y.GradientIsMasked) DenseKernel<TSimd, TVector>.MaskGradient(y, dy, (long)rows * _y.Stride);
        if (_bias is not null && Gradient(context, shard, 1) is var db && db is not null)
            DenseKernel<TSimd, TVector>.ColumnSums(dy, _y.Stride, rows, db, _beta, Adds(context, shard, 1));
        if (_alpha != 1) DenseKernel<TSimd, TVector>.ScaleRows(dy, _y.Stride, rows, _alpha, null, false);
        if (Gradient(context, shard, 0) is var dw && dw is not null)
        {
            if (_flipped) WeightGradient(dy, _y, x, _x, dw, rows, Adds(context, shard, 0));
            else WeightGradient(x, _x, dy, _y, dw, rows, Adds(context, shard, 0));
        }
        if (_x.NeedsGradient) InputGradient(x, dy, _x.Gradient + (long)start * _x.Stride, rows);
    }

    // y[r, o] = Σᵢ x[r, i]·W[i, o]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Product(float* x, DenseValue xValue, float* w, float* y, DenseValue yValue, int rows, float* bias, bool rectify, float** ahead)
    {
        var inner = xValue.Width;
        for (var column = 0; column < yValue.Stride; column += DenseParameter.PanelWidth)
        {
            var width = Math.Min(DenseParameter.PanelWidth, yValue.Stride - column);
            DenseKernel<TSimd, TVector>.Multiply(new()
            {
                Left = x,
                RowStride = xValue.Stride,
                InnerStride = 1,
                Right = w + DenseParameter.PanelStart(inner, column),
                RightStride = width,
                Output = y + column,
                OutputStride = yValue.Stride,
                Rows = rows,
                Columns = width,
                Inner = inner,
                Bias = bias is null ? null : bias + column,
                Rectify = rectify,
                Ahead = column == 0 ? ahead : null,
            });
        }
    }

    // dW[i, o] = Σᵣ x[r, i]·dy[r, o], with x and dy exchanged when the parameter lies as [out, in]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WeightGradient(float* x, DenseValue xValue, float* dy, DenseValue yValue, float* dw, int rows, bool add)
    {
        for (var column = 0; column < yValue.Stride; column += DenseParameter.PanelWidth)
        {
            var width = Math.Min(DenseParameter.PanelWidth, yValue.Stride - column);
            DenseKernel<TSimd, TVector>.Multiply(new()
            {
                Left = x,
                RowStride = 1,
                InnerStride = xValue.Stride,
                Right = dy + column,
                RightStride = yValue.Stride,
                Output = dw + DenseParameter.PanelStart(xValue.Width, column),
                OutputStride = width,
                Rows = xValue.Width,
                Columns = width,
                Inner = rows,
                Add = add,
            });
        }
    }

    // dx[r, i] = Σₒ dy[r, o]·Wᵀ[o, i], times the Relu's slope of x where this is the only consumer
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void InputGradient(float* x, float* dy, float* dx, int rows)
    {
        var w = _flipped ? _w.Data : _packed;
        for (var column = 0; column < _x.Stride; column += DenseParameter.PanelWidth)
        {
            var width = Math.Min(DenseParameter.PanelWidth, _x.Stride - column);
            DenseKernel<TSimd, TVector>.Multiply(new()
            {
                Left = dy,
                RowStride = _y.Stride,
                InnerStride = 1,
                Right = w + DenseParameter.PanelStart(_y.Width, column),
                RightStride = width,
                Output = dx + column,
                OutputStride = _x.Stride,
                Rows = rows,
                Columns = width,
                Inner = _y.Width,
                Add = AddsInput[0],
                Mask = _x.GradientIsMasked ? x + column : null,
                MaskStride = _x.Stride,
            });
        }
    }
}
