// Searches sentences with a tuned embedding model: a line of the file each, a query a line from the standard input.
//   ./attune tune --model ./minilm --data pairs.csv --task embedding --out runs/search
//   echo "where is my parcel" | dotnet run -c Release --project samples/SentenceSearch -- runs/search sentences.txt
using System.Globalization;
using Attune.Prediction;

if (args is not [var model, var file])
{
    Console.Error.WriteLine("usage: SentenceSearch RUN SENTENCES.txt < queries.txt");
    return 2;
}

using var embedder = SentenceEmbedder.Load(model);   // an IEmbeddingGenerator<string, Embedding<float>>
string[] sentences = [.. File.ReadLines(file).Where(line => line.Length > 0)];
var vectors = await embedder.GenerateAsync(sentences);
while (Console.ReadLine() is { } query)
{
    var asked = (await embedder.GenerateAsync([query]))[0].Vector;
    var best = sentences.Select((sentence, i) => (Sentence: sentence, Cosine: Cosine(asked.Span, vectors[i].Vector.Span))).OrderByDescending(s => s.Cosine).Take(3);
    foreach (var (sentence, cosine) in best) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{cosine:F3}  {sentence}"));
    Console.WriteLine();
}
return 0;

static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
{
    double ab = 0, aa = 0, bb = 0;
    for (var i = 0; i < a.Length; i++) (ab, aa, bb) = (ab + (double)a[i] * b[i], aa + (double)a[i] * a[i], bb + (double)b[i] * b[i]);
    return aa == 0 || bb == 0 ? 0 : ab / Math.Sqrt(aa * bb);
}
