using Attune.Encoding;

namespace Attune.Options;

/// <summary>One option of an options record: where it stands, what it holds, how it is read and replaced.</summary>
/// <param name="Path">Kebab-case path, sections first.</param>
/// <param name="Type">The property's type; nullable where it may be left open.</param>
/// <param name="Get">Reads it.</param>
/// <param name="Set">A copy of the record with another value.</param>
internal sealed record OptionEntry<T>(string Path, Type Type, Func<T, object?> Get, Func<T, object?, T> Set);

/// <summary>
/// Every option, in tree order: the only place that ties a path to a property. Written out, because JSON metadata for so many value types would be compiled at every
/// start of the tool (about 70 ms of a run that takes 700). A test demands a line for every property.
/// </summary>
internal static class OptionCatalog
{
    /// <summary>Options of a run. The map <c>encoding.columns</c> holds <see cref="Column"/> options by column name.</summary>
    public static readonly OptionEntry<RunOptions>[] Run =
    [
        new("out", typeof(string), o => o.Out, (o, v) => o with { Out = (string?)v }),
        new("data.path", typeof(string), o => o.Data.Path, (o, v) => o with { Data = o.Data with { Path = (string?)v } }),
        new("data.test", typeof(string), o => o.Data.Test, (o, v) => o with { Data = o.Data with { Test = (string?)v } }),
        new("data.validation", typeof(string), o => o.Data.Validation, (o, v) => o with { Data = o.Data with { Validation = (string?)v } }),
        new("data.target", typeof(string), o => o.Data.Target, (o, v) => o with { Data = o.Data with { Target = (string?)v } }),
        new("data.task", typeof(string), o => o.Data.Task, (o, v) => o with { Data = o.Data with { Task = (string)v! } }),
        new("data.label-separator", typeof(string), o => o.Data.LabelSeparator, (o, v) => o with { Data = o.Data with { LabelSeparator = (string?)v } }),
        new("data.positive", typeof(string), o => o.Data.Positive, (o, v) => o with { Data = o.Data with { Positive = (string?)v } }),
        new("data.missing", typeof(IReadOnlyList<string>), o => o.Data.Missing, (o, v) => o with { Data = o.Data with { Missing = (IReadOnlyList<string>)v! } }),
        new("data.columns", typeof(IReadOnlyDictionary<string, string>), o => o.Data.Columns, (o, v) => o with { Data = o.Data with { Columns = (IReadOnlyDictionary<string, string>)v! } }),
        new("data.exclude", typeof(IReadOnlyList<string>), o => o.Data.Exclude, (o, v) => o with { Data = o.Data with { Exclude = (IReadOnlyList<string>)v! } }),
        new("split.test", typeof(double), o => o.Split.Test, (o, v) => o with { Split = o.Split with { Test = (double)v! } }),
        new("split.validation", typeof(double), o => o.Split.Validation, (o, v) => o with { Split = o.Split with { Validation = (double)v! } }),
        new("encoding.numeric", typeof(NumericScaling), o => o.Encoding.Numeric, (o, v) => o with { Encoding = o.Encoding with { Numeric = (NumericScaling)v! } }),
        new("encoding.divisor", typeof(double), o => o.Encoding.Divisor, (o, v) => o with { Encoding = o.Encoding with { Divisor = (double)v! } }),
        new("encoding.range-low", typeof(double), o => o.Encoding.RangeLow, (o, v) => o with { Encoding = o.Encoding with { RangeLow = (double)v! } }),
        new("encoding.range-high", typeof(double), o => o.Encoding.RangeHigh, (o, v) => o with { Encoding = o.Encoding with { RangeHigh = (double)v! } }),
        new("encoding.clip-to-range", typeof(bool), o => o.Encoding.ClipToRange, (o, v) => o with { Encoding = o.Encoding with { ClipToRange = (bool)v! } }),
        new("encoding.clip", typeof(double), o => o.Encoding.Clip, (o, v) => o with { Encoding = o.Encoding with { Clip = (double)v! } }),
        new("encoding.smooth-clip", typeof(double), o => o.Encoding.SmoothClip, (o, v) => o with { Encoding = o.Encoding with { SmoothClip = (double)v! } }),
        new("encoding.impute", typeof(ImputeStrategy), o => o.Encoding.Impute, (o, v) => o with { Encoding = o.Encoding with { Impute = (ImputeStrategy)v! } }),
        new("encoding.fill-value", typeof(double), o => o.Encoding.FillValue, (o, v) => o with { Encoding = o.Encoding with { FillValue = (double)v! } }),
        new("encoding.missing-flags", typeof(MissingFlags), o => o.Encoding.MissingFlags, (o, v) => o with { Encoding = o.Encoding with { MissingFlags = (MissingFlags)v! } }),
        new("encoding.categorical", typeof(CategoryEncoding), o => o.Encoding.Categorical, (o, v) => o with { Encoding = o.Encoding with { Categorical = (CategoryEncoding)v! } }),
        new("encoding.max-one-hot", typeof(int), o => o.Encoding.MaxOneHot, (o, v) => o with { Encoding = o.Encoding with { MaxOneHot = (int)v! } }),
        new("encoding.min-frequency", typeof(int), o => o.Encoding.MinFrequency, (o, v) => o with { Encoding = o.Encoding with { MinFrequency = (int)v! } }),
        new("encoding.max-categories", typeof(int), o => o.Encoding.MaxCategories, (o, v) => o with { Encoding = o.Encoding with { MaxCategories = (int)v! } }),
        new("encoding.embedding-width", typeof(int), o => o.Encoding.EmbeddingWidth, (o, v) => o with { Encoding = o.Encoding with { EmbeddingWidth = (int)v! } }),
        new("model.path", typeof(string), o => o.Model.Path, (o, v) => o with { Model = o.Model with { Path = (string?)v } }),
        new("model.head-at", typeof(string), o => o.Model.HeadAt, (o, v) => o with { Model = o.Model with { HeadAt = (string?)v } }),
        new("model.name", typeof(string), o => o.Model.Name, (o, v) => o with { Model = o.Model with { Name = (string)v! } }),
        new("model.hidden-sizes", typeof(IReadOnlyList<int>), o => o.Model.HiddenSizes, (o, v) => o with { Model = o.Model with { HiddenSizes = (IReadOnlyList<int>?)v } }),
        new("model.activation", typeof(string), o => o.Model.Activation, (o, v) => o with { Model = o.Model with { Activation = (string)v! } }),
        new("model.normalization", typeof(string), o => o.Model.Normalization, (o, v) => o with { Model = o.Model with { Normalization = (string?)v } }),
        new("model.dropout", typeof(double?), o => o.Model.Dropout, (o, v) => o with { Model = o.Model with { Dropout = (double?)v } }),
        new("model.residual", typeof(bool), o => o.Model.Residual, (o, v) => o with { Model = o.Model with { Residual = (bool)v! } }),
        new("method.name", typeof(string), o => o.Method.Name, (o, v) => o with { Method = o.Method with { Name = (string)v! } }),
        new("method.blocks", typeof(int), o => o.Method.Blocks, (o, v) => o with { Method = o.Method with { Blocks = (int)v! } }),
        new("method.train", typeof(IReadOnlyList<string>), o => o.Method.Train, (o, v) => o with { Method = o.Method with { Train = (IReadOnlyList<string>)v! } }),
        new("method.freeze", typeof(IReadOnlyList<string>), o => o.Method.Freeze, (o, v) => o with { Method = o.Method with { Freeze = (IReadOnlyList<string>)v! } }),
        new("method.freeze-layers", typeof(int), o => o.Method.FreezeLayers, (o, v) => o with { Method = o.Method with { FreezeLayers = (int)v! } }),
        new("method.layer-rate-decay", typeof(double), o => o.Method.LayerRateDecay, (o, v) => o with { Method = o.Method with { LayerRateDecay = (double)v! } }),
        new("method.unfreeze-every", typeof(int), o => o.Method.UnfreezeEvery, (o, v) => o with { Method = o.Method with { UnfreezeEvery = (int)v! } }),
        new("method.rank", typeof(int), o => o.Method.Rank, (o, v) => o with { Method = o.Method with { Rank = (int)v! } }),
        new("method.alpha", typeof(double?), o => o.Method.Alpha, (o, v) => o with { Method = o.Method with { Alpha = (double?)v } }),
        new("method.rank-stabilized", typeof(bool), o => o.Method.RankStabilized, (o, v) => o with { Method = o.Method with { RankStabilized = (bool)v! } }),
        new("method.dropout", typeof(double), o => o.Method.Dropout, (o, v) => o with { Method = o.Method with { Dropout = (double)v! } }),
        new("method.target", typeof(IReadOnlyList<string>), o => o.Method.Target, (o, v) => o with { Method = o.Method with { Target = (IReadOnlyList<string>)v! } }),
        new("objective.loss", typeof(string), o => o.Objective.Loss, (o, v) => o with { Objective = o.Objective with { Loss = (string?)v } }),
        new("objective.label-smoothing", typeof(double), o => o.Objective.LabelSmoothing, (o, v) => o with { Objective = o.Objective with { LabelSmoothing = (double)v! } }),
        new("objective.class-weights", typeof(string), o => o.Objective.ClassWeights, (o, v) => o with { Objective = o.Objective with { ClassWeights = (string)v! } }),
        new("objective.delta", typeof(double?), o => o.Objective.Delta, (o, v) => o with { Objective = o.Objective with { Delta = (double?)v } }),
        new("objective.l2-sp", typeof(double), o => o.Objective.L2Sp, (o, v) => o with { Objective = o.Objective with { L2Sp = (double)v! } }),
        new("training.epochs", typeof(int?), o => o.Training.Epochs, (o, v) => o with { Training = o.Training with { Epochs = (int?)v } }),
        new("training.batch-size", typeof(int?), o => o.Training.BatchSize, (o, v) => o with { Training = o.Training with { BatchSize = (int?)v } }),
        new("training.micro-batch-size", typeof(int?), o => o.Training.MicroBatchSize, (o, v) => o with { Training = o.Training with { MicroBatchSize = (int?)v } }),
        new("training.learning-rate", typeof(double?), o => o.Training.LearningRate, (o, v) => o with { Training = o.Training with { LearningRate = (double?)v } }),
        new("training.optimizer", typeof(string), o => o.Training.Optimizer, (o, v) => o with { Training = o.Training with { Optimizer = (string)v! } }),
        new("training.weight-decay", typeof(double), o => o.Training.WeightDecay, (o, v) => o with { Training = o.Training with { WeightDecay = (double)v! } }),
        new("training.momentum", typeof(double?), o => o.Training.Momentum, (o, v) => o with { Training = o.Training with { Momentum = (double?)v } }),
        new("training.nesterov", typeof(bool?), o => o.Training.Nesterov, (o, v) => o with { Training = o.Training with { Nesterov = (bool?)v } }),
        new("training.beta1", typeof(double?), o => o.Training.Beta1, (o, v) => o with { Training = o.Training with { Beta1 = (double?)v } }),
        new("training.beta2", typeof(double?), o => o.Training.Beta2, (o, v) => o with { Training = o.Training with { Beta2 = (double?)v } }),
        new("training.epsilon", typeof(double?), o => o.Training.Epsilon, (o, v) => o with { Training = o.Training with { Epsilon = (double?)v } }),
        new("training.schedule", typeof(string), o => o.Training.Schedule, (o, v) => o with { Training = o.Training with { Schedule = (string)v! } }),
        new("training.warmup-ratio", typeof(double), o => o.Training.WarmupRatio, (o, v) => o with { Training = o.Training with { WarmupRatio = (double)v! } }),
        new("training.max-gradient-norm", typeof(double), o => o.Training.MaxGradientNorm, (o, v) => o with { Training = o.Training with { MaxGradientNorm = (double)v! } }),
        new("training.patience", typeof(int?), o => o.Training.Patience, (o, v) => o with { Training = o.Training with { Patience = (int?)v } }),
        new("training.ema-decay", typeof(double), o => o.Training.EmaDecay, (o, v) => o with { Training = o.Training with { EmaDecay = (double)v! } }),
        new("training.seed", typeof(long), o => o.Training.Seed, (o, v) => o with { Training = o.Training with { Seed = (long)v! } }),
        new("training.threads", typeof(int), o => o.Training.Threads, (o, v) => o with { Training = o.Training with { Threads = (int)v! } }),
        new("training.checkpoint-seconds", typeof(double), o => o.Training.CheckpointSeconds, (o, v) => o with { Training = o.Training with { CheckpointSeconds = (double)v! } }),
        new("evaluation.metric", typeof(string), o => o.Evaluation.Metric, (o, v) => o with { Evaluation = o.Evaluation with { Metric = (string?)v } }),
        new("evaluation.resamples", typeof(int?), o => o.Evaluation.Resamples, (o, v) => o with { Evaluation = o.Evaluation with { Resamples = (int?)v } }),
    ];

    /// <summary>Options of one column, below <c>encoding.columns.NAME</c>.</summary>
    public static readonly OptionEntry<ColumnEncodingOptions>[] Column =
    [
        new("numeric", typeof(NumericScaling?), o => o.Numeric, (o, v) => o with { Numeric = (NumericScaling?)v }),
        new("divisor", typeof(double?), o => o.Divisor, (o, v) => o with { Divisor = (double?)v }),
        new("range-low", typeof(double?), o => o.RangeLow, (o, v) => o with { RangeLow = (double?)v }),
        new("range-high", typeof(double?), o => o.RangeHigh, (o, v) => o with { RangeHigh = (double?)v }),
        new("clip-to-range", typeof(bool?), o => o.ClipToRange, (o, v) => o with { ClipToRange = (bool?)v }),
        new("clip", typeof(double?), o => o.Clip, (o, v) => o with { Clip = (double?)v }),
        new("smooth-clip", typeof(double?), o => o.SmoothClip, (o, v) => o with { SmoothClip = (double?)v }),
        new("impute", typeof(ImputeStrategy?), o => o.Impute, (o, v) => o with { Impute = (ImputeStrategy?)v }),
        new("fill-value", typeof(double?), o => o.FillValue, (o, v) => o with { FillValue = (double?)v }),
        new("missing-flags", typeof(MissingFlags?), o => o.MissingFlags, (o, v) => o with { MissingFlags = (MissingFlags?)v }),
        new("categorical", typeof(CategoryEncoding?), o => o.Categorical, (o, v) => o with { Categorical = (CategoryEncoding?)v }),
        new("max-one-hot", typeof(int?), o => o.MaxOneHot, (o, v) => o with { MaxOneHot = (int?)v }),
        new("min-frequency", typeof(int?), o => o.MinFrequency, (o, v) => o with { MinFrequency = (int?)v }),
        new("max-categories", typeof(int?), o => o.MaxCategories, (o, v) => o with { MaxCategories = (int?)v }),
        new("embedding-width", typeof(int?), o => o.EmbeddingWidth, (o, v) => o with { EmbeddingWidth = (int?)v }),
    ];
}
