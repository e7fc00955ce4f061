/*
 * Vectors of floats as wide as the machine that is compiled for (SSE4.1: 4, AVX: 8, AVX-512: 16), with the vector extensions of clang and gcc:
 * one source for all. exp and log1p are the algorithms of assembly/math.ts with its coefficients (coefficients.h is made from them).
 * It knows no loss.
 */
#ifndef VECTOR_H
#define VECTOR_H
#include <stdint.h>
#include <string.h>
#include "coefficients.h"

#if defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX__)
#define LANES 8
#else
#define LANES 4
#endif

typedef float vec __attribute__((vector_size(4 * LANES), may_alias));
typedef int32_t ints __attribute__((vector_size(4 * LANES), may_alias));
#define INLINE static inline __attribute__((always_inline))

INLINE vec load(const float *p) { vec v; memcpy(&v, p, sizeof v); return v; }
INLINE void store(float *p, vec v) { memcpy(p, &v, sizeof v); }
INLINE vec splat(float x) { return (vec){} + x; }
/* mask ? a : b */
INLINE vec choose(ints mask, vec a, vec b) { return (vec)(((ints)a & mask) | ((ints)b & ~mask)); }
/* One instruction where the compiler sees it: a where b is a NaN, as SSE's maximum with its operands in this order. */
INLINE vec most(vec a, vec b) { return choose(b > a, b, a); }
INLINE vec magnitude(vec a) { return (vec)((ints)a & 0x7fffffff); }
INLINE vec negative(vec a) { return (vec)((ints)a | INT32_MIN); }

/* In float64: sums of long arrays are made of these. */
INLINE double total(vec v) {
  double sum = 0;
  for (int i = 0; i < LANES; i++) sum += v[i];
  return sum;
}
INLINE float largest(vec v) {
  float m = v[0];
  for (int i = 1; i < LANES; i++) m = v[i] > m ? v[i] : m;
  return m;
}

/* e^x for x <= 0; 0 where it would be below the smallest normal number. */
INLINE vec exp_nonpositive(vec x) {
  vec c = most(x, splat(C_EXP_MIN));
  vec t = c * C_LOG2E + C_MAGIC;
  vec n = t - C_MAGIC;
  vec r = c - n * C_LN2_HI - n * C_LN2_LO;
  vec w = r * r;
  vec even = splat(C_E6) * w + C_E4;
  vec odd = splat(C_E5) * w + C_E3;
  even = even * w + C_E2;
  vec q = (odd * r + even) * w + r;
  vec power = (vec)(((ints)t << 23) & (x > C_EXP_MIN));
  return (q + 1.0f) * power;
}

/* log(1 + e) for e in [0, 1]. */
INLINE vec log1p_unit(vec e) {
  vec g = (vec)((ints)e & (e >= C_SLIGHT));
  vec s = g / (g + 2.0f);
  vec z = s * s;
  vec p = splat(C_U4) * z + C_U3;
  p = p * z + C_U2;
  p = p * z + C_U1;
  return e - s * (g - p * z);
}
#endif
