using System.Runtime.InteropServices;
using Attune.Data;
using Attune.Randomness;

namespace Attune.Splitting;

/// <summary>
/// Iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011, "On the stratification of multi-label data", algorithm 1): the label with the fewest rows left is
/// dealt first, each row to the part that lacks most of that label, ties to the part that lacks most rows. Departures: equal rows stay together, the test and validation
/// parts never grow beyond their size, and remaining ties go to training before validation before test, so that only the order of rows is drawn.
/// </summary>
internal sealed class LabelDraw
{
    private const int Train = 0, Validation = 1, Test = 2;
    private readonly LabelSets _labels;
    private readonly int[] _next;          // the next of equal rows, or -1
    private readonly List<int> _groups;    // the first of equal rows
    private readonly double[] _lacks = new double[3];
    private readonly double[,] _lacksOf;   // [K, 3]
    private readonly byte[] _assignment;
    private readonly bool[]? _known;

    private LabelDraw(LabelSets labels, ulong[] hashes, bool[]? known)
    {
        (_labels, _known, _assignment, _next, _groups) = (labels, known, new byte[labels.Missing.Length], new int[labels.Missing.Length], []);
        _lacksOf = new double[labels.Labels.Count, 3];
        Array.Fill(_next, -1);
        var last = new Dictionary<ulong, int>(_next.Length);
        for (var row = 0; row < _next.Length; row++)
        {
            if (labels.Missing[row]) continue;
            ref var previous = ref CollectionsMarshal.GetValueRefOrAddDefault(last, hashes[row], out var copy);
            if (copy) (_next[previous], Copies) = (row, Copies + 1);
            else _groups.Add(row);
            previous = row;
        }
    }

    /// <summary>Rows beyond the first of each group of equal rows.</summary>
    public int Copies { get; private set; }

    /// <summary>Deals all rows.</summary>
    /// <param name="labels">Labels of every row; missing rows are dropped.</param>
    /// <param name="hashes">Equal for equal rows, the target included.</param>
    /// <param name="known">Rows that must not be tested, or null.</param>
    /// <param name="request">Shares and seed.</param>
    /// <param name="dropped">What a dropped row is assigned.</param>
    /// <param name="assignment">0 train, 1 validation, 2 test, or dropped, per row.</param>
    public static LabelDraw Assign(LabelSets labels, ulong[] hashes, bool[]? known, SplitRequest request, byte dropped, out byte[] assignment)
    {
        var draw = new LabelDraw(labels, hashes, known);
        draw.Deal(request, dropped);
        assignment = draw._assignment;
        return draw;
    }

    private void Deal(SplitRequest request, byte dropped)
    {
        for (var row = 0; row < _assignment.Length; row++) _assignment[row] = dropped;
        var total = _labels.Missing.Count(missing => !missing);
        _lacks[Test] = request.TestTable is null ? Allocation.Ceiling(request.Test, total) : 0;
        _lacks[Validation] = request.ValidationTable is null ? Allocation.Ceiling(request.Validation, total - (int)_lacks[Test]) : 0;
        _lacks[Train] = total - _lacks[Test] - _lacks[Validation];
        var left = new int[_labels.Labels.Count];
        for (var k = 0; k < left.Length; k++)
        {
            left[k] = _labels.Count(k);
            for (var part = Train; part <= Test; part++) _lacksOf[k, part] = left[k] * _lacks[part] / Math.Max(1, total);
        }
        var order = Enumerable.Range(0, _groups.Count).ToArray();
        new Philox(request.Seed, "split:labels").Shuffle(order);
        while (Rarest(left) is var label && label >= 0)
        {
            foreach (var i in order)
            {
                var first = _groups[i];
                if (_assignment[first] == dropped && Has(first, label)) Give(first, label, left);
            }
            left[label] = 0;
        }
        foreach (var i in order)
        {
            if (_assignment[_groups[i]] == dropped) Give(_groups[i], -1, left);
        }
    }

    private static int Rarest(int[] left)
    {
        var rarest = -1;
        for (var k = 0; k < left.Length; k++)
        {
            if (left[k] > 0 && (rarest < 0 || left[k] < left[rarest])) rarest = k;
        }
        return rarest;
    }

    private void Give(int first, int label, int[] left)
    {
        var (size, isKnown) = (0, false);
        for (var row = first; row >= 0; row = _next[row]) (size, isKnown) = (size + 1, isKnown || _known?[row] == true);
        var best = Train;
        for (var part = Validation; part <= Test; part++)
        {
            if (_lacks[part] < size || (part == Test && isKnown)) continue;
            var (lack, most) = label < 0 ? (0, 0) : (_lacksOf[label, part], _lacksOf[label, best]);
            if (lack > most || (lack == most && _lacks[part] > _lacks[best])) best = part;
        }
        for (var row = first; row >= 0; row = _next[row]) _assignment[row] = (byte)best;
        _lacks[best] -= size;
        for (var k = 0; k < left.Length; k++)
        {
            if (!Has(first, k)) continue;
            left[k] -= size;
            _lacksOf[k, best] -= size;
        }
    }

    private bool Has(int row, int k) => _labels.Values[row * _labels.Labels.Count + k] != 0;
}
