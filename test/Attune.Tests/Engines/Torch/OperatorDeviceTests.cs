using Attune.Engines.Torch;
using Attune.Graphs;
using TorchSharp;

namespace Attune.Tests.Engines.Torch;

/// <summary>Every kernel on a GPU, where there is one: outputs are there too, and equal those of the CPU.</summary>
public sealed class OperatorDeviceTests
{
    [Fact]
    public void Outputs_on_a_GPU_stay_there_and_equal_those_on_the_CPU()
    {
        Assert.SkipUnless(TorchRuntime.Load().Load != TorchLoad.NotAvailable && torch.cuda.is_available(), "there is no GPU that libtorch can use");
        var problems = new List<string>();
        foreach (var test in OperatorCases.All.Concat(OperatorCases.ForwardOnly))
        {
            try
            {
                using var scope = torch.NewDisposeScope();
                var (here, there) = (Run(test, torch.CPU), Run(test, torch.CUDA));
                for (var i = 0; i < here.Length; i++)
                {
                    if (there[i].device_type != DeviceType.CUDA) problems.Add($"{test}: output {i} is on the CPU");
                    if (!there[i].cpu().to_type(torch.ScalarType.Float64).allclose(here[i].to_type(torch.ScalarType.Float64), 1e-9, 1e-9, equal_nan: true)) problems.Add($"{test}: output {i} differs");
                }
            }
            catch (Exception e) when (e is InvalidOperationException or NotSupportedException or System.Runtime.InteropServices.ExternalException)
            {
                problems.Add($"{test}: {e.Message.Split('\n')[0]}");
            }
        }
        Assert.Empty(problems);
    }

    private static torch.Tensor[] Run(OperatorCase test, torch.Device device)
    {
        var graph = test.Graph(DataType.Double);
        var feeds = test.Feeds(DataType.Double);
        using var _ = torch.no_grad();
        using var plan = TorchPlanBuilder.Build(graph, [.. graph.Outputs.Select(o => o.Name)], feeds.ToDictionary(f => f.Key, f => f.Value.Sizes.ToArray()), device);
        var slots = plan.NewSlots();
        foreach (var (name, slot) in plan.Inputs) slots[slot] = TorchTensors.FromStored(feeds[name]).to(device);
        var frame = new TorchFrame(slots) { Device = device };
        plan.Run(frame);
        return [.. plan.Outputs.Select(slot => frame[slot].clone())];
    }
}
