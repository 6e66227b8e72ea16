using Attune.Encoding;

namespace Attune.Models.Vision;

/// <summary>One image network that can be named.</summary>
/// <param name="Name">Upstream's name.</param>
/// <param name="Description">One line.</param>
/// <param name="Shape">Its sizes with 1,000 classes and upstream's dropout.</param>
/// <param name="Preprocessing">Upstream's defaults for its current weights.</param>
public sealed record VisionEntry(string Name, string Description, VisionShape Shape, ImagePreprocessing Preprocessing);
