using System.CommandLine;
using System.Text.Json.Nodes;
using Attune.Hub;
using Attune.Reports;

namespace Attune.Cli.Commands;

/// <summary><c>attune pull</c>: a model from the Hugging Face hub into the cache that Python shares.</summary>
internal static class PullCommand
{
    private static readonly Argument<string> Repository = new("repository") { Description = "org/name on the hub, or org/name@revision" };
    private static readonly Option<string?> Revision = new("--revision") { Description = "Branch, tag or commit (default main)" };
    private static readonly Option<bool> Onnx = new("--onnx") { Description = "Also take model.onnx" };
    private static readonly Option<bool> AllowPickle = new("--allow-pickle") { Description = "Take pytorch_model.bin where there are no safetensors; Attune reads only tensors from it" };
    private static readonly Option<string?> LocalDir = new("--local-dir") { Description = "Copy the files into this plain folder, too" };
    private static readonly Option<bool> Force = new("--force") { Description = "Replace files in --local-dir that differ" };

    public static Command Create()
    {
        var command = new Command("pull", "Download a model from the Hugging Face hub (HF_ENDPOINT, HF_TOKEN, HF_HOME and HF_HUB_OFFLINE count)") { Repository, Revision, Onnx, AllowPickle, LocalDir, Force };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        var (local, force) = (parse.GetValue(LocalDir), parse.GetValue(Force));
        if (force && local is null) throw new OptionsException("--force: belongs to --local-dir; in the cache every revision has a folder of its own.");
        using var stop = new StopSignal();
        var line = TransferLine.For(parse);
        var options = new HubPullOptions
        {
            Revision = parse.GetValue(Revision),
            Onnx = parse.GetValue(Onnx),
            AllowPickle = parse.GetValue(AllowPickle),
            LocalFolder = local,
            Overwrite = force,
            Progress = line is null ? null : line.Show,
            Note = note =>
            {
                line?.Clear();
                Console.Error.WriteLine("note: " + note);
            },
        };
        HubPull pull;
        try { pull = new HubClient(HubSettings.FromEnvironment()).Pull(parse.GetValue(Repository)!, options, stop.Token); }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            line?.Clear();
            Console.Error.WriteLine("Interrupted. What is here is kept; the same command continues it.");
            return ExitCodes.Interrupted;
        }
        line?.Clear();
        if (parse.GetValue(CommonOptions.Json)) Console.Out.WriteLine(ToJson(pull).ToJsonString(CliJson.Indented));
        else if (parse.GetValue(CommonOptions.Quiet)) Console.Out.WriteLine(pull.Folder);
        else Print(pull, local);
        return ExitCodes.Good;
    }

    private static void Print(HubPull pull, string? local)
    {
        var (snapshot, use) = (pull.Snapshot, local ?? pull.Snapshot.Repository + (pull.Snapshot.Revision == HubReference.DefaultRevision ? "" : "@" + pull.Snapshot.Revision));
        Console.Out.WriteLine($"model     {snapshot.Repository} at {snapshot.Revision}{(snapshot.Revision == snapshot.Commit ? "" : $" (commit {snapshot.Commit})")}");
        Console.Out.WriteLine($"files     {pull.Files.Count}, {Figures.Bytes(pull.Bytes)}, of which {(pull.Received == 0 ? "nothing had to be downloaded" : Figures.Bytes(pull.Received) + " downloaded")}");
        if (pull.LeftOut.Count > 0)
            Console.Out.WriteLine("left out  " + string.Join("; ", pull.LeftOut.GroupBy(f => f.Reason).Select(g => $"{NearestName.Preview(g.Select(f => f.Name))} ({g.Key})")));
        Console.Out.WriteLine($"folder    {pull.Folder}");
        Console.Out.WriteLine($"use       ./attune tune --model {use} --data …");
    }

    private static JsonObject ToJson(HubPull pull) => new()
    {
        ["repository"] = pull.Snapshot.Repository,
        ["revision"] = pull.Snapshot.Revision,
        ["commit"] = pull.Snapshot.Commit,
        ["folder"] = pull.Folder,
        ["bytes"] = pull.Bytes,
        ["received"] = pull.Received,
        ["files"] = new JsonArray([.. pull.Files.Select(f => (JsonNode)new JsonObject { ["name"] = f.Name, ["bytes"] = f.Bytes, ["received"] = f.Received })]),
        ["leftOut"] = new JsonArray([.. pull.LeftOut.Select(f => (JsonNode)new JsonObject { ["name"] = f.Name, ["reason"] = f.Reason })]),
    };
}
