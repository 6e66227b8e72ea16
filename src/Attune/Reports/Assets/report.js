(function () {
  "use strict";
  var plots = [];
  function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim(); }
  function show(u, v) { return v == null ? "–" : String(+v.toPrecision(5)); }
  function best(at) {
    return function (u) {
      if (at == null) return;
      var x = Math.round(u.valToPos(at, "x", true)), c = u.ctx;
      if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) return;
      c.save(); c.strokeStyle = c.fillStyle = colour("muted"); c.lineWidth = devicePixelRatio; c.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
      c.beginPath(); c.moveTo(x, u.bbox.top); c.lineTo(x, u.bbox.top + u.bbox.height); c.stroke();
      var right = x > u.bbox.left + u.bbox.width / 2;
      c.font = 12 * devicePixelRatio + "px system-ui, sans-serif"; c.textAlign = right ? "right" : "left"; c.textBaseline = "top";
      c.fillText("best", x + (right ? -5 : 5) * devicePixelRatio, u.bbox.top); c.restore();
    };
  }
  function axis(label) {
    return { stroke: colour("muted"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line"), width: 1 }, font: "12px system-ui, sans-serif", labelFont: "12px system-ui, sans-serif", label: label, labelSize: label ? 20 : 0, size: label ? 34 : 58,
      values: function (u, all) { return all.map(function (v) { return v == null ? "" : v !== 0 && Math.abs(v) < 0.001 ? v.toExponential(1).replace(".0e", "e") : String(+v.toPrecision(6)); }); } };
  }
  function draw(plot) {
    if (plot.chart) plot.chart.destroy();
    var d = plot.json;
    plot.chart = new uPlot({
      width: plot.figure.clientWidth, height: 230, scales: { x: { time: false } }, axes: [axis(d.x), axis("")], cursor: { y: false }, hooks: { draw: [best(d.best)] },
      series: [{ label: d.x, value: show }].concat(d.series.map(function (s) {
        return { label: s.name, stroke: colour(s.style), width: 1.8, spanGaps: true, value: show, points: { show: d.data[0].length < 2 ? true : undefined } };
      }))
    }, d.data, plot.figure);
    plot.figure.classList.add("drawn");
  }
  function all() { plots.forEach(draw); }
  document.querySelectorAll("figure.plot").forEach(function (figure) {
    plots.push({ figure: figure, json: JSON.parse(figure.querySelector("script").textContent), chart: null });
  });
  all();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
  addEventListener("resize", function () {
    plots.forEach(function (p) { p.chart.setSize({ width: p.figure.clientWidth, height: 230 }); });
  });
  // a closed explanation would be lost on paper
  addEventListener("beforeprint", function () { document.querySelectorAll("details").forEach(function (d) { d.dataset.open = d.open; d.open = true; }); });
  addEventListener("afterprint", function () { document.querySelectorAll("details").forEach(function (d) { d.open = d.dataset.open === "true"; }); });
})();
