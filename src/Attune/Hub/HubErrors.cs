using System.Net;

namespace Attune.Hub;

/// <summary>What a refusal of the hub means, and what a user can do.</summary>
internal static class HubErrors
{
    /// <summary>The error for an answer that is no success.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="settings">Whom was asked, and as whom.</param>
    /// <param name="reference">What was asked for.</param>
    /// <param name="file">The file that was asked for; null for the repository itself.</param>
    public static Exception Of(HttpResponseMessage response, HubSettings settings, HubReference reference, string? file)
    {
        var (name, page) = (reference.Repository, $"{settings.Endpoint}/{reference.Repository}");
        var revision = reference.Revision ?? HubReference.DefaultRevision;
        return (Header(response, "X-Error-Code"), response.StatusCode) switch
        {
            ("GatedRepo", _) or (null, HttpStatusCode.Forbidden) => new OptionsException(settings.Token is null
                ? $"{name}: The repository is gated: its owner wants to know who downloads it. Open {page} in a browser, accept its terms, make a token at {settings.Endpoint}/settings/tokens, and set HF_TOKEN to it."
                : $"{name}: The repository is gated, and this token has no access to it. Open {page} with the token's account and accept its terms, wait until its owner agrees, or allow the token to read gated repositories at {settings.Endpoint}/settings/tokens."),
            ("RevisionNotFound", _) => NoRevision(),
            ("EntryNotFound", _) when file is not null => new DataFormatException(page, null, null, $"The file '{file}' is listed but is not there at revision '{revision}'. Try again, or name a commit with --revision."),
            (_, HttpStatusCode.Unauthorized) => new OptionsException(settings.Token is null
                ? $"{name}: There is no such repository on {settings.Endpoint}, or it is private. Check the name; for a private one set HF_TOKEN to a token of an account that may read it ({settings.Endpoint}/settings/tokens)."
                : $"{name}: {settings.Endpoint} does not accept the token, or there is no such repository. Check the name, and HF_TOKEN (or unset it for public models)."),
            (_, HttpStatusCode.NotFound) when file is not null => new DataFormatException(page, null, null, $"The file '{file}' is listed but is not there at revision '{revision}'. Try again, or name a commit with --revision."),
            ("RepoNotFound" or null, HttpStatusCode.NotFound) => new OptionsException($"{name}: There is no such repository on {settings.Endpoint}{(settings.Token is null ? ", or it is private (then set HF_TOKEN)" : " that this token may read")}{(revision == HubReference.DefaultRevision ? "" : $", or it has no revision '{revision}'")}. Check the name: it is org/name, as at the top of the model's page."),
            (_, HttpStatusCode.NotFound) => NoRevision(),
            _ => new IOException($"{name}: {settings.Endpoint} answers {(int)response.StatusCode}{Said(response)}. Check HF_ENDPOINT and HF_TOKEN, and try again."),
        };

        OptionsException NoRevision() => new($"{name}: The repository has no revision '{revision}'. {page}/commits lists branches, tags and commits; without --revision it is {HubReference.DefaultRevision}.");
    }

    /// <summary>The first value of a header, or null.</summary>
    public static string? Header(HttpResponseMessage response, string name)
        => response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values) ? values.FirstOrDefault() : null;

    private static string Said(HttpResponseMessage response) => Header(response, "X-Error-Message") is { Length: > 0 } text ? $": {HubFileName.Shown(text).TrimEnd('.')}" : "";
}
