using System.Globalization;
using System.Runtime.CompilerServices;
using Attune.Tests.Golden;
using Attune.Tests.NodeTests;

namespace Attune.Tests;

/// <summary>Entry point: <c>golden FOLDER</c> runs golden cases, <c>node-tests FOLDER</c> ONNX's node tests, anything else the tests.</summary>
internal static class Program
{
    // Turkish culture, in which "i".ToUpper() is not "I" and 1,5 is a number: a culture-blind parse fails at home.
    [ModuleInitializer]
    internal static void SetCulture()
    {
        var culture = CultureInfo.GetCultureInfo("tr-TR");
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = culture;
        CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("en");
    }

    private static Task<int> Main(string[] args) => args switch
    {
        ["golden", var folder] => Task.FromResult(GoldenProgram.Run(folder, Console.Out, Console.Error, GoldenCatalog.All)),
        ["node-tests", var folder] => Task.FromResult(NodeTestProgram.Run(folder, Console.Out, Console.Error)),
        _ when args.Any(a => a.StartsWith("--", StringComparison.Ordinal)) =>
            Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
        _ => Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
    };
}
