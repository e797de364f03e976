"""Peer: the same network in JAX, a whole epoch inside one jit, one thread. Prints seconds of each epoch and the accuracy."""
import os
import sys
import time

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

sys.path.insert(0, __file__.rsplit("/", 2)[0] + "/tests/programs")
from support import read_idx  # noqa: E402

images = jnp.asarray(read_idx("train-images-idx3-ubyte.gz").reshape(-1, 784) / np.float32(255))
labels = jnp.asarray(read_idx("train-labels-idx1-ubyte.gz").astype(np.int32))
test_images = jnp.asarray(read_idx("t10k-images-idx3-ubyte.gz").reshape(-1, 784) / np.float32(255))
test_labels = jnp.asarray(read_idx("t10k-labels-idx1-ubyte.gz").astype(np.int32))
rng = np.random.default_rng(1)


def uniform(inputs, outputs):
    limit = np.sqrt(6 / (inputs + outputs))
    return jnp.asarray(rng.uniform(-limit, limit, (inputs, outputs)).astype(np.float32))


def forward(p, x):
    return jax.nn.relu(x @ p[0] + p[1]) @ p[2] + p[3]


def loss(p, x, y):
    return -jnp.take_along_axis(jax.nn.log_softmax(forward(p, x)), y[:, None], 1).mean()


def step(carry, rows):
    p, m, v, t = carry
    g = jax.grad(loss)(p, images[rows], labels[rows])
    m = [0.9 * a + 0.1 * b for a, b in zip(m, g)]
    v = [0.999 * a + 0.001 * b * b for a, b in zip(v, g)]
    p = [a - 1e-3 * (b / (1 - 0.9**t)) / (jnp.sqrt(c / (1 - 0.999**t)) + 1e-8) for a, b, c in zip(p, m, v)]
    return (p, m, v, t + 1), None


epoch_of = jax.jit(lambda carry, order: jax.lax.scan(step, carry, order)[0])
parameters = [uniform(784, 64), jnp.zeros(64), uniform(64, 10), jnp.zeros(10)]
carry = (parameters, [0 * p for p in parameters], [0 * p for p in parameters], jnp.float32(1))
order = jnp.asarray(np.stack([rng.permutation(60000)]).reshape(1875, 32))
jax.block_until_ready(epoch_of(carry, order))  # compiles; its result is not kept
for epoch in range(int(sys.argv[1]) if len(sys.argv) > 1 else 2):
    order = jnp.asarray(rng.permutation(60000).reshape(1875, 32))
    start = time.perf_counter()
    carry = jax.block_until_ready(epoch_of(carry, order))
    seconds = time.perf_counter() - start
    accuracy = float((forward(carry[0], test_images).argmax(1) == test_labels).mean())
    print(f"jax {jax.__version__} epoch {epoch + 1}: {seconds:.3f} s, accuracy {accuracy:.4f}", flush=True)
