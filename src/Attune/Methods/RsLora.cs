namespace Attune.Methods;

/// <summary>Low-rank adapters whose update is scaled by α/√r (Kalajdzievski 2023, arXiv:2312.03732): <c>lora</c> with <c>method.rank-stabilized</c>, for large ranks.</summary>
internal sealed class RsLora : Lora
{
    public override string Name => "rslora";

    public override string Description => "Low-rank adapters as lora, their update scaled by α/√r instead of α/r, for large ranks.";

    protected override bool Stabilizes(Options.MethodOptions options) => true;
}
