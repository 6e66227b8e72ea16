namespace MlNetTexts;

/// <summary>A row as it comes in.</summary>
internal sealed class TextRow
{
    /// <summary>The text.</summary>
    public string Text { get; set; } = "";
}
