using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>x·min(max(x/6 + 1/2, 0), 1) (Howard et al. 2019, arXiv:1905.02244).</summary>
internal sealed class HardSwish() : UnaryOperator("HardSwish", x => torch.nn.functional.hardswish(x));
