"""The steps of random programs that are layers of sequences, [time, n], and of images, [h, w, c]."""
from random_catalogue import step

BILINEAR = ', method: "bilinear"'


@step(2, weight=8)
def convolve_time(p):
    t, _ = p.shape
    kernel, stride, dilation = p.some(1, 2, 3, 4), p.some(1, 1, 2, 3, 5), p.some(1, 1, 2)
    reach = dilation * (kernel - 1) + 1
    shown, (low, high) = p.padding(t, reach, stride, 1)
    if t + low + high < reach:
        return False
    n = p.some(1, 2, 3, 5, 8)
    return p.let(f"{p.value} |> conv1d({n}, {kernel}{p.settings(stride=stride, dilation=dilation)}{shown}{p.initialiser()}{p.some('', ', bias: false')})",
                 [(t + low + high - reach) // stride + 1, n])


@step(2, weight=8, any_size=True)
def recur(p):
    n = p.some(1, 2, 3, 5, 8)
    kind = p.random.randrange(5)
    if kind == 0:
        return p.let(f"{p.value} |> lstm({n})", [p.shape[0], n])
    if kind < 3:
        return p.let(f"{p.value} |> gru({n}{p.some('', ', reset_after: false')})", [p.shape[0], n])
    return p.let(f"{p.value} |> bidirectional({p.some('lstm', 'gru')}, {n})", [p.shape[0], 2 * n])


@step(2, weight=8, any_size=True)
def attend(p):
    t, n = p.shape
    heads = p.some(1, n, p.divisor(n))
    x = p.value
    if p.random.random() < 0.3:
        source = p.some(x, f"tanh({x} |> dense({p.width()}))", f"{x}[:, 0..1]", f"flip({x}, axis: 1)")
        i = p.names
        p.lines.append(f"let c{i} = cross_attention({heads})")
        return p.let(f"c{i}({x}, {source})", p.shape)
    rotary = ", rotary: true" if (n // heads) % 2 == 0 and p.random.random() < 0.6 else ""
    return p.let(f"{x} |> attention({heads}{p.some('', ', causal: true')}{rotary})", p.shape)


@step(2, 3, any_size=True, weight=2)
def rotate(p):
    return p.shape[-1] % 2 == 0 and p.let(f"rotary_positions({p.value}{p.some('', ', base: 100')})", p.shape)


@step(2, 3, 4, weight=2, any_size=True)
def pool_all(p):
    return p.let(f"{p.some('global_avg_pool', 'global_max_pool')}({p.value})", p.shape[-1:])


# --- Images, [h, w, c].
def window(p, stride=None):
    """(size, stride, dilation, shown padding, [rows, columns]) of windows that fit, or nothing."""
    h, w, _ = p.shape
    size, by, dilation = p.some(1, 2, 3, 4), p.some(1, 1, 2, 3, 5), p.some(1, 1, 1, 2)
    if stride == "pool":
        dilation = 1
    reach = dilation * (size - 1) + 1
    shown, (low, high) = p.padding(h, reach, by, 2)
    if "same" in shown:
        return size, by, dilation, shown, [-(-h // by), -(-w // by)]
    rows, columns = ((n + low + high - reach) // by + 1 for n in (h, w))
    return (size, by, dilation, shown, [rows, columns]) if rows > 0 and columns > 0 else None


@step(3, weight=10)
def convolve(p):
    found = window(p)
    if not found:
        return False
    size, stride, dilation, padding, out = found
    c, n = p.shape[-1], p.some(1, 2, 3, 5, 8)
    more = f"{p.settings(stride=stride, dilation=dilation)}{padding}{p.initialiser()}{p.some('', ', bias: false')}"
    multiplier = p.some(1, 1, 2)
    if multiplier * c * out[0] * out[1] > p.LARGEST:
        multiplier = 1
    kind = p.random.randrange(4)
    if kind < 2:
        return p.let(f"{p.value} |> conv2d({n}, {size}{more})", out + [n])
    if kind == 2:
        return p.let(f"{p.value} |> depthwise_conv2d({size}{p.settings(multiplier=multiplier)}{more})", out + [c * multiplier])
    return p.let(f"{p.value} |> separable_conv2d({n}, {size}{p.settings(multiplier=multiplier)}{more})", out + [n])


@step(3, weight=5)
def enlarge(p):
    h, w, _ = p.shape
    size, stride, dilation, n = p.some(1, 2, 3, 4), p.some(1, 2, 3), p.some(1, 1, 2), p.some(1, 2, 3)
    extra = p.random.randrange(stride)
    reach = dilation * (size - 1) + 1
    kind = p.some("valid", "same", "number")
    if kind == "same":
        extra, out, shown = 0, [h * stride, w * stride], ', padding: "same"'
        if reach < stride:
            return False
    else:
        by = p.random.randint(0, reach // 2) if kind == "number" else 0
        out = [(m - 1) * stride + reach - 2 * by + extra for m in (h, w)]
        shown = f", padding: {by}" if kind == "number" else ""
    if min(out) < 1 or out[0] * out[1] * n > p.LARGEST:
        return False
    return p.let(f"{p.value} |> conv2d_transpose({n}, {size}{p.settings(stride=stride, dilation=dilation)}{f', extra: {extra}' if extra else ''}{shown}"
                 f"{p.initialiser()}{p.some('', ', bias: false')})", out + [n])


@step(3, weight=6)
def pool(p):
    found = window(p, "pool")
    if not found:
        return False
    size, stride, _, padding, out = found
    stride = f", stride: {stride}"
    return p.let(f"{p.some('max_pool', 'avg_pool')}({p.value}, {size}{stride}{padding})", out + p.shape[2:])


@step(3, weight=3)
def upsample(p):
    by = p.some(1, 2, 3)
    if p.elements() * by * by > p.LARGEST:
        return False
    h, w, c = p.shape
    return p.let(f"upsample({p.value}, {by}{p.some('', BILINEAR)})", [h * by, w * by, c])


@step(2, 3)
def disturb(p):
    """What augmentations do, inside a model: for each example by itself, in evaluation too."""
    if len(p.shape) < 2:
        return False
    h, w = p.shape[:2]
    p.draws = True
    kinds = ["random_flip({x})", f"random_erase({{x}}, {p.some(1, 2, 3)})", "random_rotate({x}, 20)"]
    if min(h, w) > 1:
        kinds.append("random_shift({x}, 1)")
    if p.random.random() < 0.3:
        rows, columns = p.random.randint(1, h), p.random.randint(1, w)
        return p.let(f"random_crop({p.value}, {rows}, {columns})", [rows, columns] + p.shape[2:])
    return p.let(p.some(*kinds).format(x=p.value), p.shape)


@step(2, weight=2)
def neighbours(p):
    t, c = p.shape
    size, stride, dilation = p.some(1, 2, 3, 5), p.some(1, 2, 7), p.some(1, 2)
    reach = dilation * (size - 1) + 1
    shown, (low, high) = p.padding(t, reach, stride, 1)
    if t + low + high < reach:
        return False
    out = (t + low + high - reach) // stride + 1
    seen = f"windows({p.value}, size: {p.some(str(size), f'[{size}]')}, stride: {stride}, dilation: {dilation}{shown})"
    if p.random.random() < 0.5:
        return p.let(f"{p.some('max', 'min', 'mean', 'sum')}({seen}, axis: 2)", [out, c])
    return p.let(f'einsum("b r i c, i c -> b r c", {seen}, {p.param([size, c])})', [out, c])
