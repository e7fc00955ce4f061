"""Derives the coefficients in assembly/coefficients.ts (python3 with mpmath; not part of any npm script).

Each polynomial is a weighted minimax fit by Remez exchange. It is then rounded to the working precision one
coefficient at a time, the lowest first, and the rest fitted again after each rounding, so that the printed bound
belongs to the rounded polynomial. Run: python3 scripts/coefficients.py
"""
from mpmath import atanh, cos, exp, fabs, factorial, floor, frexp, ldexp, log, lu_solve, matrix, mp, mpf, nint, pi, sqrt

mp.prec = 160


def rounded(x, bits):
    """x to the nearest number of `bits` significant bits."""
    if x == 0:
        return mpf(0)
    m, e = frexp(x)
    return ldexp(nint(ldexp(m, bits)), e - bits)


def remez(target, weight, a, b, terms):
    """Coefficients c[j], j in terms, that minimise max |weight(x)·(target(x) − Σ c_j·x^j)| on [a, b]."""
    n = len(terms)
    nodes = [(a + b) / 2 - (b - a) / 2 * cos(pi * (i + mpf(1) / 2) / (n + 1)) for i in range(n + 1)]
    grid = [(a + b) / 2 - (b - a) / 2 * cos(pi * i / 900) for i in range(901)]
    scale = max(weight(a), weight(b)) * mpf('1e-9')  # no node where the weight is 0
    values = [(x, target(x), weight(x)) for x in grid]
    for _ in range(40):
        m, v = matrix(n + 1, n + 1), matrix(n + 1, 1)
        for i, x in enumerate(nodes):
            for j, t in enumerate(terms):
                m[i, j] = x ** t
            m[i, n] = (-1) ** i / max(weight(x), scale)
            v[i] = target(x)
        c = lu_solve(m, v)
        error = [w * (f - sum(c[j] * x ** t for j, t in enumerate(terms))) for x, f, w in values]
        peaks, start = [], 0
        for i in range(1, len(grid) + 1):  # the largest error of each run of one sign
            if i == len(grid) or (error[i] > 0) != (error[start] > 0):
                peaks.append(max(range(start, i), key=lambda k: fabs(error[k])))
                start = i
        while len(peaks) > n + 1:
            peaks.pop(0 if fabs(error[peaks[0]]) < fabs(error[peaks[-1]]) else -1)
        if len(peaks) < n + 1:
            raise ArithmeticError('no equioscillation')
        top = [fabs(error[k]) for k in peaks]
        nodes = [grid[k] for k in peaks]
        if max(top) < min(top) * mpf('1.001'):
            break
    return [c[j] for j in range(n)], max(fabs(e) for e in error)


def fit(name, target, weight, a, b, count, bits, fixed=()):
    """Rounds as it goes; prints the coefficients, lowest first, with log2 of the bound."""
    known = list(fixed)
    while len(known) < count:
        rest = lambda x: target(x) - sum(c * x ** j for j, c in enumerate(known))
        c, _ = remez(rest, weight, a, b, list(range(len(known), count)))
        known.append(rounded(c[0], bits))
    worst = max(fabs(weight(x) * (target(x) - sum(c * x ** j for j, c in enumerate(known))))
                for x in [a + (b - a) * i / 2000 for i in range(2001)])
    print(f'{name}: bound 2^{float(log(worst, 2)):.2f}')
    for c in known:
        print('   ', repr(float(c)))


def series(x, f, taylor_terms):
    """f(x), or its Taylor sum close to 0 where f cancels."""
    return f(x) if fabs(x) > mpf(2) ** -20 else sum(c * x ** j for j, c in enumerate(taylor_terms))


if __name__ == '__main__':
    half = log(2) / 2 * (1 + mpf(2) ** -16)
    exp_rest = lambda r: series(r, lambda r: (exp(r) - 1 - r) / r ** 2, [1 / factorial(j + 2) for j in range(9)])
    exp_weight = lambda r: r * r * exp(-r)
    # 2·atanh(s) = 2s + s·z·P(z), z = s²
    log_rest = lambda z: series(z, lambda z: (2 * atanh(sqrt(z)) / sqrt(z) - 2) / z, [mpf(2) / (2 * j + 3) for j in range(9)])
    edge = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2 * (1 + mpf(2) ** -16)
    for bits, e, l, u in ((24, 5, 3, 4), (53, 10, 7, 10)):
        print(f'--- {bits} bits')
        fit(f'exp: e^r = 1 + r + r²·P(r), {e} terms', exp_rest, exp_weight, -half, half, e, bits)
        fit(f'log: {l} terms', log_rest, lambda z: z / 2, mpf(0), edge, l, bits)
        fit(f'log1pUnit: {u} terms', log_rest, lambda z: z / 2, mpf(0), mpf(1) / 9, u, bits)
        hi = floor(log(2) * 2 ** (15 if bits == 24 else 41)) / 2 ** (15 if bits == 24 else 41)
        print('ln 2 =', repr(float(hi)), '+', repr(float(rounded(log(2) - hi, bits))))
        print('log2 e =', repr(float(rounded(1 / log(2), bits))))
