namespace Attune.Graphs.Operators;

/// <summary>Filters [dft_length / 2 + 1, num_mel_bins]; inputs: number of bands, DFT length, sample rate, lowest and highest frequency.</summary>
internal sealed class MelWeightMatrix : Operator
{
    public override string Name => "MelWeightMatrix";

    public override int Since => 17;

    public override Arity Inputs => new(5, 5);

    public override void Infer(InferenceContext context)
    {
        for (var i = 0; i < 3; i++) context.Require(i, ElementKind.Index);
        Dimension bins = context.Integers(1) is [var length] ? length / 2 + 1 : default(Dimension);
        context.Output(0, (DataType)context.Attributes.Int("output_datatype", (long)DataType.Float), new Graphs.Shape(bins, context.Content(0) is [var bands] ? bands : default));
    }
}
