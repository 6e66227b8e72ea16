namespace Attune.Optimizers;

/// <summary>Settings of the optimizers; null takes the rule's default, and each rule refuses those it does not use. Rate and decay are training options.</summary>
public sealed record OptimizerOptions
{
    /// <summary>Decay β₁ of the gradient's average, [0, 1). Adam's default 0.9 (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1).</summary>
    public double? Beta1 { get; init; }

    /// <summary>Decay β₂ of the squared gradient's average, [0, 1). Adam's default 0.999 (the same); rmsprop's 0.99; of Adan the gradient's change, 0.92.</summary>
    public double? Beta2 { get; init; }

    /// <summary>Decay β₃ of Adan's squares, [0, 1). Default 0.99.</summary>
    public double? Beta3 { get; init; }

    /// <summary>Term ε in the denominator, &gt; 0. Adam's default 1e-8 (the same).</summary>
    public double? Epsilon { get; init; }

    /// <summary>Momentum μ of SGD and RMSprop, [0, 1). Default 0 (torch).</summary>
    public double? Momentum { get; init; }

    /// <summary>Nesterov's form of momentum; needs momentum. Default false (torch).</summary>
    public bool? Nesterov { get; init; }

    /// <summary>Adam and AdamW divide by the largest second moment so far. Default false (torch).</summary>
    public bool? Amsgrad { get; init; }

    /// <summary>RMSprop divides by the gradient's deviation. Default false (torch).</summary>
    public bool? Centered { get; init; }

    /// <summary>Adafactor multiplies the rate by each weight's root mean square. Default false.</summary>
    public bool? ScaleByWeight { get; init; }
}
