// A tuned text classifier in an ML.NET pipeline: a custom mapping with Attune's tokenizer, then the exported ONNX file. A text a line in, its class out.
//   ./attune export --model runs/reviews --format onnx --out reviews.onnx
//   dotnet run -c Release --project samples/MlNetTexts -- reviews.onnx 128 < texts.txt
using System.Globalization;
using Attune.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using MlNetTexts;

if (args is not [var file, var longest] || !int.TryParse(longest, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
{
    Console.Error.WriteLine("usage: MlNetTexts MODEL.onnx TOKENS < texts.txt");
    return 2;
}

var tokenizer = Tokenizer.Load(Path.ChangeExtension(file, ".tokenizer.json"));
string[] inputs;
using (var session = new InferenceSession(file)) inputs = [.. session.InputMetadata.Keys];

// ML.NET wants the size of every vector before it runs: texts are cut and padded to one length.
var schema = SchemaDefinition.Create(typeof(TokenRow));
foreach (var column in schema) column.ColumnType = new VectorDataViewType(NumberDataViewType.Int64, length);
var padding = new EncodeOptions { MaxLength = length, Padding = PaddingStrategy.Fixed, PadToLength = length };
void Tokenize(TextRow row, TokenRow tokens)
{
    var encoded = tokenizer.Pad([tokenizer.Encode(row.Text, null, padding)], padding)[0];
    tokens.Ids = Array.ConvertAll(encoded.Ids, id => (long)id);
    tokens.Mask = Array.ConvertAll(encoded.AttentionMask, m => (long)m);
    tokens.Types = Array.ConvertAll(encoded.TypeIds, t => (long)t);
}

var context = new MLContext();
var pipeline = context.Transforms.CustomMapping<TextRow, TokenRow>(Tokenize, contractName: null, outputSchemaDefinition: schema)
    .Append(context.Transforms.ApplyOnnxModel(["label", "probabilities"], inputs, file, inputs.ToDictionary(name => name, _ => new[] { 1, length }), recursionLimit: 100));
var texts = new List<TextRow>();
while (Console.ReadLine() is { } line) texts.Add(new TextRow { Text = line });
var rows = context.Data.LoadFromEnumerable(texts);
foreach (var answer in context.Data.CreateEnumerable<AnswerRow>(pipeline.Fit(rows).Transform(rows), reuseRowObject: false))
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{answer.Label[0]} {answer.Probabilities.Max():F3}"));
return 0;
