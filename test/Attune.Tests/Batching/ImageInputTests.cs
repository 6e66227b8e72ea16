using Attune.Batching;
using Attune.Data.Images;
using Attune.Encoding;
using Attune.Options;

namespace Attune.Tests.Batching;

public sealed class ImageInputTests
{
    private static readonly string[] Names = ["rgb.png", "q90_444.jpg", "rgba.png", "grey.jpg", "lossy.webp", "still.gif", "exif6.jpg", "palette.png"];
    private static readonly ImagePreprocessing Preprocessing = new() { Height = 24, Width = 20, ResizeShorterSide = 28 };

    [Theory]
    [InlineData(AugmentationRecipe.None)]
    [InlineData(AugmentationRecipe.TrivialAugment)]
    public void Rows_have_the_same_bits_whatever_the_order_threads_and_limits(AugmentationRecipe recipe)
    {
        using var source = Source();
        var augmentation = new AugmentationOptions { Recipe = recipe, Brightness = 0.2 };
        using var plain = new ImageInput("x", source, Rows(), Preprocessing, new ImageInputSettings { Augmentation = augmentation, Seed = 3, CacheBytes = 0, Threads = 1 });
        var expected = new Dictionary<(int, int), float[]>();
        for (var view = -1; view < 3; view++) for (var row = 0; row < Names.Length; row++) expected[(row, view)] = One(plain, row, view);

        foreach (var (threads, ahead, cache) in new[] { (1, 1L, 0L), (4, 1L, 1L << 20), (3, 8000L, 2000L), (2, 1L << 20, 1L << 20) })
        {
            using var input = new ImageInput("x", source, Rows(), Preprocessing, new ImageInputSettings { Augmentation = augmentation, Seed = 3, Threads = threads, AheadBytes = ahead, CacheBytes = cache });
            var random = new Random(7);
            for (var round = 0; round < 30; round++)
            {
                var view = random.Next(-1, 3);
                var rows = Enumerable.Range(0, random.Next(1, 9)).Select(_ => random.Next(Names.Length)).ToArray();   // doubles, too
                if (round % 3 != 0) input.Expect(rows, view);
                if (round % 4 == 0) input.Expect([random.Next(Names.Length)], random.Next(3, 9));   // never read
                var batch = new float[rows.Length * input.Width];
                input.Read(rows, view, batch);
                for (var i = 0; i < rows.Length; i++) Assert.Equal(expected[(rows[i], view)], batch.AsSpan(i * input.Width, input.Width).ToArray());
            }
        }
    }

    [Fact]
    public void Its_shape_is_the_networks_and_rows_may_be_a_selection()
    {
        using var source = Source();
        using var input = new ImageInput("pixels", source, [5, 2], Preprocessing);
        Assert.Equal([3L, 24, 20], input.RowShape);
        Assert.Equal((3 * 24 * 20, 2L * 3 * 24 * 20), (input.Width, input.Length));
        using var all = new ImageInput("pixels", source, Rows(), Preprocessing);
        Assert.Equal(One(all, 2, 0), One(input, 1, 0));
        Assert.Equal(One(all, 2, StreamedInput.PlainView), One(input, 1, 17));   // no augmentation: every view is the plain one
    }

    [Fact]
    public void Finished_rows_that_wait_stay_within_the_limit_and_unread_ones_make_room()
    {
        using var source = Source();
        var row = 3 * 24 * 20 * 4L;
        using var input = new ImageInput("x", source, Rows(), Preprocessing, new ImageInputSettings { Augmentation = new AugmentationOptions(), Threads = 2, AheadBytes = 3 * row });
        input.Expect([0, 1, 2, 3, 4, 5, 6, 7], 0);
        SpinWait.SpinUntil(() => input.Ahead == 3, TimeSpan.FromSeconds(20));
        Assert.Equal(3, input.Ahead);
        for (var view = 1; view < 12; view++)
        {
            var batch = new float[2 * input.Width];
            input.Read([6, 7], view, batch);
            Assert.InRange(input.Ahead, 0, 3 + 2);
        }
        input.Expect([0], 40);
        SpinWait.SpinUntil(() => input.Ahead >= 1, TimeSpan.FromSeconds(20));
        Assert.Equal(One(input, 0, 40), One(input, 0, 40));
    }

    [Fact]
    public void A_cached_picture_is_not_read_again()
    {
        using var source = new CountingSource(Source());
        using var input = new ImageInput("x", source, Rows(), Preprocessing, new ImageInputSettings { Augmentation = new AugmentationOptions { Recipe = AugmentationRecipe.None, HorizontalFlip = 0.5 }, CacheBytes = 3 * 24 * 20 * 3 });
        for (var epoch = 0; epoch < 4; epoch++) for (var row = 0; row < Names.Length; row++) One(input, row, epoch);
        Assert.Equal(3 + 4 * (Names.Length - 3), source.Reads);   // three fit
    }

    [Fact]
    public void A_broken_picture_surfaces_with_its_name_from_any_thread_and_the_others_stay_readable()
    {
        using var folder = TestFiles.Folder();
        var bad = folder.Write("broken.png", ImagesGolden.Bytes("rgb.png")[..800]);
        var good = folder.Write("good.png", ImagesGolden.Bytes("rgb.png"));
        using var source = new FileImageSource([good, bad, good], ["good.png", "broken.png", "good.png"]);
        using var input = new ImageInput("x", source, [0, 1, 2], Preprocessing, new ImageInputSettings { Threads = 2 });
        foreach (var announced in (bool[])[false, true])
        {
            if (announced) input.Expect([0, 1, 2], 0);
            var error = Assert.Throws<DataFormatException>(() => input.Read([0, 1, 2], 0, new float[3 * input.Width]));
            Assert.Contains("broken.png", error.Message, StringComparison.Ordinal);
            input.Read([0, 2], 0, new float[2 * input.Width]);
        }
        File.Delete(bad);
        Assert.Contains("broken.png", Assert.Throws<DataFormatException>(() => One(input, 1, 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_readers_at_once_get_the_same_bits()
    {
        using var source = Source();
        using var input = new ImageInput("x", source, Rows(), Preprocessing, new ImageInputSettings { Augmentation = new AugmentationOptions(), Threads = 2, AheadBytes = 30_000 });
        var expected = Enumerable.Range(0, 8).Select(row => One(input, row, 1)).ToArray();
        Parallel.For(0, 40, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            int[] rows = [i % 8, (i + 3) % 8, (i + 5) % 8];
            if (i % 2 == 0) input.Expect(rows, 1);
            var batch = new float[3 * input.Width];
            input.Read(rows, 1, batch);
            for (var k = 0; k < 3; k++) Assert.Equal(expected[rows[k]], batch.AsSpan(k * input.Width, input.Width).ToArray());
        });
    }

    [Fact]
    public void Disposing_ends_the_threads_and_may_be_done_twice()
    {
        using var source = Source();
        var input = new ImageInput("x", source, Rows(), Preprocessing, new ImageInputSettings { Threads = 2 });
        input.Expect([0, 1, 2, 3], 0);
        input.Dispose();
        input.Dispose();
        Assert.Throws<ObjectDisposedException>(() => input.Expect([0], 0));
    }

    private static int[] Rows() => [.. Enumerable.Range(0, Names.Length)];

    private static FileImageSource Source() => new([.. Names.Select(n => Path.Combine(ImagesGolden.Folder, "files", n))], Names);

    private static float[] One(ImageInput input, int row, int view)
    {
        var values = new float[input.Width];
        input.Read([row], view, values);
        return values;
    }

    private sealed class CountingSource(ImageSource inner) : ImageSource
    {
        public int Reads;

        public override int Rows => inner.Rows;

        public override string Name(int row) => inner.Name(row);

        public override int Read(int row, ref byte[] buffer)
        {
            Interlocked.Increment(ref Reads);
            return inner.Read(row, ref buffer);
        }
    }
}
