namespace Attune.Data;

internal static class DuckDbTable
{
    public static Table Read(string path, TableFormat format, TableReadOptions options) => throw new NotSupportedException($"{path} {format} {options}");
}
