using Attune.Engines;
using Attune.Options;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>What the options say about how a network is compiled, whatever trains.</summary>
internal static class CompileSettings
{
    /// <summary>Precision, device, checkpointing and mixing.</summary>
    public static CompileOptions Of(RunOptions options) => new()
    {
        Seed = (ulong)options.Training.Seed,
        Precision = options.Training.Precision == "bf16" ? Precision.BFloat16 : Precision.Float32,
        Device = options.Training.Device,
        GradientCheckpointing = options.Training.GradientCheckpointing,
        Mixup = options.Augmentation.Mixup,
        Cutmix = options.Augmentation.Cutmix,
        NeftuneAlpha = options.Objective.NeftuneAlpha,
    };

    /// <summary>How the frozen prefix is kept; null where it is not, as for masks that are drawn anew in each epoch.</summary>
    public static PrefixCacheOptions? Prefix(RunOptions options, LearningTask task) => options.Training.PrefixCache == "off" || task is MaskedLanguageModel ? null : new PrefixCacheOptions
    {
        Precision = options.Training.PrefixCache == "bf16" ? Precision.BFloat16 : Precision.Float32,
        MemoryBytes = (long)options.Training.PrefixMemory << 20,
        DiskBytes = (long)options.Training.PrefixDisk << 20,
        Views = options.Training.PrefixViews,
    };
}
