using System.Runtime.InteropServices;
using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>One step of a plan: a kernel, where its outputs go, and which slots nobody reads after it.</summary>
internal sealed record TorchInstruction(TorchKernel Kernel, int[] Outputs, int[] Releases, string Label);

/// <summary>The nodes of a branch of <c>If</c>, over the slots of the plan around it.</summary>
internal sealed record TorchBody(IReadOnlyList<TorchInstruction> Instructions, int[] Outputs)
{
    /// <summary>Runs the branch and returns its outputs as handles of the caller.</summary>
    public torch.Tensor[] Run(TorchFrame frame)
    {
        foreach (var instruction in Instructions) TorchPlan.Step(instruction, frame);
        var results = Array.ConvertAll(Outputs, slot => frame[slot].alias());
        foreach (var instruction in Instructions)
        {
            foreach (var slot in instruction.Outputs)
            {
                if (slot < 0) continue;
                frame.Slots[slot]?.Dispose();
                frame.Slots[slot] = null;
            }
        }
        return results;
    }
}

/// <summary>A graph compiled for one class of input shapes: kernels in order over slots. Immutable; one frame per run, so it is reentrant.</summary>
internal sealed class TorchPlan(IReadOnlyList<TorchInstruction> instructions, int slotCount, IReadOnlyDictionary<string, int> inputs, int[] outputs, IReadOnlyList<(int Slot, string Weight)> weights,
    IReadOnlyList<(int Slot, torch.Tensor Value)> constants, IReadOnlyList<torch.Tensor> owned) : IDisposable
{
    /// <summary>The steps.</summary>
    public IReadOnlyList<TorchInstruction> Instructions { get; } = instructions;

    /// <summary>Slot of each graph input that is read.</summary>
    public IReadOnlyDictionary<string, int> Inputs { get; } = inputs;

    /// <summary>Slot of each output.</summary>
    public IReadOnlyList<int> Outputs { get; } = outputs;

    /// <summary>Slots that hold weights, with their canonical names.</summary>
    public IReadOnlyList<(int Slot, string Weight)> Weights { get; } = weights;

    /// <summary>Number of slots.</summary>
    public int SlotCount { get; } = slotCount;

    /// <summary>Bytes of the largest value that a node makes, as far as shapes are known.</summary>
    public long LargestBytes { get; init; }

    /// <summary>Slots of a new run: constants are there, the rest is empty.</summary>
    public torch.Tensor?[] NewSlots()
    {
        var slots = new torch.Tensor?[SlotCount];
        foreach (var (slot, value) in constants) slots[slot] = value;
        return slots;
    }

    /// <summary>Runs all steps; afterwards only the outputs (and what the frame was given) are left in it.</summary>
    /// <exception cref="InvalidOperationException">libtorch refused a node; names it.</exception>
    public void Run(TorchFrame frame) => Run(frame, 0, Instructions.Count);

    /// <summary>Runs some of the steps.</summary>
    public void Run(TorchFrame frame, int start, int end)
    {
        var i = start;
        try
        {
            for (; i < end; i++) Step(Instructions[i], frame);
        }
        catch (Exception e) when (e is ExternalException or ArgumentException or NotSupportedException)
        {
            throw new InvalidOperationException($"{Instructions[i].Label} cannot be computed: {e.Message.Split('\n')[0]}", e);
        }
    }

    /// <summary>One step.</summary>
    public static void Step(TorchInstruction instruction, TorchFrame frame)
    {
        var results = instruction.Kernel(frame);
        var slots = frame.Slots;
        var outputs = instruction.Outputs;
        for (var k = 0; k < outputs.Length; k++)
        {
            if (outputs[k] >= 0) slots[outputs[k]] = results[k];
            else results[k]?.Dispose();
        }
        foreach (var slot in instruction.Releases)
        {
            slots[slot]!.Dispose();
            slots[slot] = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var value in owned) value.Dispose();
    }
}
