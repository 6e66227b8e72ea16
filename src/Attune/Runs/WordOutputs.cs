using Attune.Encoding;
using Attune.Graphs;
using Attune.Methods;
using Attune.Models.Text;

namespace Attune.Runs;

/// <summary>Lets an encoder of others answer for words: its vectors of all tokens, of which some are chosen.</summary>
internal static class WordOutputs
{
    /// <summary>The encoder up to the vectors of the chosen tokens, [U, D]: behind the named value, or the input of its head, or its output.</summary>
    /// <param name="path">For messages.</param>
    /// <param name="network">The encoder.</param>
    /// <param name="headAt">Where to cut; null to find the place.</param>
    /// <exception cref="WeightsException">That is no vector for each token; says where to cut instead.</exception>
    public static Graph Choose(string path, Graph network, string? headAt)
    {
        var value = headAt ?? (FeaturesOf(network) ?? network.Outputs[0].Name);
        var known = ShapeInference.Infer(network);
        if (headAt is not null && !known.ContainsKey(headAt)) throw new OptionsException($"model.head-at: no node of the model makes a value called '{headAt}'.{NearestName.Hint(headAt, known.Keys)}");
        var info = known[value];
        if (info is not { Shape: { Rank: 3 } shape } || !info.Type.IsFloating() || shape[2].Size is not { } width)
        {
            var others = HeadProposal.For(network).Where(p => p.Shape.Rank == 3).Select(p => p.Value).ToList();
            throw new WeightsException($"{path}: '{value}' is {info.Type}{info.Shape?.ToString() ?? "[…]"}; tags need a vector for each token, [B, T, D]. "
                + (others.Count > 0 ? $"Say where with --head-at; candidates: {NearestName.Preview(others)}." : "Name such a value with --head-at (attune inspect MODEL), or take another encoder."));
        }
        var g = new GraphBuilder(GraphPruning.Run(network with { Outputs = [info] }));
        var chosen = TokenSelection.Append(g, new(value), checked((int)width));
        g.Output(chosen, g.IsTaken("words") ? "chosen_words" : "words", info.Type, new Shape("U", width));
        return GraphPruning.Run(Last(g.Build()) with { Metadata = network.Metadata });
    }

    /// <summary>A tagger [B, T, K] that answers for the chosen tokens only, [U, K].</summary>
    public static Graph Answers(Graph network, int tags)
    {
        var g = new GraphBuilder(network);
        g.Output(TokenSelection.Append(g, new(network.Outputs[0].Name), tags), "chosen_logits", DataType.Float, new Shape("U", tags));
        return Last(g.Build()) with { Metadata = network.Metadata };
    }

    private static Graph Last(Graph graph) => graph with { Outputs = [graph.Outputs[^1]] };

    private static string? FeaturesOf(Graph network)
    {
        try { return GraphHead.Find(network).Features; }
        catch (WeightsException) { return null; }
    }
}
