using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>
/// Rows that a pass looks up in tables of embeddings that train. Autograd would make a gradient as large as the table, zero but for these rows, and add it to the buffer; here the
/// rows are a leaf of their own, and their gradients are added to the rows of the buffer that were used, in order.
/// </summary>
/// <param name="tables">The tables by slot.</param>
internal sealed class TableLookups(IReadOnlyDictionary<int, TorchParameter> tables) : IDisposable
{
    private readonly List<(TorchParameter Table, torch.Tensor Ids, torch.Tensor Rows)> _lookups = [];

    /// <summary>The rows of a table, as a leaf that gets a gradient; null when the slot holds no such table. The caller's to dispose.</summary>
    /// <param name="slot">Slot of the table [V, D].</param>
    /// <param name="ids">Row indices in 0…V-1, [N], int64.</param>
    public torch.Tensor? Find(int slot, torch.Tensor ids)
    {
        if (!tables.TryGetValue(slot, out var table) || !torch.is_grad_enabled()) return null;
        using var _ = torch.no_grad();
        var rows = table.Value.index_select(0, ids).requires_grad_(true);
        _lookups.Add((table, ids.contiguous().DetachFromDisposeScope(), rows.alias().DetachFromDisposeScope()));
        return rows;
    }

    /// <summary>Adds what the backward pass left in the rows to the tables' gradients.</summary>
    public unsafe void AddGradients()
    {
        foreach (var (table, ids, rows) in _lookups)
        {
            using var gradient = rows.grad;
            if (gradient is null) continue;
            using var packed = gradient.contiguous();
            var width = checked((int)rows.size(1));
            float* from = TorchTensors.Pointer(packed), to = TorchTensors.Pointer(table.Gradient!);
            foreach (var row in MemoryMarshal.Cast<byte, long>(ids.bytes))
            {
                var sum = new Span<float>(to + row * width, width);
                TensorPrimitives.Add(sum, new ReadOnlySpan<float>(from, width), sum);
                from += width;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, ids, rows) in _lookups)
        {
            ids.Dispose();
            rows.Dispose();
        }
        _lookups.Clear();
    }
}
