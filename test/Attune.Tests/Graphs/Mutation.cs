using CsCheck;

namespace Attune.Tests.Graphs;

/// <summary>Damage to a file: some bytes changed, a piece repeated or cut out, the end cut off. Places are shares of the length.</summary>
public sealed record Mutation((double Place, byte Value)[] Changes, double Cut, (double From, double Length, bool Repeat) Piece)
{
    public static Gen<Mutation> Gen { get; } = CsCheck.Gen.Select(
        CsCheck.Gen.Select(CsCheck.Gen.Double[0, 0.999999], CsCheck.Gen.Frequency((3, CsCheck.Gen.Byte), (1, CsCheck.Gen.Int[0, 4].Select(i => (byte)(i switch { 0 => 0, 1 => 1, 2 => 0x7F, 3 => 0x80, _ => 0xFF }))))).Array[0, 6],
        CsCheck.Gen.Frequency((3, CsCheck.Gen.Const(1.0)), (1, CsCheck.Gen.Double[0, 1])),
        CsCheck.Gen.Select(CsCheck.Gen.Double[0, 0.999999], CsCheck.Gen.Frequency((3, CsCheck.Gen.Const(0.0)), (1, CsCheck.Gen.Double[0, 0.2])), CsCheck.Gen.Bool),
        (changes, cut, piece) => new Mutation(changes, cut, piece));

    public byte[] Apply(byte[] source)
    {
        var bytes = source.ToList();
        foreach (var (place, value) in Changes) bytes[(int)(place * bytes.Count)] = value;
        var from = (int)(Piece.From * bytes.Count);
        var length = Math.Min(bytes.Count - from, (int)(Piece.Length * bytes.Count));
        if (Piece.Repeat) bytes.InsertRange(from, bytes.GetRange(from, length));
        else bytes.RemoveRange(from, length);
        return [.. bytes.Take((int)(Cut * bytes.Count))];
    }
}
