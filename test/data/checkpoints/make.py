"""Writes the checkpoints of this folder; made with PyTorch 2.6.0."""
import torch, collections, os
torch.manual_seed(0)
out=os.path.dirname(os.path.abspath(__file__))
def net():
    m=torch.nn.Sequential(collections.OrderedDict(conv=torch.nn.Conv2d(3,4,3), bn=torch.nn.BatchNorm2d(4), fc=torch.nn.Linear(4,2)))
    return m
m=net(); s=m.state_dict()
torch.save(s, out+'/zip.pth')
torch.save(s, out+'/legacy.pth', _use_new_zipfile_serialization=False)
torch.save({'epoch':3,'best':0.5,'state_dict':collections.OrderedDict(('module.'+k,v) for k,v in s.items()),'optimizer':{'state':{0:{'step':torch.tensor(1.0)}},'param_groups':[{'lr':1e-3,'betas':(0.9,0.999),'params':[0]}]}}, out+'/wrapped.ckpt')
w=torch.arange(24,dtype=torch.float32).reshape(4,6)
t=w.clone()
torch.save({'transposed':w.t(),'slice':w[1:3,2:5],'row':w[2],'tied_a':t,'tied_b':t,'half':w.half(),'bf16':w.bfloat16(),'double':w.double(),'int':torch.arange(5),'bool':torch.tensor([True,False]),'scalar':torch.tensor(2.5),'empty':torch.empty(0,3),'param':torch.nn.Parameter(torch.ones(2)),'channels_last':torch.arange(16.).reshape(1,2,2,4).contiguous(memory_format=torch.channels_last)}, out+'/views.pth')
torch.save({'transposed':w.t(),'slice':w[1:3,2:5],'tied_a':t,'tied_b':t,'bf16':w.bfloat16()}, out+'/views_legacy.pth', _use_new_zipfile_serialization=False)
torch.save(s, out+'/protocol4.pth', pickle_protocol=4)
import argparse
torch.save({'args':argparse.Namespace(a=1),'model':s}, out+'/namespace.pth')
torch.save(m, out+'/whole_module.pth')
torch.jit.script(m).save(out+'/script.pt')
torch.save([1,2,3], out+'/list.pth')
class Evil:
    def __reduce__(self): return (os.system,('echo hacked',))
torch.save({'w':torch.ones(2),'x':Evil()}, out+'/evil.pth')
import json
json.dump({k:v.flatten().tolist() for k,v in s.items()}, open(out+'/values.json','w'))
