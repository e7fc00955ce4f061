"""PyTorch on one thread as a contender of bench:peers: the line protocol of bench/contest/protocol.ts.

Tensors are made before anything is timed. A call is what a user writes: loss, `backward`, and the gradient stays in `.grad`, made anew each time.
"""
import os
import re
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import torch
from torch.nn import functional as F

torch.set_num_threads(1)


def blas():
    """The library of the matrix products: Debian's PyTorch takes the system's, which is twenty times slower where it is the reference one."""
    a = torch.ones(64, 64)
    a @ a
    with open("/proc/self/maps") as maps:
        names = set(re.findall(r"/lib((?:openblas|mkl_core|blis)[^./]*)[^/]*\n", maps.read()))
    return sorted(names)[0] if names else "the system's BLAS"


def sigmoid_focal(x, t):
    """torchvision.ops.sigmoid_focal_loss with its defaults and the mean."""
    p = torch.sigmoid(x)
    ce = F.binary_cross_entropy_with_logits(x, t, reduction="none")
    wrong = p * (1 - t) + (1 - p) * t
    return ((0.25 * t + 0.75 * (1 - t)) * ce * wrong**2).mean()


LOSSES = {
    "ce": F.cross_entropy,
    "bce": F.binary_cross_entropy_with_logits,
    "focal": sigmoid_focal,
    "mse": F.mse_loss,
    "hinge": lambda x, t: torch.clamp(1 - t * x, min=0).mean(),
}


def floats(path, count):
    return torch.from_file(path, size=count, dtype=torch.float32).clone()


def prepare(loss, rows, classes, width, grad, x_path, t_path):
    """What gives the value, and the tensors whose gradients count."""
    if loss == "linear":
        hidden = floats(x_path, rows * width).view(rows, width)
        behind = classes * width
        both = torch.from_file(t_path, size=behind + rows, dtype=torch.int32)
        head = both[:behind].clone().view(torch.float32).view(classes, width)
        y = both[behind:].long()
        return lambda: F.cross_entropy(hidden @ head.T, y), [hidden, head]
    n = rows * classes
    x = floats(x_path, n)
    if loss == "ce":
        x = x.view(rows, classes)
        t = torch.from_file(t_path, size=rows, dtype=torch.int32).long()
    else:
        t = floats(t_path, n)
    return lambda: LOSSES[loss](x, t), [x]


class Task:
    def __init__(self, words):
        loss, *sizes, grad = words[:5]
        x_path, t_path, self.out = words[5:8]
        self.grad = grad == "1"
        self.call, self.inputs = prepare(loss, *map(int, sizes), self.grad, x_path, t_path)
        for each in self.inputs:
            each.requires_grad_(self.grad)

    def run(self):
        if not self.grad:
            with torch.no_grad():
                return self.call().item()
        for each in self.inputs:
            each.grad = None
        value = self.call()
        value.backward()
        return value.item()

    def check(self):
        value = self.run()
        at = 0
        gradients = [each.grad.reshape(-1) for each in self.inputs] if self.grad else []
        count = sum(map(len, gradients))
        open(self.out, "wb").truncate(4 * count)
        if count:
            file = torch.from_file(self.out, shared=True, size=count, dtype=torch.float32)
            for gradient in gradients:
                file[at : at + len(gradient)] = gradient
                at += len(gradient)
        return value


def say(*words):
    print(*words, sep="\t", flush=True)


def main():
    say("ready", f"PyTorch {torch.__version__}, one thread, {blas()}")
    task = None
    for line in sys.stdin:
        word, *rest = line.rstrip("\n").split("\t")
        try:
            if word == "load":
                task = None
                task = Task(rest)
                say("ok")
            elif word == "check":
                say("value", repr(task.check()))
            else:
                start = time.perf_counter_ns()
                for _ in range(int(rest[0])):
                    task.run()
                say("ns", time.perf_counter_ns() - start)
        except Exception as error:  # the driver shows it
            say("failed", str(error).split("\n")[0])


main()
