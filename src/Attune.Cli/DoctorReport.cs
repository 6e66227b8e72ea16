using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Attune.Engines.Torch;

namespace Attune.Cli;

/// <summary>A native library that commands rely on: its version when it loads, else the reason.</summary>
public sealed record DoctorLibrary(bool Loads, string? Version, string? Reason);

/// <summary>The machine as .NET sees it.</summary>
/// <param name="Cores">Processors that this process may use (container limits counted).</param>
/// <param name="MemoryMiB">Memory that this process may use.</param>
/// <param name="VectorBits">Widest SIMD register that .NET uses: 512, 256, 128 or 0.</param>
/// <param name="Features">Instruction sets that the kernels care about.</param>
public sealed record DoctorMachine(string OperatingSystem, string Architecture, string DotNet, int Cores, long MemoryMiB, int VectorBits, IReadOnlyList<string> Features);

/// <summary>A folder and whether files can be written there.</summary>
public sealed record DoctorFolder(string Path, bool Writable, string? Reason);

/// <summary>Everything that <c>attune doctor</c> says.</summary>
public sealed record DoctorReport(
    string Attune, DoctorMachine Machine, DoctorLibrary DuckDb, DoctorLibrary OnnxRuntime, TorchStatus Libtorch, DoctorFolder Cache, DoctorFolder WorkingFolder)
{
    /// <summary>Whether every command on tables can run. libtorch is not among them: its absence is told, not counted.</summary>
    public bool Healthy => DuckDb.Loads && OnnxRuntime.Loads && WorkingFolder.Writable;

    /// <summary>The report as JSON, camelCase, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, DoctorJson.Default.DoctorReport);

    /// <summary>The report as aligned lines for people.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        Line("Attune", Attune);
        Line("system", $"{Machine.OperatingSystem}, {Machine.Architecture}, {Machine.DotNet}");
        Line("processor", string.Create(CultureInfo.InvariantCulture, $"{Machine.Cores} cores, vectors of {Machine.VectorBits} bits ({string.Join(", ", Machine.Features)})"));
        Line("memory", string.Create(CultureInfo.InvariantCulture, $"{Machine.MemoryMiB / 1024.0:0.0} GiB"));
        Line("tables", Library("DuckDB", DuckDb));
        Line("ONNX check", Library("ONNX Runtime", OnnxRuntime));
        Line("libtorch", Libtorch.Load switch
        {
            TorchLoad.System => $"{Libtorch.Version}, loads as it is{Devices()}",
            TorchLoad.PatchedCopy => $"{Libtorch.Version}, loads through a patched copy: {Libtorch.Reason}{Devices()}",
            _ => $"not available: {Libtorch.Reason} Tables do not need it.",
        });
        Line("cache", Folder(Cache));
        Line("working folder", Folder(WorkingFolder));
        text.Append(Healthy ? "Everything that tables need is here." : "Something that tables need is missing: see above.");
        return text.ToString();

        void Line(string name, string value) => text.Append(name.PadRight(16)).AppendLine(value);
        string Devices() => string.Create(CultureInfo.InvariantCulture, $" ({Libtorch.Threads} threads, {(Libtorch.Cuda ? "CUDA" : "no CUDA")})");
        static string Library(string name, DoctorLibrary library) => library.Loads ? $"{name} {library.Version}" : $"{name} does not load: {library.Reason}";
        static string Folder(DoctorFolder folder) => folder.Writable ? $"{folder.Path} (writable)" : $"{folder.Path} (not writable: {folder.Reason})";
    }
}

/// <summary>Serializer of the report, made at compile time: reflection would cost start-up.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(DoctorReport))]
internal sealed partial class DoctorJson : JsonSerializerContext;
