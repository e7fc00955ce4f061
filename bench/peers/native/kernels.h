/* The losses of the native contender (kernels.c): means, the gradient written where asked for. */
#ifndef KERNELS_H
#define KERNELS_H
#include <stdint.h>
double cross_entropy_value(const float *x, const int32_t *y, int rows, int classes);
double cross_entropy(const float *x, const int32_t *y, int rows, int classes, float *g);
double bce_with_logits(const float *x, const float *t, int n, float *g);
double focal(const float *x, const float *t, int n, float *g);
double mse(const float *x, const float *t, int n, float *g);
double hinge(const float *x, const float *t, int n, float *g);
#endif
