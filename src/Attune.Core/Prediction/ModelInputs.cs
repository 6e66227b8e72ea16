using Attune.Data;
using Attune.Encoding;

namespace Attune.Prediction;

/// <summary>What a model reads, and how that becomes the numbers of its graph inputs: <see cref="TableInputs"/>, <see cref="TextInputs"/> or <see cref="ImageInputs"/>.</summary>
public abstract record ModelInputs;

/// <summary>Columns of a table.</summary>
/// <param name="Encoder">From cells to the graph's inputs.</param>
/// <param name="Columns">The columns that the encoder reads, with their kinds.</param>
public sealed record TableInputs(TableEncoder Encoder, IReadOnlyList<ColumnSchema> Columns) : ModelInputs;

/// <summary>One picture a row.</summary>
/// <param name="Preprocessing">From a decoded picture to the graph's only input [B, C, H, W].</param>
public sealed record ImageInputs(ImagePreprocessing Preprocessing) : ModelInputs;
