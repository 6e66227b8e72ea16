namespace Attune.Training;

/// <summary>What kind of network a run trains; automatic settings differ.</summary>
public enum NetworkKind
{
    /// <summary>A new network for columns of a table.</summary>
    NewForTable,

    /// <summary>An earlier or foreign network for columns of a table.</summary>
    TunedForTable,

    /// <summary>A new network for pictures.</summary>
    NewForImages,

    /// <summary>A pretrained network for pictures.</summary>
    TunedForImages,

    /// <summary>A new network for texts.</summary>
    NewForTexts,

    /// <summary>A pretrained network for texts.</summary>
    TunedForTexts,
}
