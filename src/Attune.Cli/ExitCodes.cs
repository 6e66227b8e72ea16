namespace Attune.Cli;

/// <summary>What the process returns.</summary>
internal static class ExitCodes
{
    public const int Good = 0;
    public const int Failed = 1;
    public const int BadOptionsOrData = 2;
    public const int GateNotMet = 3;
    public const int Interrupted = 130;
}
