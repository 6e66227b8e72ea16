namespace Attune.Engines.Torch.Operators;

/// <summary>Runs one of two subgraphs, which see the values around them.</summary>
internal sealed class If : TorchOperator
{
    public override string Name => "If";

    public override TorchKernel Compile(TorchNode node)
    {
        if (node.Constant(0) is { } known)
        {
            using var host = known.cpu();
            var only = node.Body(host.item<bool>() ? "then_branch" : "else_branch")!;
            return only.Run;
        }
        var condition = node.Slot(0);
        var (then, otherwise) = (node.Body("then_branch")!, node.Body("else_branch")!);
        return frame =>
        {
            using var host = frame[condition].cpu();
            return (host.item<bool>() ? then : otherwise).Run(frame);
        };
    }
}
