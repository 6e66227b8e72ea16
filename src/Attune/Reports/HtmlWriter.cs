using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Attune.Reports;

/// <summary>Collects HTML. Whatever stands in a hole of <see cref="Add"/> is escaped, so that text from data cannot become markup.</summary>
internal sealed class HtmlWriter
{
    private readonly StringBuilder _text = new(160 * 1024);

    /// <summary>Appends markup whose holes are data.</summary>
    public HtmlWriter Add([InterpolatedStringHandlerArgument("")] ref Markup markup) => this;

    /// <summary>Appends text that is markup already.</summary>
    public HtmlWriter Raw(string markup)
    {
        _text.Append(markup);
        return this;
    }

    /// <summary>Appends text with the five special characters escaped and control characters replaced, fit for content and quoted attributes.</summary>
    public void Escape(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            switch (c)
            {
                case '<': _text.Append("&lt;"); break;
                case '>': _text.Append("&gt;"); break;
                case '&': _text.Append("&amp;"); break;
                case '"': _text.Append("&quot;"); break;
                case '\'': _text.Append("&#39;"); break;
                case < ' ' and not '\n' and not '\t': _text.Append('\uFFFD'); break;
                default: _text.Append(c); break;
            }
        }
    }

    /// <summary>Appends a coordinate with at most one decimal.</summary>
    public void Coordinate(double value) => _text.Append(CultureInfo.InvariantCulture, $"{Math.Round(value, 1) + 0.0}");

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    /// <summary>Sends literal parts through as they are and holes through <see cref="Escape"/>; numbers are coordinates.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Markup
    {
        private readonly HtmlWriter _html;

        /// <summary>Writes to <paramref name="html"/>.</summary>
        public Markup(int literalLength, int formattedCount, HtmlWriter html) => _html = html;

        /// <summary>Markup.</summary>
        public void AppendLiteral(string markup) => _html.Raw(markup);

        /// <summary>Data.</summary>
        public void AppendFormatted(string? text) => _html.Escape(text);

        /// <summary>A whole number.</summary>
        public void AppendFormatted(long number) => _html._text.Append(CultureInfo.InvariantCulture, $"{number}");

        /// <summary>A coordinate.</summary>
        public void AppendFormatted(double coordinate) => _html.Coordinate(coordinate);
    }
}
