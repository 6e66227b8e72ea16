using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Triangular filters that sum a spectrum [dft_length / 2 + 1] into bands that are equally wide on the mel scale.</summary>
internal sealed class MelWeightMatrix : TorchOperator
{
    public override string Name => "MelWeightMatrix";

    public override TorchKernel Compile(TorchNode node)
    {
        var (counts, lengths, rates) = (node.IntegersAtRun(0)!, node.IntegersAtRun(1)!, node.IntegersAtRun(2)!);
        var (low, high) = (node.Slot(3), node.Slot(4));
        var type = TorchTensors.ScalarType((DataType)node.Attributes.Int("output_datatype", 1));
        return TorchKernels.Scoped(frame =>
        {
            var (bands, length, rate) = (counts(frame)[0], lengths(frame)[0], rates(frame)[0]);
            var matrix = Matrix((int)bands, length, rate, Number(frame[low]), Number(frame[high]));
            return torch.tensor(matrix, [length / 2 + 1, bands], torch.ScalarType.Float64).As(type).to(frame.Device, copy: true);
        });
    }

    private static double Number(torch.Tensor value) => value.As(torch.ScalarType.Float64).cpu().reshape([]).item<double>();

    private static double[] Matrix(int bands, long length, long rate, double low, double high)
    {
        var (from, to) = (Mel(low), Mel(high));
        var edges = new long[bands + 2];
        for (var i = 0; i < edges.Length; i++)
            edges[i] = (long)Math.Floor((length + 1) * 700 * (Math.Pow(10, (i * (to - from) / edges.Length + from) / 2595) - 1) / rate);
        var matrix = new double[(length / 2 + 1) * bands];
        for (var band = 0; band < bands; band++)
        {
            var (left, centre, right) = (edges[band], edges[band + 1], edges[band + 2]);
            if (left == centre) matrix[centre * bands + band] = 1;
            else for (var j = left; j <= centre; j++) matrix[j * bands + band] = (double)(j - left) / (centre - left);
            for (var j = centre; j < right; j++) matrix[j * bands + band] = (double)(right - j) / (right - centre);
        }
        return matrix;
    }

    private static double Mel(double hertz) => 2595 * Math.Log10(1 + hertz / 700);
}
