using Attune.Encoding;

namespace Attune.Tests.Encoding;

/// <summary>Trap 31: a split's outputs are never all in memory where they are many.</summary>
public sealed class OutputPiecesTests
{
    [Fact]
    public void Rows_are_divided_by_what_their_outputs_take_and_few_outputs_stay_together()
    {
        int[] starts = [0, 3, 3, 20, 25, 26];
        var set = new EncodedSet(5, [new FloatInput("x", 1, new float[5])], Targets.Classes(new int[26]), starts);
        int[] rows = [0, 1, 2, 3, 4];
        Assert.Equal([(0, 5)], OutputPieces.Of(set, rows, 1000));
        Assert.Equal([(0, 2), (2, 1), (3, 2)], OutputPieces.Of(set, rows, 1 << 21));    // 8 outputs of 2²¹ fit; the third row has 17 and stands alone
        Assert.Equal([(0, 2), (2, 2), (4, 1)], OutputPieces.Of(set, rows, 1, mostRows: 2));
        Assert.Empty(OutputPieces.Of(set, [], 1));
    }
}
