"""Peer: the 784-64(relu)-10 network on MNIST in JAX, a whole epoch inside one jit, the data on the device before.

  peer_jax.py EPOCHS THREADS       prints seconds and accuracy of each epoch

The images stay bytes, and each batch becomes floats, as in nnc. Four steps a pass of the loop make more of two threads, and nothing worse on one.
"""
import os
import sys
import time

epochs, threads = (int(word) for word in sys.argv[1:])
if threads == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

sys.path.insert(0, __file__.rsplit("/", 2)[0] + "/tests/programs")
from support import read_idx  # noqa: E402

images, labels = (jnp.asarray(read_idx(f"train-{name}")) for name in ("images-idx3-ubyte.gz", "labels-idx1-ubyte.gz"))
test_images, test_labels = (jnp.asarray(read_idx(f"t10k-{name}")) for name in ("images-idx3-ubyte.gz", "labels-idx1-ubyte.gz"))
rng = np.random.default_rng(1)


def uniform(inputs, outputs):
    limit = np.sqrt(6 / (inputs + outputs))
    return jnp.asarray(rng.uniform(-limit, limit, (inputs, outputs)).astype(np.float32))


def forward(p, image):
    return jax.nn.relu(image.reshape(-1, 784) / jnp.float32(255) @ p[0] + p[1]) @ p[2] + p[3]


def loss(p, x, y):
    return -jnp.take_along_axis(jax.nn.log_softmax(forward(p, x)), y[:, None].astype(jnp.int32), 1).mean()


def step(carry, rows):
    p, m, v, t = carry
    g = jax.grad(loss)(p, images[rows], labels[rows])
    m = [0.9 * a + 0.1 * b for a, b in zip(m, g)]
    v = [0.999 * a + 0.001 * b * b for a, b in zip(v, g)]
    p = [a - 1e-3 * (b / (1 - 0.9**t)) / (jnp.sqrt(c / (1 - 0.999**t)) + 1e-8) for a, b, c in zip(p, m, v)]
    return (p, m, v, t + 1), None


def shuffled():
    return jnp.asarray(rng.permutation(60000).reshape(1875, 32))


parameters = [uniform(784, 64), jnp.zeros(64), uniform(64, 10), jnp.zeros(10)]
carry = (parameters, [0 * p for p in parameters], [0 * p for p in parameters], jnp.float32(1))
epoch_of = jax.jit(lambda carry, order: jax.lax.scan(step, carry, order, unroll=4)[0], donate_argnums=0).lower(carry, shuffled()).compile()
for epoch in range(epochs):
    order = jax.block_until_ready(shuffled())
    start = time.perf_counter()
    carry = jax.block_until_ready(epoch_of(carry, order))
    seconds = time.perf_counter() - start
    accuracy = float((forward(carry[0], test_images).argmax(1) == test_labels).mean())
    print(f"jax {jax.__version__} epoch {epoch + 1}: {seconds:.3f} s, accuracy {accuracy:.4f}", flush=True)
