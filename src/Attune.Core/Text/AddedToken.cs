namespace Attune.Text;

/// <summary>A token that is looked for in the text before the model sees it.</summary>
/// <param name="Content">The text of the token.</param>
/// <param name="Id">Its id.</param>
/// <param name="SingleWord">Found only where no word character stands next to it.</param>
/// <param name="LeftStrip">Takes the white space before it.</param>
/// <param name="RightStrip">Takes the white space after it.</param>
/// <param name="Normalized">Looked for, normalised itself, in the normalised text; else in the text as given.</param>
/// <param name="Special">Left out by decoding on request.</param>
public sealed record AddedToken(string Content, int Id, bool SingleWord = false, bool LeftStrip = false, bool RightStrip = false, bool Normalized = false, bool Special = true);
