using Attune.Engines;
using Attune.Graphs;

namespace Attune.Training;

/// <summary>
/// Moves the embedding tables by ε along their gradient, r = ε·g/‖g‖ for each table, for a second pass whose gradient is added to the first's (fast gradient method; Miyato et
/// al. 2017, arXiv:1605.07725, equation 5, on whole tables as is usual): the step then also lowers the loss in the worst direction nearby. Between <see cref="Enter"/> and
/// <see cref="Leave"/> nothing else may touch the model.
/// </summary>
internal sealed class EmbeddingAttack
{
    private readonly double _epsilon;
    private readonly (string Name, float[] Weights, float[] Gradient)[] _tables;

    /// <summary>An attack on the tables of a model that train.</summary>
    /// <exception cref="OptionsException">The model looks no embeddings up, or its tables are frozen.</exception>
    public EmbeddingAttack(CompiledModel model, double epsilon)
    {
        _epsilon = epsilon;
        var trainable = model.Trainable.Select(t => model.Graph.Weights[t.Name].Name).ToHashSet(StringComparer.Ordinal);
        var names = EmbeddingLookups.Of(model.Graph).Select(l => l.Table).Distinct(StringComparer.Ordinal).Where(trainable.Contains);
        _tables = [.. names.Select(n => (n, new float[model.Graph.Weights[n].Count], new float[model.Graph.Weights[n].Count]))];
        if (_tables.Length == 0) throw new OptionsException("objective.fgm-epsilon: attacks embedding tables along their gradient, and no table of this network trains. Leave it at 0, or train the embeddings (for a table: encoding.categorical=embedding).");
    }

    /// <summary>Moves the tables; false when no gradient reaches them.</summary>
    public bool Enter(CompiledModel model)
    {
        var moved = false;
        foreach (var (name, weights, gradient) in _tables)
        {
            model.ReadGradient(name, gradient);
            double square = 0;
            foreach (var g in gradient) square += (double)g * g;
            model.ReadWeight(name, weights);
            if (!(square > 0) || !double.IsFinite(square)) continue;
            var factor = (float)(_epsilon / Math.Sqrt(square));
            for (var i = 0; i < gradient.Length; i++) gradient[i] = weights[i] + factor * gradient[i];
            model.WriteWeight(name, gradient);
            moved = true;
        }
        return moved;
    }

    /// <summary>Puts the tables back, to the bit.</summary>
    public void Leave(CompiledModel model)
    {
        foreach (var (name, weights, _) in _tables) model.WriteWeight(name, weights);
    }
}
