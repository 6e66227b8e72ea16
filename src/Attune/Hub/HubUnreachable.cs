namespace Attune.Hub;

/// <summary>A request that may well succeed when it is repeated: a broken connection, 429, 5xx.</summary>
internal sealed class HubUnreachable(string message, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>How long the server asks to wait; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
