using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Turns the first steps of each row round, as many as its length says.</summary>
internal sealed class ReverseSequence : TorchOperator
{
    public override string Name => "ReverseSequence";

    public override TorchKernel Compile(TorchNode node)
    {
        var (input, lengths) = (node.Slot(0), node.Slot(1));
        var (batch, time) = (node.Attributes.Int("batch_axis", 1), node.Attributes.Int("time_axis"));
        return TorchKernels.Scoped(frame =>
        {
            var x = frame[input].movedim([batch, time], [0, 1]);   // [B, T, …]
            var steps = TorchArithmetic.Arange(x.size(1), torch.ScalarType.Int64, x.device).unsqueeze(0);
            var ends = frame[lengths].As(torch.ScalarType.Int64).unsqueeze(1);
            var source = torch.where(steps.lt(ends), ends.Sub(1).sub(steps), steps);   // [B, T]
            var index = source.reshape([.. source.shape, .. Enumerable.Repeat(1L, (int)x.dim() - 2)]).expand(x.shape);
            return x.gather(1, index).movedim([0, 1], [batch, time]);
        });
    }
}
