namespace Attune.Methods;

/// <summary>
/// Few-shot classification (Tunstall et al. 2022, arXiv:2209.11055): the whole encoder first learns from pairs of training texts, whose vectors are to point the same way where the classes
/// are the same and to stand at a right angle where they are not; then a new head alone learns the classes from the vectors.
/// </summary>
internal sealed class SetFit : TuningMethod
{
    public const string MethodName = "setfit";

    public override string Name => MethodName;

    public override string Description => "The encoder learns from pairs of training texts of the same and of different classes, then the head alone from its vectors (few-shot classification).";

    public override bool LearnsPairsFirst => true;

    public override MethodSelection Select(MethodContext context) => new(context.Structure.Graph, context.HeadAndFresh);
}
