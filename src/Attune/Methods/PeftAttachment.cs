using Attune.Graphs;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>Finds the modules of an adapter in a base network, checks names and shapes, and rewrites the graph.</summary>
internal sealed class PeftAttachment(PeftAdapter adapter, Graph network)
{
    private const string A = ".lora_A.weight", TableA = ".lora_embedding_A", Factors = ".ia3_l", BaseLayer = ".base_layer.weight";

    private readonly PeftConfig _config = adapter.Config;
    private readonly List<string> _unexpected = [.. adapter.Weights.All.Select(w => w.Name)];
    private readonly List<string> _misshapen = [];
    private readonly List<string> _missing = [];
    private readonly List<string> _trainable = [];

    public AdaptedNetwork Run()
    {
        var whole = Whole();
        if (_config.IsVirtual) return InFront(whole);
        var structure = NetworkStructure.Of(network);
        // The output that is tuned may leave out other heads; what the adapter names is looked for in all of them.
        var modules = structure.Uses.Where(u => u.Kind is WeightKind.Matrix or WeightKind.Table).SelectMany(ModulesOf).GroupBy(m => m.Module, m => m.Use, StringComparer.Ordinal);
        var (low, factors) = (new List<LoraAdapter>(), new List<Ia3Adapter>());
        foreach (var module in modules.Where(m => !PeftTargets.IsSaved(_config, m.Key + ".weight") && PeftTargets.IsTarget(_config, m.Key)))
        {
            if (_config.Kind == PeftKind.Ia3) factors.AddRange(FactorsOf(structure, module.Key, [.. module]));
            else low.AddRange(LowOf(structure, module.Key, [.. module]));
        }
        Demand();
        if (low.Count == 0 && factors.Count == 0) throw new WeightsException("The adapter names no module of this network. Load the base that it was trained on.");
        var graph = _config.Kind == PeftKind.Ia3 ? Ia3Rewrite.Run(whole, factors) : new LoraRewrite(whole, low, _config.Dropout, 0).Run();
        foreach (var weight in adapter.Weights.All.Where(w => graph.Weights.Contains(w.Name)))
        {
            var old = graph.Weights[weight.Name];
            if (old.Value.Sizes.SequenceEqual(weight.Value.Sizes)) graph.Weights.Replace(old with { Value = weight.Value.ToFloating(old.Value.Type) });
            else _misshapen.Add($"{weight.Name} is {weight.Value}, expected {old.Value}");
        }
        Demand();
        var adapts = factors.Select(f => (f.L, f.Weight)).Concat(low.SelectMany(a => new[] { (a.A, a.Weight), (a.B, a.Weight), (a.Magnitude ?? a.A, a.Weight) })).DistinctBy(a => a.Item1).ToDictionary(a => a.Item1, a => a.Weight, StringComparer.Ordinal);
        return new AdaptedNetwork(network, graph, _trainable, adapts, trained => _config.Kind == PeftKind.Ia3 ? Ia3Rewrite.Merge(whole, factors, trained) : LoraMerge.Run(whole, low, trained));
    }

    private AdaptedNetwork InFront(Graph whole)
    {
        Take(StayingAdapters.Prompt);
        Demand();
        var value = adapter.Weights[StayingAdapters.Prompt].Value;
        var isPrompt = _config.Kind == PeftKind.PromptTuning;
        var prompt = isPrompt ? new PromptRewrite(whole) : null;
        var prefix = isPrompt ? null : new PrefixRewrite(whole);
        long[] expected = [_config.VirtualTokens, prompt is not null ? prompt.Table.Value.Sizes[1] : 2 * prefix!.Layers * prefix.Heads * prefix.HeadWidth];
        if (!value.Sizes.SequenceEqual(expected)) _misshapen.Add($"{StayingAdapters.Prompt} is {value}, expected [{string.Join(", ", expected)}]");
        Demand();
        return new AdaptedNetwork(network, prompt?.Run(value) ?? prefix!.Run(value), _trainable, new Dictionary<string, string> { [StayingAdapters.Prompt] = StayingAdapters.Prompt }, trained => (trained, 0));
    }

    // Heads, biases and adapted tables' own weights stand whole in the file.
    private Graph Whole()
    {
        var weights = new WeightStore(network.Weights.All);
        foreach (var weight in adapter.Weights.All)
        {
            var isBase = weight.Name.EndsWith(BaseLayer, StringComparison.Ordinal);
            var name = isBase ? weight.Name[..^BaseLayer.Length] + ".weight" : weight.Name;
            if (!network.Weights.TryGet(name, out var old) || !(isBase || PeftTargets.IsSaved(_config, name) || (_config.HasBiases && name.EndsWith(".bias", StringComparison.Ordinal)))) continue;
            _unexpected.Remove(weight.Name);
            if (!isBase) _trainable.Add(old.Name);
            if (old.Value.Sizes.SequenceEqual(weight.Value.Sizes)) weights.Replace(weights[old.Name] with { Value = weight.Value.ToFloating(old.Value.Type) });
            else _misshapen.Add($"{weight.Name} is {weight.Value}, expected {old.Value}");
        }
        _missing.AddRange(network.Weights.All.Where(w => w.Role == WeightRole.Parameter && PeftTargets.IsSaved(_config, w.Name) && !adapter.Weights.Contains(w.Name)).Select(w => w.Name));
        return network with { Weights = weights };
    }

    private IEnumerable<(string Module, WeightUse Use)> ModulesOf(WeightUse use)
        => network.Weights[use.Weight] is var weight
            ? weight.Aliases.Prepend(weight.Name).Where(n => n.EndsWith(".weight", StringComparison.Ordinal)).Select(n => (n[..^".weight".Length], use)) : [];

    private List<LoraAdapter> LowOf(NetworkStructure structure, string module, WeightUse[] uses)
    {
        // A tied table is looked up by one module and multiplied by another; the file's names say which is meant.
        var isTable = adapter.Weights.Contains(module + TableA);
        var a = module + (isTable ? TableA : A);
        if (!adapter.Weights.Contains(a))
        {
            // PEFT adapts linear maps, convolutions and tables alike; names alone decide.
            _missing.Add(a);
            return [];
        }
        uses = [.. uses.Where(u => u.Kind == (isTable ? WeightKind.Table : WeightKind.Matrix))];
        var b = isTable ? module + ".lora_embedding_B" : module + ".lora_B.weight";
        var magnitude = _config.Decomposes ? module + ".lora_magnitude_vector" : null;
        Take(a, b, magnitude);
        var value = network.Weights[module + ".weight"].Value;
        var rank = _config.RankOf(module);
        return [.. uses.Select(use =>
        {
            var groups = (int)use.Consumer.Attributes.Int("group", 1);
            var isPlain = use.Consumer.Operator != "Gemm" || (use.Consumer.Attributes.Float("alpha", 1) == 1 && use.Consumer.Attributes.Float("beta", 1) == 1);
            if (MatrixOrientation.Of(use, value) is not { } outputsFirst || rank % groups != 0 || (magnitude is not null && (isTable || !isPlain || use.Consumer.Operator == "Conv")))
                throw new WeightsException($"The adapter's module '{module}' cannot be adapted here: node '{use.Consumer.Name}' ({use.Consumer.Operator}) does not use it as a linear map{(magnitude is null ? "" : " that DoRA is built for")}.");
            var outputs = value.Sizes[outputsFirst ? 0 : 1];
            return new LoraAdapter(use.Weight, use.Consumer.Name, a, b, rank, _config.ScaleOf(module))
            {
                Magnitude = magnitude,
                Outputs = outputs,
                Inputs = value.Count / outputs,
                Groups = groups,
                OutputsFirst = outputsFirst,
                IsShared = structure.Uses.Count(u => u.Weight == use.Weight) > uses.Length,
                Use = use,
            };
        })];
    }

    private List<Ia3Adapter> FactorsOf(NetworkStructure structure, string module, WeightUse[] uses)
    {
        var l = module + Factors;
        if (!adapter.Weights.Contains(l))
        {
            _missing.Add(l);
            return [];
        }
        Take(l);
        if (structure.Uses.Count(u => u.Weight == uses[0].Weight) > uses.Length || uses.Any(u => u.Kind != WeightKind.Matrix)) throw new WeightsException($"The adapter's module '{module}' shares its weight with others; IA3 is built for weights with one use.");
        return [.. uses.Select(use => Ia3Adapter.Of(structure, use, l, PeftTargets.IsFeedForward(_config, module))
            ?? throw new WeightsException($"The adapter's module '{module}' cannot be adapted here: node '{use.Consumer.Name}' ({use.Consumer.Operator}) does not use it as a linear map."))];
    }

    private void Take(params string?[] names)
    {
        foreach (var name in names.OfType<string>())
        {
            if (adapter.Weights.Contains(name)) _unexpected.Remove(name);
            else _missing.Add(name);
            _trainable.Add(name);
        }
    }

    private void Demand()
    {
        if (_missing.Count + _unexpected.Count + _misshapen.Count == 0) return;
        var problems = new List<string>();
        if (_missing.Count > 0) problems.Add($"{_missing.Count} missing: {NearestName.Preview(_missing)}");
        if (_unexpected.Count > 0) problems.Add($"{_unexpected.Count} of no use: {NearestName.Preview(_unexpected)}");
        if (_misshapen.Count > 0) problems.Add($"{_misshapen.Count} of another shape: {NearestName.Preview(_misshapen)}");
        throw new WeightsException($"The adapter does not fit this network: {string.Join("; ", problems)}. Load the base that it was trained on, with the same number of outputs.");
    }
}
