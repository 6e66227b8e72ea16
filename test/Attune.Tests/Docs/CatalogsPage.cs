using System.Text;
using Attune.Engines.Dense;
using Attune.Graphs.Operators;
using Attune.Losses;
using Attune.Methods;
using Attune.Metrics;
using Attune.Models;
using Attune.Models.Vision;
using Attune.Optimizers;
using Attune.Schedules;

namespace Attune.Tests.Docs;

/// <summary>docs/catalogs.md from the catalogs.</summary>
internal static class CatalogsPage
{
    public static string Create()
    {
        var page = new StringBuilder("# Catalogs\n\nEverything that can be named, as `attune list KIND` prints it. Written by `docs/generate.sh` from the code; do not edit.\n");
        page.Append("\n## Image networks\n\nBuilt with fresh weights by name, or recognised in a checkpoint of torchvision, timm or Hugging Face.\n\n| name | meaning | input |\n|---|---|---|\n");
        foreach (var entry in VisionCatalog.All) page.Append("| `").Append(entry.Name).Append("` | ").Append(entry.Description).Append(" | ").Append(entry.Preprocessing.Height).Append('²').Append(" |\n");
        Section(page, "Losses", "objective.loss", LossCatalog.All);
        Section(page, "Methods", "method.name", MethodCatalog.All.Select(m => (m.Name, m.Description)));
        Section(page, "Metrics", "evaluation.metric", MetricCatalog.All.Select(m => (m.Name, $"{m.Description} {(m.HigherIsBetter ? "Higher" : "Lower")} is better. Tasks: {m.Tasks.ToString().ToLowerInvariant()}.")));
        Section(page, "Models", "model.name", ModelCatalog.All);
        Section(page, "Optimizers", "training.optimizer", OptimizerCatalog.All);
        Section(page, "Schedules", "training.schedule", ScheduleCatalog.All);
        var trained = OperatorCatalog.All.Where(o => o.Domain.Length == 0 && DenseCompiler.Operators.Contains(o.Name)).Select(o => $"`{o.Name}`");
        var others = OperatorCatalog.All.Where(o => o.Domain.Length > 0 || !DenseCompiler.Operators.Contains(o.Name)).Select(o => $"`{(o.Domain.Length == 0 ? o.Name : $"{o.Domain}.{o.Name}")}`");
        page.Append("\n## Operators\n\nTrained by the dense engine, some with conditions: ").AppendJoin(", ", trained)
            .Append(".\n\nRead, checked and written in ONNX files, not trained yet: ").AppendJoin(", ", others).Append(".\n");
        return page.ToString();
    }

    private static void Section(StringBuilder page, string title, string option, IEnumerable<(string Name, string Description)> entries)
    {
        page.Append("\n## ").Append(title).Append("\n\nOption `").Append(option).Append("`.\n\n| name | meaning |\n|---|---|\n");
        foreach (var (name, description) in entries) page.Append("| `").Append(name).Append("` | ").Append(description.Replace("|", "\\|", StringComparison.Ordinal)).Append(" |\n");
    }
}
