# The peer of onnx_load. "write FILE": the state of a ResNet-18 with 2,600 classes (50 MB); "step FILE": torch.load and one training step on 4 pictures of 224².
import sys
import torch, torch.nn as nn, torch.nn.functional as F
from peer import R18
def network():
    torch.manual_seed(1); n = R18(); n.fc = nn.Linear(512, 2600); return n
if sys.argv[1] == "write":
    torch.save(network().state_dict(), sys.argv[2])
else:
    with torch.device("meta"): n = network()
    n.load_state_dict(torch.load(sys.argv[2], mmap=True), assign=True)
    n = n.to(memory_format=torch.channels_last); x = torch.randn(4, 3, 224, 224).to(memory_format=torch.channels_last); y = torch.arange(4)
    o = torch.optim.SGD(n.parameters(), .01, momentum=.9, fused=True); l = F.cross_entropy(n(x), y); l.backward(); o.step(); print(l.item())
