using Attune.Randomness;

namespace Attune.Splitting;

/// <summary>
/// Deals whole groups of rows to training, validation and test so that each part comes near to its share of the rows and of every class: each group, in random order, goes to the part whose relative squared lack of its strata
/// shrinks most (as scikit-learn's StratifiedGroupKFold does for folds). Groups that are large beside the smallest part are dealt first.
/// </summary>
/// <param name="strata">Strata of each row (a class, a tenth of the target, or several labels); empty for rows that are left out.</param>
/// <param name="strataCount">Number of strata.</param>
/// <param name="groups">Group of each row; equal rows are joined.</param>
/// <param name="known">Rows that must not be tested, or null.</param>
/// <param name="request">Shares and seed.</param>
internal sealed class GroupDraw(IReadOnlyList<int>[] strata, int strataCount, int[] groups, bool[]? known, SplitRequest request)
{
    private const int Test = 2;

    private readonly double[,] _want = new double[3, strataCount + 1];
    private readonly double[,] _have = new double[3, strataCount + 1];

    /// <summary>0 train, 1 validation, 2 test, or <paramref name="dropped"/>, per row.</summary>
    public byte[] Assign(bool[] isDropped, byte dropped)
    {
        var assignment = new byte[groups.Length];
        Array.Fill(assignment, dropped);
        int[] kept = [.. Enumerable.Range(0, groups.Length).Where(row => !isDropped[row])];
        var total = new double[strataCount + 1];
        foreach (var row in kept) Count(row, (s, n) => total[s] += n);
        var (test, validation) = (request.TestTable is null ? request.Test : 0, request.ValidationTable is null ? request.Validation : 0);
        double[] shares = [(1 - test) * (1 - validation), (1 - test) * validation, test];
        for (var part = 0; part < 3; part++)
        {
            for (var s = 0; s <= strataCount; s++) _want[part, s] = shares[part] * total[s];
        }
        int[][] members = [.. kept.GroupBy(row => groups[row]).OrderBy(g => g.First()).Select(g => g.ToArray())];
        int[] order = [.. Enumerable.Range(0, members.Length)];
        new Philox(request.Seed, "split:groups").Shuffle(order);
        var large = shares.Where(s => s > 0).Min() * kept.Length / 2;
        foreach (var i in order.OrderByDescending(i => members[i].Length > large ? members[i].Length : 0))
        {
            var part = Best(members[i], shares);
            foreach (var row in members[i])
            {
                assignment[row] = (byte)part;
                Count(row, (s, n) => _have[part, s] += n);
            }
        }
        return assignment;
    }

    // Stratum 0 counts rows; a class counts as much as all rows together.
    private void Count(int row, Action<int, double> add)
    {
        add(0, 1);
        foreach (var s in strata[row]) add(s + 1, 1);
    }

    private int Best(int[] rows, double[] shares)
    {
        var own = new Dictionary<int, double>();
        foreach (var row in rows) Count(row, (s, n) => own[s] = own.GetValueOrDefault(s) + n);
        var isKnown = known is not null && rows.Any(row => known[row]);
        var (best, least) = (0, double.PositiveInfinity);
        for (var part = 0; part < 3; part++)
        {
            if (shares[part] <= 0 || (part == Test && isKnown)) continue;
            var cost = own.Sum(c => c.Value * (c.Value + 2 * (_have[part, c.Key] - _want[part, c.Key])) / _want[part, c.Key]);
            if (cost < least) (best, least) = (part, cost);
        }
        return best;
    }
}
