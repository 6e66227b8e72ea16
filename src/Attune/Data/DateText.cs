namespace Attune.Data;

/// <summary>
/// Reads ISO 8601 dates from UTF-8: yyyy-MM-dd (or with '/'), optionally 'T' or a blank and HH:mm, HH:mm:ss or HH:mm:ss.fff…,
/// optionally Z or ±HH:mm. Without a zone the time is taken as UTC. Orders that differ between countries (03/04/2024) are not guessed.
/// </summary>
internal static class DateText
{
    /// <summary>Unix milliseconds of an ISO date.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long milliseconds)
    {
        text = NumberText.Trim(text);
        milliseconds = 0;
        if (text.Length < 10 || text[4] is not ((byte)'-' or (byte)'/') || text[7] != text[4]) return false;
        if (!Digits(text[..4], out var year) || !Digits(text[5..7], out var month) || !Digits(text[8..10], out var day)) return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)) return false;
        long time = 0;
        if (text.Length > 10 && !TryTime(text[10..], out time)) return false;
        milliseconds = new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc).Subtract(DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond + time;
        return true;
    }

    /// <summary>True for three numbers between '/', '.' or '-' that are not ISO, such as 03/04/2024.</summary>
    public static bool LooksLikeDate(ReadOnlySpan<byte> text)
    {
        text = NumberText.Trim(text);
        if (text.Length is < 6 or > 10) return false;
        int separators = 0;
        byte separator = 0;
        foreach (var c in text)
        {
            if (c is (byte)'/' or (byte)'.' or (byte)'-')
            {
                if (separators++ > 0 && c != separator) return false;
                separator = c;
            }
            else if (!char.IsAsciiDigit((char)c)) return false;
        }
        return separators == 2;
    }

    private static bool TryTime(ReadOnlySpan<byte> text, out long milliseconds)
    {
        milliseconds = 0;
        if (text.Length < 6 || text[0] is not ((byte)'T' or (byte)' ') || text[3] != ':') return false;
        if (!Digits(text[1..3], out var hour) || !Digits(text[4..6], out var minute) || hour > 23 || minute > 59) return false;
        int second = 0, at = 6;
        long fraction = 0;
        if (text.Length > at && text[at] == ':')
        {
            if (text.Length < 9 || !Digits(text[7..9], out second) || second > 59) return false;
            at = 9;
            if (text.Length > at && text[at] == '.')
            {
                var digits = 0;
                for (at++; at < text.Length && char.IsAsciiDigit((char)text[at]); at++, digits++) if (digits < 3) fraction = fraction * 10 + (text[at] - '0');
                if (digits == 0) return false;
                for (; digits < 3; digits++) fraction *= 10;
            }
        }
        if (!TryZone(text[at..], out var offset)) return false;
        milliseconds = ((hour * 60L + minute - offset) * 60 + second) * 1000 + fraction;
        return true;
    }

    private static bool TryZone(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text.IsEmpty || (text.Length == 1 && text[0] is (byte)'Z' or (byte)'z')) return true;
        if (text[0] is not ((byte)'+' or (byte)'-')) return false;
        var (hours, rest) = (0, 0);
        var ok = text.Length switch
        {
            3 => Digits(text[1..3], out hours),
            5 => Digits(text[1..3], out hours) && Digits(text[3..5], out rest),
            6 => text[3] == ':' && Digits(text[1..3], out hours) && Digits(text[4..6], out rest),
            _ => false,
        };
        minutes = (hours * 60 + rest) * (text[0] == '-' ? -1 : 1);
        return ok && hours <= 18 && rest <= 59;
    }

    private static bool Digits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit((char)c)) return false;
            value = value * 10 + (c - '0');
        }
        return true;
    }
}
