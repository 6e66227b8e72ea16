using System.Runtime.InteropServices;

namespace Attune.Cli;

/// <summary>Turns Ctrl-C and SIGTERM into a request to stop after the current step, or at once when training is done; a second Ctrl-C ends the process at once.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];

    public StopSignal()
    {
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM })
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                if (_source.IsCancellationRequested) return;
                context.Cancel = true;
                if (AtOnce)
                {
                    Console.Error.WriteLine("Interrupted after training, which is kept. Continue with: ./attune tune --resume FOLDER");
                    Environment.Exit(ExitCodes.Interrupted);
                }
                _source.Cancel();
            }));
        }
    }

    /// <summary>True when the checkpoint holds everything, so that ending here loses nothing.</summary>
    public bool AtOnce { get; set; }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _source.Dispose();
    }
}
