namespace Attune.Engines.Dense;

/// <summary>
/// Persistent workers that run one function side by side: they spin for a moment after each job and then park. The caller is worker 0.
/// </summary>
internal sealed class DenseTeam : IDisposable
{
    // Long enough to bridge the gap between forward/backward and update of a step, short enough to leave the core to others.
    private const int Spins = 2000;

    private readonly SemaphoreSlim[] _wake;
    private readonly int[] _parked;
    private Action<int> _work = _ => { };
    private Exception? _failure;
    private int _active, _generation, _pending, _arrived, _phase;
    private bool _stop;

    public DenseTeam(int threads)
    {
        Size = threads;
        _wake = new SemaphoreSlim[threads];
        _parked = new int[threads];
        for (var i = 1; i < threads; i++)
        {
            _wake[i] = new SemaphoreSlim(0);
            var worker = i;
            new Thread(() => Loop(worker)) { IsBackground = true, Name = $"attune-dense-{worker}" }.Start();
        }
    }

    /// <summary>Workers, the caller included.</summary>
    public int Size { get; }

    /// <summary>Runs <paramref name="work"/> as workers 0 to <paramref name="active"/> - 1 and returns when all are done; throws what the first failing one threw.</summary>
    public void Run(Action<int> work, int active)
    {
        if (active <= 1)
        {
            _active = 1;
            work(0);
            return;
        }
        (_work, _active, _failure, _arrived) = (work, active, null, 0);
        Volatile.Write(ref _pending, Size - 1);
        Interlocked.Increment(ref _generation);
        for (var i = 1; i < Size; i++)
        {
            if (Interlocked.Exchange(ref _parked[i], 0) == 1) _wake[i].Release();
        }
        Execute(0);
        var spinner = new SpinWait();
        while (Volatile.Read(ref _pending) != 0) spinner.SpinOnce(sleep1Threshold: -1);
        if (_failure is { } failure) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Waits until every active worker has come here.</summary>
    public void Barrier()
    {
        if (_active <= 1) return;
        var phase = Volatile.Read(ref _phase);
        if (Interlocked.Increment(ref _arrived) == _active)
        {
            _arrived = 0;
            Volatile.Write(ref _phase, phase + 1);
            return;
        }
        var spinner = new SpinWait();
        while (Volatile.Read(ref _phase) == phase)
        {
            if (Volatile.Read(ref _failure) is not null) throw new OperationCanceledException("Another worker failed.");
            spinner.SpinOnce(sleep1Threshold: -1);
        }
    }

    public void Dispose()
    {
        Volatile.Write(ref _stop, true);
        for (var i = 1; i < Size; i++) _wake[i].Release();
    }

    private void Execute(int worker)
    {
        if (worker >= _active) return;
        try { _work(worker); }
        catch (Exception e) { Interlocked.CompareExchange(ref _failure, e, null); }
    }

    private void Loop(int worker)
    {
        var seen = 0;
        while (true)
        {
            var spins = 0;
            while (Volatile.Read(ref _generation) == seen)
            {
                if (Volatile.Read(ref _stop)) return;
                if (++spins < Spins)
                {
                    Thread.SpinWait(8);
                    continue;
                }
                Interlocked.Exchange(ref _parked[worker], 1);
                if (Volatile.Read(ref _generation) != seen && Interlocked.Exchange(ref _parked[worker], 0) == 1) break;
                _wake[worker].Wait();
            }
            seen++;
            Execute(worker);
            Interlocked.Decrement(ref _pending);
        }
    }
}
