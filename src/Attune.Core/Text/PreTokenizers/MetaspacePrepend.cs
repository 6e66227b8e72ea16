namespace Attune.Text.PreTokenizers;

/// <summary>Where ▁ is put before a piece.</summary>
internal enum MetaspacePrepend
{
    Always,
    First,
    Never,
}
