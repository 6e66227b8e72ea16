namespace Attune.Prediction;

/// <summary>How pictures for a saved model are read.</summary>
public sealed record PictureReading
{
    /// <summary>Column of a list that holds the paths; null takes the one that the model was tuned with where the list has it, else the one called path, file, filename, image or the like.</summary>
    public string? PathColumn { get; init; }

    /// <summary>Largest share of pictures that may be unreadable, in [0, 1]. Default 0.5: predictions go on without damaged files, but a folder that is mostly damaged is a mistake.</summary>
    public double MaxUnreadable { get; init; } = 0.5;
}
