using Attune.Training;

namespace Attune.ClassicRecipe;

/// <summary>One line per epoch.</summary>
internal sealed class EpochLines : Callback
{
    public override void Epoch(EpochReport report)
        => Console.WriteLine($"epoch {report.Epoch + 1,2}: loss {report.TrainLoss:0.0000}, validation log_loss {report.Metric:0.0000}");
}
