// The peak multiply-add rate of one core in f32, in GFLOP/s: what fractions in bench/ are of.
//
// Independent chains of fused multiply-adds on the widest vectors of the machine it is compiled
// for; enough chains to cover the latency of two units, few enough to stay in registers.
#include <chrono>
#include <cstdio>

#ifdef __AVX512F__
constexpr int lanes = 16, chains = 20;
#else
constexpr int lanes = 8, chains = 12;
#endif
typedef float Vector __attribute__((vector_size(lanes * sizeof(float))));

int main() {
  constexpr long repetitions = 400000;
  double best = 0;
  for (int round = 0; round < 20; ++round) {
    Vector sum[chains], x, y;
    for (int lane = 0; lane < lanes; ++lane) {
      for (int i = 0; i < chains; ++i)
        sum[i][lane] = 1e-3f * (i + lane);
      x[lane] = 0.999f;
      y[lane] = 1e-6f;
    }
    asm volatile("" : "+x"(x), "+x"(y)); // the compiler may not know the factors
    auto start = std::chrono::steady_clock::now();
    for (long j = 0; j < repetitions; ++j)
#pragma GCC unroll 20
      for (int i = 0; i < chains; ++i)
        sum[i] = sum[i] * x + y;
    double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    for (int i = 1; i < chains; ++i)
      sum[0] += sum[i];
    asm volatile("" ::"x"(sum[0])); // and must compute the sums
    double rate = repetitions * double(chains) * lanes * 2 / seconds / 1e9;
    best = rate > best ? rate : best;
  }
  std::printf("%.1f\n", best);
}
