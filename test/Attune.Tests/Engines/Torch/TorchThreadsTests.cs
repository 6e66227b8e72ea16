using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Randomness;
using Attune.Weights;

namespace Attune.Tests.Engines.Torch;

public sealed class TorchThreadsTests
{
    private const int Width = 1 << 18;

    // A sum over one long row is divided among threads, so its bits tell how many there were.
    [Fact]
    public void Models_with_different_numbers_of_threads_keep_their_bits_in_one_process()
    {
        var one = Elsewhere(() => Sum(1));
        var two = Elsewhere(() => Sum(2));
        Assert.NotEqual(one, two);
        Assert.Equal(one, Sum(1));

        // One after the other, on a thread that compiled both, and on new threads that compiled neither.
        using var single = Compile(1);
        using var twin = Compile(2);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(one, Predict(single));
            Assert.Equal(two, Predict(twin));
            Assert.Equal(two, Elsewhere(() => Predict(twin)));
            Assert.Equal(one, Elsewhere(() => Predict(single)));
        }

        // Side by side.
        using var stop = new CancellationTokenSource();
        var token = stop.Token;
        var same = true;
        var others = new Thread(() =>
        {
            using var model = Compile(1);
            while (!token.IsCancellationRequested) same &= Predict(model) == one;
        });
        others.Start();
        for (var i = 0; i < 50; i++) Assert.Equal(two, i % 2 == 0 ? Predict(twin) : Elsewhere(() => Sum(2)));
        stop.Cancel();
        others.Join();
        Assert.True(same);
    }

    private static float Elsewhere(Func<float> work)
    {
        var result = 0f;
        var thread = new Thread(() => result = work());
        thread.Start();
        thread.Join();
        return result;
    }

    private static float Sum(int threads)
    {
        using var model = Compile(threads);
        return Predict(model);
    }

    private static float Predict(TorchModel model)
    {
        var outputs = new float[1];
        model.Predict(Row, [0], outputs);
        return outputs[0];
    }

    private static readonly EncodedSet Row = new(1, [new FloatInput("x", Width, [.. Enumerable.Range(0, Width).Select(i => (float)new Philox(5, "row").Normal((ulong)i))])], null);

    private static TorchModel Compile(int threads)
    {
        var g = new GraphBuilder("sum");
        var x = g.Input("x", DataType.Float, new Shape("B", Width));
        g.Weight("scale", Tensor.Of([1.5f], 1));
        g.Output(g.Node("ReduceSum", [g.Node("Mul", [x, new("scale")]), g.Constant("axes", Tensor.Of([1L], 1))], Attributes.Of(("keepdims", 1L))), "y", DataType.Float, new Shape("B", 1));
        return TorchCompiler.Compile(g.Build(), new CompileOptions { Threads = threads });
    }
}
