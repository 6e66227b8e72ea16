# The peer of the case tune10k: what a user's PyTorch script does with a table, with nothing slow left in it.
# usage: tune10k.py DATA.csv OUT.json      CSV -> 64/16/20 split -> scaling -> 30-64-64-1, 10 epochs, batch 32, Adam -> metrics as JSON
# No DataLoader, fused Adam, no bootstrap and no baselines: it does less than ours does, and is timed as a whole process.
import json
import sys

import numpy as np
import pandas as pd
import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(1)
table = pd.read_csv(sys.argv[1])
x = table.drop(columns="y").to_numpy(np.float32)
y = table["y"].to_numpy(np.float32)

order = np.random.default_rng(1).permutation(len(x))
cut1, cut2 = int(0.64 * len(x)), int(0.80 * len(x))
train, validation, test = order[:cut1], order[cut1:cut2], order[cut2:]
mean, std = x[train].mean(0), x[train].std(0)
x = torch.from_numpy((x - mean) / std)
y = torch.from_numpy(y)

net = nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)
loss_of = nn.functional.binary_cross_entropy_with_logits
history = []
for epoch in range(10):
    shuffled = torch.from_numpy(train[np.random.permutation(len(train))])
    for i in range(0, len(shuffled), 32):
        rows = shuffled[i:i + 32]
        optimizer.zero_grad(set_to_none=True)
        loss_of(net(x[rows]).squeeze(1), y[rows]).backward()
        optimizer.step()
    with torch.no_grad():
        history.append(float(loss_of(net(x[validation]).squeeze(1), y[validation])))

with torch.no_grad():
    logits = net(x[test]).squeeze(1)
    metrics = {
        "log_loss": float(loss_of(logits, y[test])),
        "accuracy": float(((logits > 0).float() == y[test]).float().mean()),
        "validation": history[-1],
    }
with open(sys.argv[2], "w") as out:
    json.dump(metrics, out)
