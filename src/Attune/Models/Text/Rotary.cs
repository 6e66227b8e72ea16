using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>Rotation of halves by angles that grow with the position (Su et al. 2021, arXiv:2104.09864), with cosines and sines as constants of the graph.</summary>
internal sealed class Rotary
{
    private readonly TextLayers _layers;
    private readonly Value _cosines;
    private readonly Value _sines;
    private readonly Value _positions;

    /// <summary>Tables for positions 0 to <paramref name="positions"/> − 1.</summary>
    /// <param name="n">The layers.</param>
    /// <param name="positions">Positions.</param>
    /// <param name="width">Width d of a head.</param>
    /// <param name="theta">θ: pair i turns by position · θ^(−2i / d).</param>
    /// <param name="scaling">How the angles are stretched; null for not at all.</param>
    public Rotary(TextLayers n, int positions, int width, double theta, RotaryScaling? scaling = null)
    {
        _layers = n;
        var half = width / 2;
        var (cosines, sines) = (new float[positions * half], new float[positions * half]);
        var (angles, magnitude) = (scaling ?? new RotaryScaling("default")).Frequencies(width, theta, positions, positions);
        for (var i = 0; i < half; i++)
        {
            for (var t = 0; t < positions; t++)
            {
                var angle = t * angles[i];                                                  // in fp32, as upstream
                (cosines[t * half + i], sines[t * half + i]) = (MathF.Cos(angle) * (float)magnitude, MathF.Sin(angle) * (float)magnitude);
            }
        }
        _cosines = n.Graph.Constant("rotary.cos", Tensor.Of(cosines, positions, half));
        _sines = n.Graph.Constant("rotary.sin", Tensor.Of(sines, positions, half));
        _positions = n.Positions ?? n.Graph.Node("Expand", [n.Places, n.Graph.Node("Shape", [n.Ids])]);    // [B, T]
    }

    /// <summary>Turns x [B, N, T, d].</summary>
    public Value Turn(Value x) => _layers.Graph.Node("RotaryEmbedding", [x, _cosines, _sines, _positions]);
}
