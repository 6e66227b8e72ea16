using System.Text.Json;
using System.Text.Json.Serialization;

namespace Attune.Evaluation;

/// <summary>A closed interval; JSON <c>[low, high]</c>.</summary>
/// <param name="Low">Lower end, finite.</param>
/// <param name="High">Upper end, finite.</param>
[JsonConverter(typeof(IntervalConverter))]
public readonly record struct Interval(double Low, double High)
{
    /// <summary>Whether <paramref name="value"/> lies inside or on an end.</summary>
    public bool Contains(double value) => Low <= value && value <= High;
}

internal sealed class IntervalConverter : JsonConverter<Interval>
{
    public override Interval Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray || !reader.Read()) throw new JsonException("An interval is an array of two numbers.");
        var low = reader.GetDouble();
        reader.Read();
        var high = reader.GetDouble();
        return reader.Read() && reader.TokenType == JsonTokenType.EndArray ? new(low, high) : throw new JsonException("An interval has two numbers.");
    }

    public override void Write(Utf8JsonWriter writer, Interval value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(value.Low);
        writer.WriteNumberValue(value.High);
        writer.WriteEndArray();
    }
}
