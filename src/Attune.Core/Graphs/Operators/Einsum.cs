namespace Attune.Graphs.Operators;

/// <summary>Sums of products in Einstein's notation: <c>equation</c> names the axes of each input and of the output; an ellipsis stands for further ones.</summary>
internal sealed class Einsum : Operator
{
    public override string Name => "Einsum";

    public override int Since => 12;

    public override Arity Inputs => Arity.AtLeast(1);

    public override void Infer(InferenceContext context)
    {
        int[] inputs = [.. Enumerable.Range(0, context.Node.Inputs.Count)];
        foreach (var input in inputs) context.Require(input, ElementKind.Numeric);
        var type = context.SameType(inputs);
        var equation = context.Attributes.Text("equation").Replace(" ", "", StringComparison.Ordinal);
        var sides = equation.Split("->");
        var terms = sides[0].Split(',');
        if (equation.Length == 0 || sides.Length > 2) context.Fail($"equation '{equation}' cannot be read");
        if (terms.Length != inputs.Length) context.Fail($"equation '{equation}' has {terms.Length} terms for {inputs.Length} inputs");
        var sizes = new Dictionary<char, Dimension>();
        Graphs.Shape? dots = Graphs.Shape.Of();
        for (var i = 0; i < terms.Length; i++) dots = Term(context, equation, terms[i], i, sizes, dots);
        var result = sides.Length == 2 ? sides[1] : Implicit(terms);
        if (result.Replace("...", "", StringComparison.Ordinal).Any(c => !sizes.ContainsKey(c)) && inputs.All(i => context.Shape(i) is not null)) context.Fail($"equation '{equation}' has an output axis that no input has");
        context.Output(0, type, Output(result, sizes, dots));
    }

    /// <summary>Notes the sizes of a term's letters; returns what its ellipsis broadcasts to.</summary>
    private static Graphs.Shape? Term(InferenceContext context, string equation, string term, int input, Dictionary<char, Dimension> sizes, Graphs.Shape? dots)
    {
        var at = term.IndexOf("...", StringComparison.Ordinal);
        var letters = term.Replace("...", "", StringComparison.Ordinal);
        if (context.Shape(input) is not { } shape)
        {
            foreach (var letter in letters) sizes.TryAdd(letter, default);
            return at < 0 ? dots : null;
        }
        var more = shape.Rank - letters.Length;
        if (more < 0 || at < 0 && more != 0) context.Fail($"term '{term}' of '{equation}' does not fit shape {shape}");
        for (var i = 0; i < letters.Length; i++)
        {
            var size = shape[at >= 0 && i >= at ? i + more : i];
            if (sizes.TryGetValue(letters[i], out var known) && known.Size != 1 && size.Size != 1) size = context.Agree(known, size, $"axis '{letters[i]}' of '{equation}'");
            else if (known.Size is not null && size.Size == 1) size = known;
            sizes[letters[i]] = size;
        }
        return at < 0 || dots is null ? dots : Broadcasting.Pair(context, dots, new Graphs.Shape([.. shape.Dimensions.Skip(at).Take(more)]));
    }

    // Without an arrow: the ellipsis, then every letter that occurs once, in order.
    private static string Implicit(string[] terms)
    {
        var letters = string.Concat(terms).Replace(".", "", StringComparison.Ordinal);
        var once = letters.GroupBy(c => c).Where(g => g.Count() == 1).Select(g => g.Key).Order();
        return (terms.Any(t => t.Contains("...", StringComparison.Ordinal)) ? "..." : "") + string.Concat(once);
    }

    private static Graphs.Shape? Output(string term, Dictionary<char, Dimension> sizes, Graphs.Shape? dots)
    {
        var dimensions = new List<Dimension>();
        for (var i = 0; i < term.Length; i++)
        {
            if (term[i] != '.') dimensions.Add(sizes.GetValueOrDefault(term[i]));
            else if (dots is null) return null;
            else
            {
                dimensions.AddRange(dots.Dimensions);
                i += 2;
            }
        }
        return new Graphs.Shape(dimensions);
    }
}
