using System.Reflection;
using Attune.Graphs.Operators;

namespace Attune.Tests.Graphs;

public sealed class OperatorCatalogTests
{
    [Fact]
    public void Every_operator_class_stands_in_the_catalog_once_and_alphabetically()
    {
        var types = typeof(Operator).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Operator)) && !t.IsAbstract).Select(t => t.Name).Order(StringComparer.Ordinal);
        Assert.Equal(types, OperatorCatalog.All.Select(o => o.GetType().Name).Order(StringComparer.Ordinal));
        Assert.Equal(OperatorCatalog.All.Select(o => o.Name).Order(StringComparer.Ordinal), OperatorCatalog.All.Select(o => o.Name));
    }

    [Fact]
    public void Operators_of_the_standard_domain_exist_in_ONNX_and_weight_slots_lie_within_the_inputs()
    {
        foreach (var op in OperatorCatalog.All)
        {
            if (op.Domain.Length == 0) Assert.Contains(op.Name, OnnxOperatorNames.Standard);
            Assert.InRange(op.Since, 1, Attune.Graphs.Graph.OperatorSet);
            Assert.All(op.WeightInputs.Concat(op.BufferInputs), slot => Assert.InRange(slot, 0, op.Inputs.Max - 1));
        }
    }

    [Theory]
    [InlineData("", "Relu", null)]
    [InlineData("", "Loop", "does not run loops")]
    [InlineData("", "Einsum", null)]
    [InlineData("", "StringSplit", "does not run it yet")]
    [InlineData("", "FrobnicateV2", "not an ONNX operator")]
    [InlineData("", "Sofmax", "Did you mean 'Softmax'?")]
    [InlineData("com.vendor", "Relu", "'com.vendor'")]
    public void Refusal_tells_unknown_from_unsupported(string domain, string name, string? words)
    {
        if (words is null) Assert.Null(OperatorCatalog.Refusal(domain, name));
        else Assert.Contains(words, OperatorCatalog.Refusal(domain, name), StringComparison.Ordinal);
    }
}
