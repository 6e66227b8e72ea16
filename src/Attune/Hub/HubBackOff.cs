using System.Globalization;

namespace Attune.Hub;

/// <summary>Repeats what may succeed the next time: after 1, 2, 4 and 8 s, or when the server says; gives up after five attempts in a row that brought nothing.</summary>
/// <param name="time">The clock that waits.</param>
/// <param name="note">Told of every wait; null for nobody.</param>
internal sealed class HubBackOff(TimeProvider time, Action<string>? note)
{
    private const int Attempts = 5;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>Runs <paramref name="attempt"/> until it does not throw <see cref="HubUnreachable"/>.</summary>
    /// <param name="attempt">The request.</param>
    /// <param name="advanced">Whether the attempt that failed brought something, so that counting starts again; null never.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="IOException">The last attempt failed as well.</exception>
    public T Run<T>(Func<T> attempt, Func<bool>? advanced, CancellationToken stop)
    {
        for (var failures = 1; ; failures++)
        {
            stop.ThrowIfCancellationRequested();
            try { return attempt(); }
            catch (HubUnreachable e)
            {
                if (advanced?.Invoke() == true) failures = 1;
                var wait = e.RetryAfter ?? TimeSpan.FromSeconds(1 << (failures - 1));
                if (failures >= Attempts || wait > Longest)
                    throw new IOException($"{e.Message} {(wait > Longest ? "The server asks to wait longer than five minutes." : $"{Attempts} attempts failed.")} What is here is kept: run the command again later. Check the network, HTTPS_PROXY and HF_ENDPOINT.", e);
                note?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{e.Message} Trying again in {wait.TotalSeconds:0.#} s ({failures} of {Attempts - 1})."));
                Wait(wait, stop);
            }
        }
    }

    private void Wait(TimeSpan wait, CancellationToken stop)
    {
        using var done = new ManualResetEventSlim();
        using var timer = time.CreateTimer(_ => done.Set(), null, wait, Timeout.InfiniteTimeSpan);
        done.Wait(stop);
    }
}
