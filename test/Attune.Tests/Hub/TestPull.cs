using Attune.Hub;

namespace Attune.Tests.Hub;

/// <summary>Pulls that end with their test.</summary>
internal static class TestPull
{
    public static HubPull Get(this HubClient client, string repository, HubPullOptions? options = null) => client.Pull(repository, options, TestContext.Current.CancellationToken);
}
