// How long one matrix product takes: in a library that nnc built, or in a BLAS, by the same clock
// and over the same numbers. bench/gemm/run.py compiles and calls it.
//
//   gemm nnc  LIBRARY TWIN M K N TRANSPOSE_A TRANSPOSE_B BATCH THREADS SECONDS
//   gemm cblas|dnnl LIBRARY  M K N ...
//
// It prints the seconds of a product, the best of as many as fit into SECONDS, or why there are
// none. A library of nnc is called as its users call it, which copies tensors in and out; TWIN is
// the same model without the product: what its calls take is to be taken off. The twin writes the
// result, too, and that time is to be given back. So for nnc three numbers are printed: of a call,
// of a call of the twin, and of writing the result once.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

using Clock = std::chrono::steady_clock;

[[noreturn]] static void stop(const std::string &why) {
  std::printf("error: %s\n", why.c_str());
  std::exit(1);
}

/// A product of row-major matrices, `batch` times.
struct Shape {
  int64_t m, k, n;
  bool isATransposed, isBTransposed;
  int64_t batch;
  unsigned threads;

  float a(const std::vector<float> &values, int64_t which, int64_t row, int64_t column) const {
    return values[size_t(which * m * k + (isATransposed ? column * m + row : row * k + column))];
  }
  float b(const std::vector<float> &values, int64_t which, int64_t row, int64_t column) const {
    return values[size_t(which * k * n + (isBTransposed ? column * k + row : row * n + column))];
  }
};

/// Runs a number of products one after the other.
using Products = std::function<void(int64_t calls)>;

static double secondsOf(const Products &products, int64_t calls) {
  Clock::time_point begin = Clock::now();
  products(calls);
  return std::chrono::duration<double>(Clock::now() - begin).count() / double(calls);
}

/// The least seconds of a product, over rounds of at least a millisecond for `budget` seconds.
static double best(const Products &products, double budget) {
  Clock::time_point begin = Clock::now();
  int64_t calls = 1;
  double least = secondsOf(products, 1);
  while (double(calls) * least < 1e-3 && calls < (1 << 20)) {
    calls *= 2;
    least = std::min(least, secondsOf(products, calls));
  }
  for (int round = 0;
       round < 3 || std::chrono::duration<double>(Clock::now() - begin).count() < budget; ++round)
    least = std::min(least, secondsOf(products, calls));
  return least;
}

template <typename F> static F *symbol(void *library, const char *name) {
  void *found = dlsym(library, name);
  if (!found)
    stop(std::string("no ") + name + " in the library");
  return reinterpret_cast<F *>(found);
}

static void *open(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    stop(dlerror());
  return library;
}

/// Calls of a library that nnc built.
static Products ofModel(const char *path, const Shape &shape, const float *a, const float *b,
                        float *c) {
  struct Session;
  void *library = open(path);
  auto *message = symbol<const char *(const Session *)>(library, "gemm_message");
  auto *predict =
      symbol<int(Session *, const float *, const float *, float *)>(library, "gemm_predict");
  Session *session = nullptr;
  if (symbol<int(uint32_t, Session **)>(library, "gemm_create")(shape.threads, &session) ||
      symbol<int(Session *, uint64_t)>(library, "gemm_init")(session, 0))
    stop(message(session));
  return [=](int64_t calls) {
    for (int64_t i = 0; i < calls; ++i)
      if (predict(session, a, b, c))
        stop(message(session));
  };
}

/// One product of matrix `which` of a batch.
using Product = std::function<void(int64_t which)>;

static Product ofCblas(const char *path, const Shape &s, const float *a, const float *b, float *c) {
  void *library = open(path);
  if (void *set = dlsym(library, "openblas_set_num_threads"))
    reinterpret_cast<void (*)(int)>(set)(s.batch > 1 ? 1 : int(s.threads));
  auto *sgemm = symbol<void(int, int, int, int, int, int, float, const float *, int, const float *,
                            int, float, float *, int)>(library, "cblas_sgemm");
  return [=](int64_t which) {
    sgemm(101, s.isATransposed ? 112 : 111, s.isBTransposed ? 112 : 111, int(s.m), int(s.n),
          int(s.k), 1, a + which * s.m * s.k, int(s.isATransposed ? s.m : s.k),
          b + which * s.k * s.n, int(s.isBTransposed ? s.k : s.n), 0, c + which * s.m * s.n,
          int(s.n));
  };
}

/// oneDNN takes the number of its threads from the environment.
static Product ofDnnl(const char *path, const Shape &s, const float *a, const float *b, float *c) {
  auto *sgemm =
      symbol<int(char, char, int64_t, int64_t, int64_t, float, const float *, int64_t,
                 const float *, int64_t, float, float *, int64_t)>(open(path), "dnnl_sgemm");
  return [=](int64_t which) {
    if (sgemm(s.isATransposed ? 'T' : 'N', s.isBTransposed ? 'T' : 'N', s.m, s.n, s.k, 1,
              a + which * s.m * s.k, s.isATransposed ? s.m : s.k, b + which * s.k * s.n,
              s.isBTransposed ? s.k : s.n, 0, c + which * s.m * s.n, s.n))
      stop("dnnl_sgemm failed");
  };
}

/// The products of a batch, shared among threads that don't even wait for each other between
/// batches: the best that a library without batched products can be made to do.
static Products inBatches(Product product, const Shape &shape) {
  return [=](int64_t calls) {
    auto part = [&](int64_t thread, int64_t threads) {
      for (int64_t i = 0; i < calls; ++i)
        for (int64_t which = shape.batch * thread / threads;
             which < shape.batch * (thread + 1) / threads; ++which)
          product(which);
    };
    int64_t threads = std::min<int64_t>(shape.batch, shape.threads);
    std::vector<std::thread> others;
    for (int64_t thread = 1; thread < threads; ++thread)
      others.emplace_back(part, thread, threads);
    part(0, threads);
    for (std::thread &other : others)
      other.join();
  };
}

/// Some elements against sums in float64, within the bound of sums of k products in any order.
static void verify(const Shape &shape, const std::vector<float> &a, const std::vector<float> &b,
                   const std::vector<float> &c) {
  std::mt19937_64 engine(2);
  for (int sample = 0; sample < 200; ++sample) {
    auto at = int64_t(engine() % c.size());
    int64_t which = at / (shape.m * shape.n), row = at / shape.n % shape.m, column = at % shape.n;
    double sum = 0, size = 0;
    for (int64_t i = 0; i < shape.k; ++i) {
      double term = double(shape.a(a, which, row, i)) * shape.b(b, which, i, column);
      sum += term;
      size += std::abs(term);
    }
    if (!(std::abs(sum - c[size_t(at)]) <= std::ldexp(double(shape.k) * size, -24)))
      stop("element " + std::to_string(at) + " is wrong");
  }
}

int main(int argc, char **argv) {
  std::string kind = argc > 1 ? argv[1] : "";
  int first = kind == "nnc" ? 4 : 3;
  if (argc != first + 8)
    stop("see the first lines of bench/gemm/Gemm.cpp");
  auto number = [&](int i) { return std::atoll(argv[first + i]); };
  Shape shape = {number(0),      number(1), number(2),          number(3) != 0,
                 number(4) != 0, number(5), unsigned(number(6))};
  double budget = std::atof(argv[first + 7]);

  std::mt19937 engine(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> a(size_t(shape.batch * shape.m * shape.k));
  std::vector<float> b(size_t(shape.batch * shape.k * shape.n));
  std::vector<float> c(size_t(shape.batch * shape.m * shape.n));
  for (std::vector<float> *values : {&a, &b})
    for (float &value : *values)
      value = uniform(engine);

  if (kind == "nnc") {
    Products whole = ofModel(argv[2], shape, a.data(), b.data(), c.data());
    Products twin = ofModel(argv[3], shape, a.data(), b.data(), c.data());
    whole(1);
    verify(shape, a, b, c);
    Products writing = [&](int64_t calls) {
      for (int64_t i = 0; i < calls; ++i) {
        std::memset(c.data(), 0, c.size() * sizeof(float));
        asm volatile("" ::"r"(c.data()) : "memory");
      }
    };
    double call = best(whole, budget * 0.5), without = best(twin, budget * 0.4);
    std::printf("%.9g %.9g %.9g\n", call, without, best(writing, budget * 0.1));
  } else {
    Product product =
        (kind == "dnnl" ? ofDnnl : ofCblas)(argv[2], shape, a.data(), b.data(), c.data());
    Products products = inBatches(product, shape);
    products(1);
    verify(shape, a, b, c);
    std::printf("%.9g\n", best(products, budget));
  }
}
