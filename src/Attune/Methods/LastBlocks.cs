using Attune.Weights;

namespace Attune.Methods;

/// <summary>The last blocks train, with everything between them and behind them (final norms, pooler, head).</summary>
internal sealed class LastBlocks : TuningMethod
{
    public override string Name => "last-n";

    public override string Description => "The last method.blocks blocks (residual blocks, encoder layers; layers where nothing repeats) and the head train.";

    public override MethodSelection Select(MethodContext context)
    {
        var (structure, blocks) = (context.Structure, context.Options.Blocks);
        if (blocks > structure.Blocks.Count)
        {
            throw new OptionsException($"method.blocks: {blocks} is more than the {structure.Blocks.Count} {(structure.CountsLayers ? "layers before the head" : "blocks")} of the model "
                + $"({NearestName.Preview(structure.Blocks.Select(b => b.Name))}). Choose fewer, or method.name=full.");
        }
        var trains = context.HeadAndFresh;
        trains.UnionWith(structure.Uses.Select(u => u.Weight).Where(w => structure.Graph.Weights[w].Role == WeightRole.Parameter && structure.StageOf(w) <= blocks));
        return new MethodSelection(structure.Graph, trains)
        {
            Notes = [$"trains from {structure.StageName(blocks)} on{(structure.CountsLayers ? " (the model repeats no blocks, so layers are counted)" : "")}"],
        };
    }
}
