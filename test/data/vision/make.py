"""Writes state_dicts.json.gz: names and sizes of every network of the image catalog as torchvision and timm have them.

Run with PyTorch, torchvision and timm on the path: python make.py NAMES_FILE state_dicts.json.gz (one name a line).
"""
import gzip, json, sys
import torch, torchvision, timm
from torchvision import models

# sizes are wanted, not numbers
for f in ("kaiming_normal_", "kaiming_uniform_", "normal_", "trunc_normal_", "uniform_", "xavier_uniform_", "constant_", "zeros_", "ones_"): setattr(torch.nn.init, f, lambda tensor, *a, **k: tensor)

out = {}
for name in open(sys.argv[1]).read().split():
    library = "torchvision" if name in models.list_models(module=models) else "timm"
    if name == "vit_h_14": m = models.vit_h_14(image_size=518)
    else: m = models.get_model(name) if library == "torchvision" else timm.create_model(name)
    out[name] = {"library": library, "parameters": sum(p.numel() for p in m.parameters()), "state_dict": {k: list(v.shape) for k, v in m.state_dict().items()}}
text = json.dumps({"reference": [f"torchvision {torchvision.__version__}", f"timm {timm.__version__}"], "models": out}, separators=(",", ":"))
with open(sys.argv[2], "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, compresslevel=9, filename="") as f: f.write(text.encode())
