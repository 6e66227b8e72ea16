using System.Buffers.Binary;
using Attune.Engines.Torch;
using TorchSharp;

namespace Attune.Tests.Engines.Torch;

public class TorchRuntimeTests
{
    private const string Version = "GLIBCXX_3.4.32";
    private const string Symbol = "_ZSt21ios_base_library_initv";
    private const string Replacement = "_ZN3c108GradMode10is_enabledEv";

    private static string Wrapper => Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");

    [Fact]
    public void Libtorch_loads_and_computes()
    {
        var status = TorchRuntime.Load();
        Assert.SkipWhen(status.Folder is null, status.Reason ?? "no libtorch for this platform");
        Assert.True(status.Load != TorchLoad.NotAvailable, status.Reason);
        Assert.StartsWith("2.", status.Version, StringComparison.Ordinal);
        Assert.True(status.Threads >= 1);
        using var scope = torch.NewDisposeScope();
        Assert.Equal(2f, (torch.tensor(1f) + torch.tensor(1f)).item<float>());
        Assert.Same(status, TorchRuntime.Load());
    }

    [Fact]
    public void Idle_threads_sleep_unless_the_user_says_otherwise()
    {
        Assert.SkipWhen(!OperatingSystem.IsLinux() || TorchRuntime.Load().Load == TorchLoad.NotAvailable, "only with libtorch on Linux");
        Assert.SkipWhen(Environment.GetEnvironmentVariable("GOMP_SPINCOUNT") is not null, "the user decides");
        // The process's own environment, which libgomp reads; .NET keeps a copy.
        var native = System.Runtime.InteropServices.Marshal.PtrToStringUTF8(GetVariable("OMP_WAIT_POLICY\0"u8.ToArray()));
        Assert.Equal(Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") ?? "PASSIVE", native);
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "getenv")]
    private static extern nint GetVariable(byte[] name);

    [Fact]
    public void Errors_of_libtorch_arrive_as_exceptions()
    {
        var status = TorchRuntime.Load();
        Assert.SkipWhen(status.Load == TorchLoad.NotAvailable, status.Reason ?? "");
        using var scope = torch.NewDisposeScope();
        // Not matmul: TorchSharp 0.107 catches nothing there, and mis-shaped operands end the process.
        var error = Record.Exception(() => torch.zeros(2).reshape(3));
        Assert.IsAssignableFrom<System.Runtime.InteropServices.ExternalException>(error);
    }

    [Fact]
    public void Patching_changes_six_bytes_and_a_flag_and_no_more()
    {
        Assert.SkipUnless(File.Exists(Wrapper), "no TorchSharp library for Linux here");
        var before = File.ReadAllBytes(Wrapper);
        var after = Patch(before);
        Assert.Equal(before.Length, after.Length);
        Assert.InRange(before.Zip(after).Count(p => p.First != p.Second), 2, 7);
        Assert.Throws<DataFormatException>(() => Patch(after));   // nothing is bound to the version any more
    }

    [Fact]
    public void A_damaged_copy_in_the_cache_is_replaced()
    {
        Assert.SkipUnless(File.Exists(Wrapper), "no TorchSharp library for Linux here");
        var cache = Directory.CreateTempSubdirectory("attune-test-").FullName;
        try
        {
            var copy = TorchRuntime.PatchedCopy(Wrapper, cache);
            var good = File.ReadAllBytes(copy);
            File.WriteAllText(copy, "damaged");
            Assert.Equal(copy, TorchRuntime.PatchedCopy(Wrapper, cache));
            Assert.Equal(good, File.ReadAllBytes(copy));
            Assert.Single(Directory.GetFiles(Path.GetDirectoryName(copy)!));
        }
        finally
        {
            Directory.Delete(cache, recursive: true);
        }
    }

    [Fact]
    public void Truncated_and_hostile_files_are_refused()
    {
        Assert.SkipUnless(File.Exists(Wrapper), "no TorchSharp library for Linux here");
        var good = File.ReadAllBytes(Wrapper);
        Refused([]);
        Refused("\u007fELF"u8.ToArray());
        for (var length = 1; length < good.Length; length = length * 3 + 1) Refused(good[..length]);
        Refused(Changed(good, 4, 1));                                              // 32 bits
        Refused(Changed(good, 5, 2));                                              // big endian
        foreach (var at in (int[])[40, 41, 44, 47]) Refused(Changed(good, at, 0xff));   // section table elsewhere
        Refused(Changed(good, 58, 8));                                             // other header size
        Refused(Changed(good, 60, 1));                                             // too few sections

        var random = new Random(7);
        var table = (int)BinaryPrimitives.ReadInt64LittleEndian(good.AsSpan(40));
        for (var i = 0; i < 300; i++)
        {
            var bytes = (byte[])good.Clone();
            for (var k = 0; k < 4; k++) bytes[random.Next(2) == 0 ? table + random.Next(31 * 64) : 0x3f8f0 + random.Next(0x210)] = (byte)random.Next(256);
            if (Record.Exception(() => Patch(bytes)) is { } error) Assert.IsType<DataFormatException>(error);
        }

        static void Refused(byte[] bytes) => Assert.Throws<DataFormatException>(() => Patch(bytes));
        static byte[] Changed(byte[] bytes, int at, byte value)
        {
            var copy = (byte[])bytes.Clone();
            copy[at] = value;
            return copy;
        }
    }

    private static byte[] Patch(byte[] bytes) => ElfPatch.Redirect(bytes, "lib.so", Version, Symbol, Replacement);
}
