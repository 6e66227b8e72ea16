"""Writes expected.json: logits of image networks whose weights are filled by the formula of full_size_formula.

Run with PyTorch, torchvision and timm on the path: python make.py > expected.json
"""
import json, sys
import numpy as np
import torch, torchvision, timm
from torchvision import models
from torchvision.models import vgg, regnet, densenet

torch.set_num_threads(1)
FILL = ("for the k-th entry (0-based) of the state dict in its order, with n elements in row-major order, element i (0-based): a = (i + 1 + (k + salt) * 1000003) mod 2^64; "
        "x = a * 0x9E3779B97F4A7C15 mod 2^64; x ^= x >> 29; x = x * 0xBF58476D1CE4E5B9 mod 2^64; x ^= x >> 32; u = (x >> 40) / 2^24 - 0.5 (float64). Value (float64, then rounded to float32): "
        "name ends in running_var: 1 + u; running_mean: 0.2 u; two or more dimensions: u * 2 * sqrt(3) / sqrt(n / shape[0]); else name ends in weight: 1 + 0.2 u; else 0.2 u. Integer entries are 0.")


def numbers(k, n):
    with np.errstate(over="ignore"):
        a = np.arange(1, n + 1, dtype=np.uint64) + np.uint64(k * 1000003)
        x = a * np.uint64(0x9E3779B97F4A7C15)
        x ^= x >> np.uint64(29)
        x *= np.uint64(0xBF58476D1CE4E5B9)
        x ^= x >> np.uint64(32)
    return (x >> np.uint64(40)).astype(np.float64) / 2.0 ** 24 - 0.5


def fill(model):
    state = model.state_dict()
    for k, (name, tensor) in enumerate(state.items()):
        if not tensor.is_floating_point():
            tensor.zero_()
            continue
        n = tensor.numel()
        u = numbers(k, n)
        if name.endswith("running_var"): v = 1 + u
        elif name.endswith("running_mean"): v = 0.2 * u
        elif tensor.dim() >= 2: v = u * 2 * np.sqrt(3) / np.sqrt(n / tensor.shape[0])
        elif name.endswith("weight"): v = 1 + 0.2 * u
        else: v = 0.2 * u
        tensor.copy_(torch.from_numpy(v.astype(np.float32)).reshape(tensor.shape))
    return {k: list(v.shape) for k, v in state.items()}


def small_vgg(norm):
    m = vgg.VGG(vgg.make_layers([8, "M", 12, "M", 16, 16, "M", 24, 24, "M", 24, 24, "M"], batch_norm=norm), num_classes=7, init_weights=False)
    m.classifier[0] = torch.nn.Linear(24 * 49, 32)
    m.classifier[3] = torch.nn.Linear(32, 32)
    m.classifier[6] = torch.nn.Linear(32, 7)
    return m


def small_regnet(squeeze):
    return regnet.RegNet(regnet.BlockParams([1, 2, 1, 1], [16, 24, 32, 48], [8, 8, 16, 16], [1.0] * 4, [2] * 4, squeeze), num_classes=7, stem_width=8)


def t(name): return ("timm", name, lambda: timm.create_model(name, num_classes=20), {})
def v(name, **k): return ("torchvision", name, lambda: models.get_model(name, num_classes=20, **k), {})


CASES = [
    v("resnet34"), v("resnext50_32x4d"), v("wide_resnet50_2"), v("mobilenet_v3_small"), v("mobilenet_v3_large"), v("efficientnet_b1"), v("efficientnet_b5"), v("efficientnet_v2_s"),
    v("densenet121"), v("regnet_x_400mf"), v("regnet_y_800mf"),
    ("torchvision", "small vgg", lambda: small_vgg(False), {"ImageSize": 96}),
    ("torchvision", "small vgg_bn", lambda: small_vgg(True), {"ImageSize": 224}),
    ("torchvision", "small regnet_x", lambda: small_regnet(None), {}),
    ("torchvision", "small regnet_y", lambda: small_regnet(0.25), {}),
    ("torchvision", "small densenet", lambda: densenet.DenseNet(8, (2, 3, 2, 2), 12, num_classes=7), {}),
    ("torchvision", "small vit with hidden head", lambda: models.VisionTransformer(32, 8, 2, 2, 64, 96, num_classes=7, representation_size=24), {"ImageSize": 32, "Heads": 2}),
    t("resnet50d"), t("seresnet18" if "seresnet18" in timm.list_models() else "seresnet50"), t("mobilenetv2_050"), t("mobilenetv3_small_050"), t("mobilenetv3_large_100"),
    t("tf_efficientnet_b0"), t("efficientnet_lite0"), t("mnasnet_small"), t("tf_efficientnetv2_b0"), t("convnextv2_atto"), t("regnetx_002"), t("regnety_002"),
    ("timm", "convnextv2_atto with linear layers", lambda: timm.create_model("convnextv2_atto", num_classes=20, conv_mlp=False), {}),
    ("timm", "vit with registers and mean", lambda: timm.models.VisionTransformer(img_size=32, patch_size=8, embed_dim=64, depth=2, num_heads=2, num_classes=7, global_pool="avg", reg_tokens=2, init_values=1e-5, no_embed_class=True, class_token=False, qk_norm=True), {"ImageSize": 32, "Heads": 2}),
]

out = []
for library, name, make, hints in CASES:
    torch.manual_seed(0)
    m = make().eval()
    state = fill(m)
    side = hints.get("ImageSize", 64)
    x = torch.from_numpy((4 * numbers(999, 2 * 3 * side * side)).astype(np.float32)).reshape(2, 3, side, side)
    with torch.no_grad():
        y = m(x)
    d = y.double()
    out.append({"library": library, "name": name, "hints": hints, "input_shape": list(x.shape), "num_classes": y.shape[1], "logits_first_16": y[:, :16].tolist(),
                "logits_checksum": {"shape": list(y.shape), "sum": d.sum().item(), "abs_sum": d.abs().sum().item(), "l2": d.norm().item(), "first": y.flatten()[0].item(), "last": y.flatten()[-1].item()},
                "argmax": y.argmax(1).tolist(), "state_dict": state, "parameters": sum(p.numel() for p in m.parameters())})
    print(library, name, y.flatten()[0].item(), file=sys.stderr)

head = {"reference": [f"torchvision {torchvision.__version__}", f"timm {timm.__version__}", f"torch {torch.__version__} (CPU, one thread, float32)"],
        "note": "numbers of make.py beside this file; hints are what a checkpoint's names and sizes cannot tell", "fill": {"salt": 0, "rule": FILL, "input": "pixel_values has shape input_shape and value 4 * u with k = 999 (no salt)"},
        "tolerance": "1e-4 relative to the largest logit", "models": []}
text = json.dumps(head)[:-2] + "\n" + ",\n".join(json.dumps(m) for m in out) + "\n]}\n"
json.loads(text)
sys.stdout.write(text)
