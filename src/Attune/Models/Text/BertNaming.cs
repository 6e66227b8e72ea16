namespace Attune.Models.Text;

/// <summary>Whose names and heads a <see cref="Bert"/> has.</summary>
public enum BertNaming
{
    /// <summary>BERT.</summary>
    Bert,

    /// <summary>RoBERTa, XLM-RoBERTa, CamemBERT.</summary>
    Roberta,

    /// <summary>ELECTRA.</summary>
    Electra,
}
