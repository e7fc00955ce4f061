/*
 * The losses as one writes them in C with vectors, by the algorithms of assembly/: three passes over a cached row with the exponentials kept in
 * the gradient, blocks of 1024 elements, sums in lanes within a block and in float64 beyond. No weights, no checks, no special numbers:
 * this is the bar for kernels, not a library. What is left of whole vectors is one padded vector.
 */
#include <math.h>
#include "kernels.h"
#include "vector.h"

enum { BLOCK = 1024 };

INLINE vec load_part(const float *p, int n, float padding) {
  float pad[LANES];
  for (int i = 0; i < LANES; i++) pad[i] = i < n ? p[i] : padding;
  return load(pad);
}
INLINE void store_part(float *p, vec v, int n) {
  for (int i = 0; i < n; i++) p[i] = v[i];
}

INLINE float row_maximum(const float *x, int n) {
  vec a = splat(-INFINITY), b = a, c = a, d = a;
  int i = 0;
  for (; i + 4 * LANES <= n; i += 4 * LANES) {
    a = most(a, load(x + i));
    b = most(b, load(x + i + LANES));
    c = most(c, load(x + i + 2 * LANES));
    d = most(d, load(x + i + 3 * LANES));
  }
  for (; i + LANES <= n; i += LANES) a = most(a, load(x + i));
  if (i < n) a = most(a, load_part(x + i, n - i, -INFINITY));
  return largest(most(most(a, b), most(c, d)));
}

/* The sum of e^(x - m); the exponentials go to g if `keep`, a literal at each call. */
INLINE double row_sum(const float *x, int n, float m, float *g, int keep) {
  double sum = 0;
  for (int from = 0; from < n; from += BLOCK) {
    int end = from + BLOCK < n ? from + BLOCK : n, i = from;
    vec a = splat(0), b = a;
    for (; i + 2 * LANES <= end; i += 2 * LANES) {
      vec p = exp_nonpositive(load(x + i) - m), q = exp_nonpositive(load(x + i + LANES) - m);
      if (keep) store(g + i, p), store(g + i + LANES, q);
      a += p, b += q;
    }
    for (; i < end; i += LANES) {
      int rest = end - i < LANES ? end - i : LANES;
      vec p = exp_nonpositive((rest < LANES ? load_part(x + i, rest, -INFINITY) : load(x + i)) - m);
      if (keep) store_part(g + i, p, rest);
      a += p;
    }
    sum += total(a + b);
  }
  return sum;
}

double cross_entropy_value(const float *x, const int32_t *y, int rows, int classes) {
  double sum = 0;
  for (int r = 0; r < rows; r++, x += classes) {
    float m = row_maximum(x, classes);
    sum += log(row_sum(x, classes, m, 0, 0)) + m - x[y[r]];
  }
  return sum / rows;
}

double cross_entropy(const float *x, const int32_t *y, int rows, int classes, float *g) {
  double sum = 0;
  for (int r = 0; r < rows; r++, x += classes, g += classes) {
    float m = row_maximum(x, classes);
    double s = row_sum(x, classes, m, g, 1);
    sum += log(s) + m - x[y[r]];
    vec k = splat((float)(1 / (s * rows)));
    int i = 0;
    for (; i + LANES <= classes; i += LANES) store(g + i, load(g + i) * k);
    for (; i < classes; i++) g[i] *= k[0];
    g[y[r]] -= 1.0f / rows;
  }
  return sum / rows;
}

/* What a pointwise loss gives for a vector. */
typedef struct { vec loss, slope; } both;

/* `formula` takes x and t and what `stage` (a macro: a short loop over the block, or nothing) has put at s. */
#define POINTWISE(name, stage, formula)                                                                    \
  double name(const float *x, const float *t, int n, float *g) {                                           \
    double sum = 0;                                                                                        \
    vec scale = splat(1.0f / n);                                                                           \
    float pad_x[LANES], pad_t[LANES];                                                                      \
    for (int from = 0; from < n; from += BLOCK) {                                                          \
      int size = n - from < BLOCK ? n - from : BLOCK, whole = size & -LANES, rest = size - whole;          \
      float s[2 * BLOCK] __attribute__((aligned(64)));                                                     \
      const float *a = x + from, *b = t + from;                                                            \
      vec even = splat(0), odd = even;                                                                     \
      stage(a, s, whole);                                                                                  \
      int i = 0;                                                                                           \
      for (; i + 2 * LANES <= whole; i += 2 * LANES) {                                                     \
        both p = formula(load(a + i), load(b + i), s + i);                                                 \
        both q = formula(load(a + i + LANES), load(b + i + LANES), s + i + LANES);                         \
        store(g + from + i, p.slope * scale);                                                              \
        store(g + from + i + LANES, q.slope * scale);                                                      \
        even += p.loss, odd += q.loss;                                                                     \
      }                                                                                                    \
      for (; i < whole; i += LANES) {                                                                      \
        both p = formula(load(a + i), load(b + i), s + i);                                                 \
        store(g + from + i, p.slope * scale);                                                              \
        even += p.loss;                                                                                    \
      }                                                                                                    \
      sum += total(even + odd);                                                                            \
      if (rest) {                                                                                          \
        store(pad_x, load_part(a + whole, rest, 0)), store(pad_t, load_part(b + whole, rest, 0));          \
        stage(pad_x, s, LANES);                                                                            \
        both p = formula(load(pad_x), load(pad_t), s);                                                     \
        store_part(g + from + whole, p.slope * scale, rest);                                               \
        for (int k = 0; k < rest; k++) sum += p.loss[k];                                                   \
      }                                                                                                    \
    }                                                                                                      \
    return sum / n;                                                                                        \
  }

INLINE void nothing(const float *x, float *s, int n) { (void)x, (void)s, (void)n; }

/* e^-|x|, and behind it log(1 + e^-|x|): two short loops leave registers for the third. */
INLINE void logistic(const float *x, float *s, int n) {
  for (int i = 0; i < n; i += LANES) store(s + i, exp_nonpositive(negative(load(x + i))));
  for (int i = 0; i < n; i += LANES) store(s + BLOCK + i, log1p_unit(load(s + i)));
}

INLINE both mse_formula(vec x, vec t, const float *s) {
  (void)s;
  vec d = x - t;
  return (both){d * d, d + d};
}

INLINE both hinge_formula(vec x, vec t, const float *s) {
  (void)s;
  vec z = 1.0f - t * x;
  ints on = z > 0.0f;
  return (both){(vec)((ints)z & on), (vec)((ints)-t & on)};
}

INLINE both bce_formula(vec x, vec t, const float *s) {
  vec e = load(s);
  vec p = choose(x >= 0.0f, splat(1), e) / (1.0f + e);
  return (both){most(splat(0), x) - x * t + load(s + BLOCK), p - t};
}

/* alpha 0.25, gamma 2, any target in [0, 1]: q = p(1 - t) + (1 - p)t. */
INLINE both focal_formula(vec x, vec t, const float *s) {
  vec e = load(s), r = 1.0f / (1.0f + e), tail = e * r;
  ints right = x >= 0.0f;
  vec p = choose(right, r, tail), rest = choose(right, tail, r), other = 1.0f - t;
  vec q = p * other + rest * t, alpha = 0.25f * t + 0.75f * other;
  vec ce = most(splat(0), x) - x * t + load(s + BLOCK), aq = alpha * q;
  return (both){aq * q * ce, aq * (q * (p - t) + 2.0f * ce * p * rest * (other - t))};
}

POINTWISE(mse, nothing, mse_formula)
POINTWISE(hinge, nothing, hinge_formula)
POINTWISE(bce_with_logits, logistic, bce_formula)
POINTWISE(focal, logistic, focal_formula)
