"""Pillow and NumPy beside image_decode: a JPEG or PNG in memory to a normalised [3, 224, 224] float32 array, ImageNet's evaluation recipe.
usage: images.py make FOLDER      writes bench.jpg (640 x 480, quality 90) and bench.png (512 x 512, 8-bit RGB)
       images.py                  serves "image:FILE.WAY N" -> "mean_s median_s sum peak_rss_MB"; WAY is plain, fused or table"""
import io, resource, sys, time
import numpy as np
from PIL import Image

def scene(rng, h, w):
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    a = np.stack([127 + 100 * np.sin(x / 17 + y / 29) + 20 * np.sin(x * y / 900), 127 + 90 * np.cos(x / 41 - y / 13), (x * 255 / w + y * 255 / h) / 2], -1)
    for _ in range(12):
        cx, cy, r = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(5, h / 4)
        a[(x - cx) ** 2 + (y - cy) ** 2 < r * r] = rng.uniform(0, 255, 3)
    return Image.fromarray(np.clip(a + rng.normal(0, 6, a.shape), 0, 255).astype(np.uint8))

MEAN, STD = np.array([.485, .456, .406], np.float32), np.array([.229, .224, .225], np.float32)
FACTOR, SHIFT = (1 / (255 * STD)).astype(np.float32), (-MEAN / STD).astype(np.float32)
TABLE = ((np.arange(256, dtype=np.float32)[:, None] / 255 - MEAN) / STD).T.copy()

def pixels(data):
    im = Image.open(io.BytesIO(data)).convert("RGB"); w, h = im.size
    im = im.resize((256, int(256 * h / w)) if w <= h else (int(256 * w / h), 256), Image.BILINEAR); w, h = im.size
    left, top = round((w - 224) / 2), round((h - 224) / 2)
    return np.asarray(im.crop((left, top, left + 224, top + 224)))
def plain(data): return np.ascontiguousarray(((pixels(data).astype(np.float32) / 255 - MEAN) / STD).transpose(2, 0, 1))
def fused(data):
    x = pixels(data).transpose(2, 0, 1).astype(np.float32, order="C"); x *= FACTOR[:, None, None]; x += SHIFT[:, None, None]; return x
def table(data):
    p = pixels(data); out = np.empty((3, 224, 224), np.float32)
    for c in range(3): np.take(TABLE[c], p[..., c], out=out[c])
    return out
WAYS = {"plain": plain, "fused": fused, "table": table}

if len(sys.argv) == 3 and sys.argv[1] == "make":
    rng = np.random.default_rng(7)
    scene(rng, 480, 640).save(sys.argv[2] + "/bench.jpg", quality=90); scene(rng, 512, 512).save(sys.argv[2] + "/bench.png"); sys.exit()
for line in sys.stdin:
    words = line.split()
    if words[:1] == ["quit"]: break
    try:
        path, way = words[0][len("image:"):].rsplit(".", 1); data = open(path, "rb").read(); f = WAYS[way]; ts = []
        for _ in range(int(words[1])):
            t = time.perf_counter(); x = f(data); ts.append(time.perf_counter() - t)
        ts.sort(); print(sum(ts) / len(ts), ts[len(ts) // 2], f"{x.sum(dtype=np.float64):.9g}", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, flush=True)
    except Exception as e: print("error", type(e).__name__, e, flush=True)
