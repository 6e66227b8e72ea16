using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Security.Cryptography;
using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>
/// Brings libtorch into the process. Nothing else in Attune loads it, so whatever does not need it starts without it.
/// </summary>
/// <remarks>
/// libtorch is looked for, in this order: in the folder that the environment variable <c>ATTUNE_LIBTORCH</c> names, beside the application, in
/// <c>runtimes/&lt;platform&gt;/native</c> below it, and in the folder that <c>libtorch.txt</c> beside the application names (a build writes that file
/// instead of copying 500 MB). TorchSharp's own native library asks for <c>GLIBCXX_3.4.32</c> because of one symbol,
/// <c>std::ios_base_library_init()</c>, which initialises standard streams that an older C++ library initialises by itself. On such systems
/// (Debian 12, Ubuntu 22.04, RHEL 9) a copy in the user's cache is patched, see <see cref="ElfPatch"/>, and loaded when ordinary probing has failed.
/// </remarks>
public static class TorchRuntime
{
    private const string MissingVersion = "GLIBCXX_3.4.32";
    private const string MissingSymbol = "_ZSt21ios_base_library_initv";
    private const string HarmlessSymbol = "_ZN3c108GradMode10is_enabledEv";   // c10::GradMode::is_enabled(): no arguments, no effect
    private const string FolderVariable = "ATTUNE_LIBTORCH";

    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, nint> Handles = [];
    private static TorchStatus? _status;

    /// <summary>Loads libtorch once per process and says how; never throws for a library that is missing or refuses to load.</summary>
    public static TorchStatus Load()
    {
        lock (Gate) return _status ??= TryLoad();
    }

    /// <summary>Folder for files that Attune can make again: <c>$XDG_CACHE_HOME/attune</c>, <c>~/.cache/attune</c>, or the local application data on Windows and macOS.</summary>
    public static string CacheFolder
    {
        get
        {
            if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathRooted(cache)) return Path.Combine(cache, "attune");
            if (!OperatingSystem.IsLinux()) return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "attune", "cache");
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            return Path.Combine(home.Length > 0 ? home : Path.GetTempPath(), ".cache", "attune");
        }
    }

    /// <summary>Address of an exported function of a loaded library, 0 where it has none.</summary>
    internal static nint Symbol(string library, string name) => Handles.TryGetValue(library, out var handle) && NativeLibrary.TryGetExport(handle, name, out var address) ? address : 0;

    private static TorchStatus TryLoad()
    {
        string? folder = null;
        try
        {
            folder = FindFolder();
            if (folder is null)
                return NotAvailable(null, $"libtorch was not found. A build beside the sources, or a publish with -p:IncludeLibtorch=true, brings it; else set {FolderVariable} to the folder that holds {FileName("torch_cpu")}.");

            NativeAllocator.Begin();
            NativeThreads.SleepWhenIdle();
            foreach (var name in (string[])["c10", "torch_cpu", "torch"])
            {
                var path = Path.Combine(folder, FileName(name));
                if (File.Exists(path)) Handles[name] = NativeLibrary.Load(path);
            }

            var wrapper = FindWrapper(folder);
            if (wrapper is null) return NotAvailable(folder, $"TorchSharp's native library {FileName("LibTorchSharp")} is not beside the application.");

            string? reason = null;
            var load = TorchLoad.System;
            try
            {
                Handles["LibTorchSharp"] = NativeLibrary.Load(wrapper);
            }
            catch (DllNotFoundException e) when (OperatingSystem.IsLinux() && e.Message.Contains(MissingVersion, StringComparison.Ordinal))
            {
                Handles["LibTorchSharp"] = NativeLibrary.Load(PatchedCopy(wrapper, CacheFolder));
                load = TorchLoad.PatchedCopy;
                reason = $"The system's C++ library has no {MissingVersion}.";
            }

            AssemblyLoadContext.Default.ResolvingUnmanagedDll += Resolve;
            return new TorchStatus(load, torch.__version__, folder, reason, torch.get_num_threads(), torch.cuda.is_available());
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or DataFormatException or IOException
            or UnauthorizedAccessException or TypeInitializationException or NotSupportedException or EntryPointNotFoundException)
        {
            return NotAvailable(folder, (e.InnerException ?? e).Message.ReplaceLineEndings(" "));
        }
    }

    private static TorchStatus NotAvailable(string? folder, string reason) => new(TorchLoad.NotAvailable, null, folder, reason, 0, false);

    /// <summary>Answers TorchSharp's imports after the ordinary probing failed.</summary>
    private static nint Resolve(Assembly assembly, string library)
    {
        var name = Path.GetFileName(library);
        foreach (var extension in (string[])[".so", ".dll", ".dylib"]) name = name.EndsWith(extension, StringComparison.OrdinalIgnoreCase) ? name[..^extension.Length] : name;
        if (!OperatingSystem.IsWindows() && !Handles.ContainsKey(name) && name.StartsWith("lib", StringComparison.Ordinal)) name = name[3..];
        return Handles.GetValueOrDefault(name);
    }

    private static string? FindFolder()
    {
        var home = AppContext.BaseDirectory;
        var named = Path.Combine(home, "libtorch.txt");
        string?[] candidates =
        [
            Environment.GetEnvironmentVariable(FolderVariable),
            home,
            RuntimeFolder(home),
            File.Exists(named) ? File.ReadAllText(named).Trim() : null,
        ];
        return candidates.FirstOrDefault(f => !string.IsNullOrEmpty(f) && File.Exists(Path.Combine(f, FileName("torch_cpu"))));
    }

    private static string? FindWrapper(string folder) =>
        ((string[])[AppContext.BaseDirectory, RuntimeFolder(AppContext.BaseDirectory), folder])
            .Select(f => Path.Combine(f, FileName("LibTorchSharp")))
            .FirstOrDefault(File.Exists);

    private static string RuntimeFolder(string home) => Path.Combine(home, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");

    private static string FileName(string library) =>
        OperatingSystem.IsWindows() ? library + ".dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";

    /// <summary>
    /// The patched copy of a library, made when it is not there. Its folder is named after the SHA-256 of the source and its bytes are compared
    /// before use, so another source, a damaged copy and another user's copy are never loaded.
    /// </summary>
    internal static string PatchedCopy(string source, string cache)
    {
        var bytes = File.ReadAllBytes(source);
        var patched = ElfPatch.Redirect(bytes, source, MissingVersion, MissingSymbol, HarmlessSymbol);
        var folder = Path.Combine(cache, "torchsharp-" + Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]);
        var target = Path.Combine(folder, Path.GetFileName(source));
        if (File.Exists(target) && File.ReadAllBytes(target).AsSpan().SequenceEqual(patched)) return target;

        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, Path.GetRandomFileName());
        try
        {
            File.WriteAllBytes(temporary, patched);
            File.Move(temporary, target, overwrite: true);   // atomic: a process that starts meanwhile sees the whole file or none
        }
        finally
        {
            File.Delete(temporary);
        }

        return target;
    }
}
