using System.Diagnostics;

namespace Attune.Tests.Cli;

/// <summary>Runs the built command-line tool as its own process.</summary>
internal static class Tool
{
    /// <summary>The executable beside the tests: the project reference copies it with everything it needs.</summary>
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "attune-cli" + (OperatingSystem.IsWindows() ? ".exe" : ""));

    /// <summary>Starts the tool; the caller waits.</summary>
    public static Process Start(string folder, params string[] arguments) => Start(folder, [], arguments);

    /// <summary>Starts the tool with variables of the environment.</summary>
    public static Process Start(string folder, (string Name, string Value)[] environment, string[] arguments)
    {
        var start = new ProcessStartInfo(Path, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
            StandardErrorEncoding = System.Text.Encoding.UTF8,
        };
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Runs the tool to its end.</summary>
    public static ToolResult Run(string folder, params string[] arguments) => Finish(Start(folder, arguments));

    /// <summary>Waits for the end.</summary>
    public static ToolResult Finish(Process process)
    {
        using (process)
        {
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            var error = errors.GetAwaiter().GetResult();
            process.WaitForExit();
            return new ToolResult(process.ExitCode, output, error);
        }
    }
}

/// <summary>What a process left.</summary>
internal sealed record ToolResult(int Code, string Output, string Error)
{
    public ToolResult Expect(int code)
    {
        Assert.True(Code == code, $"exit code {Code} instead of {code}\n{Output}\n{Error}");
        return this;
    }
}
