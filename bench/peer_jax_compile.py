"""Peer: prints the seconds that JAX takes to trace and lower, and to compile, the training step of bench/compile.py's network of N residual layers."""
import sys
import time

import jax
import jax.numpy as jnp

DEPTH, WIDTH, BATCH = int(sys.argv[1]), 128, 32


def forward(p, image):
    h = (image / jnp.float32(255)).reshape(BATCH, 784) @ p[0][0] + p[0][1]
    for w, b in p[1:-1]:  # as it is written; `scan` over stacked weights is another program
        h = h + jax.nn.relu(h @ w + b)
    return h @ p[-1][0] + p[-1][1]


def loss(p, image, label):
    return -jnp.take_along_axis(jax.nn.log_softmax(forward(p, image)), label[:, None], 1).mean()


def step(p, m, v, t, image, label):
    value, g = jax.value_and_grad(loss)(p, image, label)
    m = jax.tree.map(lambda a, b: 0.9 * a + 0.1 * b, m, g)
    v = jax.tree.map(lambda a, b: 0.999 * a + 0.001 * b * b, v, g)
    p = jax.tree.map(lambda a, b, c: a - 1e-3 * (b / (1 - 0.9**t)) / (jnp.sqrt(c / (1 - 0.999**t)) + 1e-8), p, m, v)
    return p, m, v, t + 1, value


def shaped(*shape, dtype=jnp.float32):
    return jax.ShapeDtypeStruct(shape, dtype)


sizes = [784] + [WIDTH] * (DEPTH + 1) + [10]
p = [(shaped(i, o), shaped(o)) for i, o in zip(sizes, sizes[1:])]
jax.jit(lambda x: x + 1).lower(shaped()).compile()  # the start of the compiler itself is not the step's
start = time.perf_counter()
lowered = jax.jit(step, donate_argnums=(0, 1, 2)).lower(p, p, p, shaped(), shaped(BATCH, 28, 28, dtype=jnp.uint8), shaped(BATCH, dtype=jnp.int32))
middle = time.perf_counter()
lowered.compile()
print(f"{middle - start:.3f} {time.perf_counter() - middle:.3f}")
