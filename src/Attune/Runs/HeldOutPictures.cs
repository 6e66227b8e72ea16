using Attune.Batching.Images;
using Attune.Prediction;

namespace Attune.Runs;

/// <summary>The test pictures of a finished run, for its report.</summary>
public sealed class HeldOutPictures : IDisposable
{
    private const int Side = 160;

    private readonly ModelRows _rows;

    private HeldOutPictures(ModelRows rows) => _rows = rows;

    /// <summary>Finds the pictures through the run's options; null when its rows are no pictures, or when they are gone or have changed.</summary>
    /// <param name="folder">The run.</param>
    public static HeldOutPictures? Of(RunFolder folder)
    {
        try
        {
            var model = ModelFolder.Load(folder.Path);
            return model.Inputs is ImageInputs ? new HeldOutPictures(HeldOutRows.Of(folder.Path, model)) : null;
        }
        catch (Exception e) when (e is DataFormatException or WeightsException) { return null; }
    }

    /// <summary>A small JPEG of a row of the test split; null when it cannot be read.</summary>
    /// <param name="row">0 to R − 1.</param>
    public byte[]? Thumbnail(int row)
    {
        if (row < 0 || row >= _rows.SourceRows.Length) return null;
        var buffer = Array.Empty<byte>();
        try
        {
            var length = _rows.Source!.Read(_rows.SourceRows[row], ref buffer);
            return ImageThumbnail.Jpeg(buffer.AsSpan(0, length), Side, name: _rows.Source.Name(_rows.SourceRows[row]));
        }
        catch (DataFormatException) { return null; }
    }

    /// <summary>Lets go of the pictures.</summary>
    public void Dispose() => _rows.Dispose();
}
