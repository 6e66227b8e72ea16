namespace Attune.Graphs.Operators;

/// <summary>Groups of element types that operators accept.</summary>
public enum ElementKind
{
    /// <summary>Every type.</summary>
    Any,

    /// <summary>Integers and reals.</summary>
    Numeric,

    /// <summary>Reals.</summary>
    Floating,

    /// <summary>Integers of every width, signed and unsigned.</summary>
    Integer,

    /// <summary>int32 and int64.</summary>
    Index,

    /// <summary>Truth values.</summary>
    Boolean,
}
