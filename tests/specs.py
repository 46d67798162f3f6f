"""Small specs that use the language in unusual ways; tests/test_meaning.py tries the whole compiler on each."""

SPECS = {
    "conv2d": """
example N = 2
layer conv2d(x[n, (g: groups, c: C), i: I, j: J], units, k=3, stride=1, pad=1,
             dilation=1, groups=1) -> y[n, (g, o), u, v]:
    param W[g, o: units//groups, c, p: k, q: k] ~ he_normal(fan_in=C*k*k)
    param b[g, o] ~ zeros
    xp[n, g, c, i: I + 2*pad, j: J + 2*pad] = x[n, (g, c), i - pad, j - pad] else 0
    y[n, (g, o), u, v] = b[g, o] + sum(c, p, q:
        W[g,o,c,p,q] * xp[n, g, c, stride*u + dilation*p, stride*v + dilation*q])
input x[N, 4, 5, 6]
h = conv2d(x, 4, stride=2, groups=2)
z = conv2d(h, 2, k=2, pad=1, dilation=2)
output z
minimize mean(n, o, u, v: z[n, o, u, v]**2)
""",
    "conv2d_sizes": """
example N = 2
example H = 5
example L = 6
layer conv2d(x[n, (g: groups, c: C), i: I, j: J], units, k=3, stride=1, pad=1,
             dilation=1, groups=1) -> y[n, (g, o), u, v]:
    param W[g, o: units//groups, c, p: k, q: k] ~ he_normal(fan_in=C*k*k)
    param b[g, o] ~ zeros
    xp[n, g, c, i: I + 2*pad, j: J + 2*pad] = x[n, (g, c), i - pad, j - pad] else 0
    y[n, (g, o), u, v] = b[g, o] + sum(c, p, q:
        W[g,o,c,p,q] * xp[n, g, c, stride*u + dilation*p, stride*v + dilation*q])
input x[N, 4, H, L]
h = conv2d(x, 4, stride=2, groups=2)
minimize mean(n, o, u, v: h[n, o, u, v]**2)
""",
    "batch_norm": """
example N = 4
layer batch_norm(x[n, c: C, ...], momentum=0.1, eps=1e-5) -> y[n, c, ...]:
    param g[c] ~ ones
    param b[c] ~ zeros
    state rm[c] ~ zeros
    state rv[c] ~ ones
    if training:
        m[c] = mean(n, ...: x[n, c, ...])
        v[c] = mean(n, ...: (x[n, c, ...] - m[c])**2)
        rm' = rm + momentum*(m - rm)
        rv' = rv + momentum*(v - rv)
    else:
        m = rm
        v = rv
    y[n, c, ...] = g[c]*(x[n, c, ...] - m[c])/sqrt(v[c] + eps) + b[c]
input x[N, 3, 4]
input t[N, 3, 4]
y = batch_norm(x)
minimize mean(n, c, i: (y[n, c, i]-t[n,c,i])**2)
""",
    "batch_norm_stateless": """
example N = 4
layer batch_norm(x[n, c: C, ...], eps=1e-5) -> y[n, c, ...]:
    param g[c] ~ ones
    param b[c] ~ zeros
    m[c] = mean(n, ...: x[n, c, ...])
    v[c] = mean(n, ...: (x[n, c, ...] - m[c])**2)
    y[n, c, ...] = g[c]*(x[n, c, ...] - m[c])/sqrt(v[c] + eps) + b[c]
input x[N, 3, 4]
input t[N, 3, 4]
y = batch_norm(x)
z = batch_norm(y)
minimize mean(n, c, i: (z[n, c, i]-t[n,c,i])**2)
""",
    "attention": """
example N = 2
layer attention(x[n, t: T, i: I], heads=2) -> y[n, t, i]:
    param Q[i, (h: heads, k: I//heads)] ~ glorot_uniform
    param K[i, h: heads, k: I//heads] ~ normal
    param V[i, h: heads, k: I//heads] ~ normal
    q[n, t, h, k] = sum(i: x[n,t,i]*Q[i,(h,k)])
    kk[n, t, h, k] = sum(i: x[n,t,i]*K[i,h,k])
    v[n, t, h, k] = sum(i: x[n,t,i]*V[i,h,k])
    s[n, h, t, u: T] = where(u <= t, sum(k: q[n,t,h,k]*kk[n,u,h,k])/sqrt(I/heads), -inf)
    a[n, h, t, u] = exp(s[n,h,t,u])/sum(w: exp(s[n,h,t,w]))
    y[n, t, (h, k)] = sum(u: a[n,h,t,u]*v[n,u,h,k])
input x[N, 5, 4]
y = attention(x)
z = attention(y)
output z
minimize mean(n, t, i: z[n,t,i]**2)
""",
    "maxpool": """
example N = 2
input x[N, 3, 6, 6]
param w[c: 3] ~ ones
y[n, c, u: 3, v: 3] = max(p < 2, q < 2: w[c]*x[n, c, 2*u + p, 2*v + q])
minimize mean(n, c, u, v: y[n, c, u, v]**2)
""",
    "maxpool_overlap": """
example N = 2
input x[N, 7]
param w ~ ones
y[n, u: 4] = max(p < 3: w*x[n, 2*u + p - 1] else -inf)
minimize mean(n, u: y[n, u]**2)
""",
    "diag": """
param M[i: 4, j: 4] ~ normal
minimize sum(i, j: M[i,j]*M[j,i]) + sum(i: M[i,i]**3)
""",
    "prod": """
example N = 3
input x[N, 4]
param w[i: 4] ~ normal
p[n] = prod(i: x[n,i]*w[i] + 1)
minimize sum(n: p[n]**2)
""",
    "prod_range": """
param w[i: 6] ~ normal
p[i: 6] = prod(j < 6 if j <= i: w[j])
minimize sum(i: p[i])
""",
    "argminmax": """
example N = 5
input x[N, 4]
param w[i: 4] ~ normal
z[n, i] = x[n,i]*w[i]
a[n] = argmax(i: z[n,i])
b[n] = argmin(i: z[n,i])
output a, b
minimize sum(n: z[n,a[n]]**2 - z[n,b[n]])
""",
    "masked_softmax": """
example N = 4
input x[N, 5]
input lg[N] < 5
param w[i: 5] ~ normal
z[n, i] = x[n,i]*w[i]
s[n] = sum(i if i <= lg[n]: exp(z[n,i]))
p[n, i] = where(i <= lg[n], exp(z[n,i])/s[n], 0)
output p
minimize sum(n, i: p[n,i]**2*i)
""",
    "causal_shift": """
input x[T: 6, 2]
param a[k: 3] ~ normal
y[t: 6, c] = sum(k: a[k]*(x[t - k, c] else 0))
z[t, c] = y[t, c] - y[t-1, c] else 0
minimize sum(t, c: z[t,c]**2)
""",
    "else_other": """
input x[6]
param a ~ normal
param b[i: 6] ~ normal
y[t: 6] = a*(x[t - 1] else b[t]) + (b[t+2] else a)
minimize sum(t: y[t]**2)
""",
    "indirect_else": """
example N = 5
input ids[N] < 9
param E[v: 6, d: 3] ~ normal
y[n, d] = E[ids[n], d] else 0
minimize sum(n, d: y[n,d]**2 + y[n,d])
""",
    "indirect_arith": """
example N = 5
input a[N] < 3
input b[N] < 4
param E[v: 12, d: 3] ~ normal
y[n, d] = E[a[n]*4 + b[n], d]*E[(a[n]*4 + b[n]) // 2, d] + E[b[n] % 2, (d + n) % 3]
minimize sum(n, d: y[n,d]**2)
""",
    "twice_indirect": """
example N = 5
input p[7] < 7
input q[N] < 7
param E[v: 7] ~ normal
y[n] = E[p[q[n]]]
minimize sum(n: y[n]**2)
""",
    "scatter": """
example N = 6
input src[N] < 4
input dst[N] < 4
param h[v: 4, d: 3] ~ normal
m[v: 4, d] = h[v, d]
m[dst[n], d] += tanh(h[src[n], d])
minimize sum(v, d: m[v, d]**2)
""",
    "scatter2": """
example N = 6
input g[N] < 3
input k[N] < 2
input x[N]
param w ~ normal
t[a: 3, b: 2] = w
t[g[n], k[n]] += w*x[n]
c[a: 3] = 0
c[g[n]] += 1
minimize sum(a, b: t[a,b]**2/(1 + c[a]))
""",
    "pieces": """
input x[3]
param b[j: 2] ~ normal
y[j: 0..3] = x[j]*b[0]
y[j: 3..5] = b[j - 3]
y[j: 5..6] = 7
minimize sum(j: y[j]**2*(j+1))
""",
    "repeat_join": """
example N = 2
input x[N, 3]
param w[p: 2] ~ normal
y[n, (i, p: 2)] = x[n, i]*w[p]
z[n, (p, i)] = y[n, (i, p)]
minimize sum(n, j: z[n,j]**2*j)
""",
    "tied": """
example N = 3
input x[N, 4]
h = dense(x, 3, activation=tanh)
r[n, i] = sum(o: h[n, o]*h.W[i, o])
k = dense(x, 3, activation=tanh, params=h)
minimize mean(n, i: (r[n,i] - x[n,i])**2) + mean(n, o: k[n,o]**3)
""",
    "scalar_only": """
param a ~ constant(2)
param b ~ constant(3)
c = a*b
d = c/a + b**a + a**2
minimize d + log(c) - sqrt(a)
""",
    "powzero": """
param a[i: 3] ~ zeros
input x[3]
minimize sum(i: (a[i]*x[i] + x[i])**3 + (x[i]**2)**(3/2)*a[i])
""",
    "stopgrad": """
input x[3]
param w[i: 3] ~ normal
y[i] = w[i]*x[i]
minimize sum(i: y[i]*stop(y[i]))
""",
    "minmaxties": """
input x[3] ~ uniform(1, 1)
param w[i: 3] ~ ones
minimize max(i: w[i]) + min(i: w[i]*2) + max(w[0], w[1]) + abs(w[2] - 1)
""",
    "whole": """
example N = 3
input x[N, 4]
input y[N, 4]
param a ~ normal
r = a*(x + 2*y)/3 - x*y + exp(-x)
s = r**2
minimize mean(n, i: s[n,i])
""",
    "unused_param": """
input x[3]
param w[i: 3] ~ normal
param u[i: 2, j: 2] ~ normal
minimize sum(i: w[i]*x[i])
""",
    "unused_input": """
input x[3]
input z[5]
param w[i: 3] ~ normal
minimize sum(i: w[i]**2)
""",
    "size_values": """
example N = 4
input x[N]
param a ~ normal
y[n] = a*x[n]*n/N + where(n == N - 1, a**2, 0) + where(2*n < N, a, -a)
minimize sum(n: y[n]**2)/N
""",
    "reverse": """
example N = 4
input x[N]
param a[k: 3] ~ normal
y[n: N] = x[N - 1 - n]
w[k: 3] = a[2 - k]
minimize sum(n: y[n]*n)*sum(k: w[k]*k)
""",
    "for_if": """
const depth = 3
input x[4]
param a ~ normal
h{0} = x
for l in 1..depth+1:
    if l % 2 == 0:
        h{l} = tanh(a*h{l-1})
    else:
        h{l} = sin(a*h{l-1})
minimize sum(i: h{depth}[i]**2)
""",
    "mean_filter_empty": """
example N = 4
input lg[N] < 4
input x[N, 3]
param w[t: 3] ~ normal
m[n] = mean(t if t < lg[n]: w[t]*x[n,t])
p[n] = prod(t if t < lg[n]: w[t]*x[n,t])
minimize sum(n: m[n]**2 + p[n])
""",
    "max_empty": """
example N = 4
input lg[N] < 4
input x[N, 3]
param w[t: 3] ~ normal
m[n] = max(t if t < lg[n]: w[t]*x[n,t])
minimize sum(n: where(lg[n] > 0, m[n]**2, 0))
""",
    "hessian_like": """
param x[i: 3] ~ normal
param A[i: 3, j: 3] ~ normal
y[i] = sum(j: A[i,j]*x[j])
minimize log(1 + sum(i: exp(y[i]))) + sqrt(1 + sum(i: y[i]**2))
""",
    "nested_sum": """
param x[i: 3] ~ normal
param A[i: 3, j: 4, k: 2] ~ normal
minimize sum(i: x[i]*sum(j: tanh(sum(k: A[i,j,k]*x[i]))*sum(k: A[i,j,k])))
""",
    "three_factor": """
param A[i: 3, r: 2] ~ normal
param B[j: 4, r: 2] ~ normal
param C[k: 2, r: 2] ~ normal
X[i, j, k] = sum(r: A[i,r]*B[j,r]*C[k,r])
minimize sum(i, j, k: (X[i,j,k] - 1)**2)
""",
    "outer_same": """
param a[i: 3] ~ normal
M[i, j] = a[i]*a[j]
minimize sum(i, j: M[i,j]**2*(i + 2*j))
""",
    "broadcast_unused_index": """
param a[i: 3] ~ normal
M[i, j: 4] = a[i]
minimize sum(i, j: M[i,j]**2) + sum(i, k < 5: a[i])
""",
    "integers": """
example N = 4
input a[N] < 5
param w ~ normal
b[n] = a[n]*2 - 3
c[n] = b[n] // 2
d[n] = b[n] % 3
e = sum(n: d[n])
output b, c, d, e
minimize sum(n: (w*b[n] + c[n])**2)/e
""",
    "cond_real": """
example N = 4
input x[N]
param w ~ normal
hit[n] = x[n] > w and x[n] < 2 or not x[n] >= -1
metric share = mean(n: hit[n])
output hit
minimize mean(n: where(hit[n] == 1, w*x[n], w**2))
""",
    "where_nested": """
example N = 9
input x[N]
param w ~ normal
y[n] = where(w*x[n] > 1, w*x[n] - 1/2, where(w*x[n] < -1, -w*x[n] - 1/2, (w*x[n])**2/2))
z[n] = where(y[n] > 0.1, sqrt(y[n]), where(x[n] > 0, log(1 + y[n]), where(x[n] < -1, y[n]**2, 0)))
minimize sum(n: z[n])
""",
    "sqrt_zero": """
input s[4] ~ uniform(0, 1)
param w[i: 4] ~ normal
v[i] = s[i]*max(0, w[i])
r[i] = sqrt(v[i])
y[i] = where(v[i] > 0, r[i], 0)
minimize sum(i: y[i])
""",
    "logsumexp": """
example N = 3
input z[N, 5]
param s ~ constant(3)
minimize sum(n: log(sum(k: exp(s*z[n,k]))))
""",
    "lse2d": """
param A[i: 3, j: 4] ~ normal
minimize log(sum(i, j: exp(A[i,j]))) + sum(i: log(sum(j: exp(A[i,j]**2))))
""",
    "weighted_lse": """
input m[4] ~ uniform(0.5, 1)
param z[k: 4] ~ normal
minimize log(sum(k: m[k]*exp(z[k]))) - sum(k: z[k]/4)
""",
    "softmax_hand": """
example N = 3
input x[N, 4]
input y[N] < 4
param s ~ constant(3)
e[n, k] = exp(s*x[n,k])
t[n] = sum(k: e[n,k])
p[n, k] = e[n,k]/t[n]
output p
minimize mean(n: -log(p[n,y[n]]))
""",
    "sep": """
layer pair(x[..., a: A]) -> u[..., a], v[...]:
    u[..., a] = 2*x[..., a]
    v[...] = sum(a: x[..., a])
input x[3, 4]
param w[a: 4] ~ normal
y[n, a] = x[n,a]*w[a]
u, v = pair(y)
minimize sum(n, a: u[n,a]*v[n])
""",
    "layer_rank0": """
layer f(x[...], k=2) = sum(...: x[...]**k)
param a ~ normal
param b[i: 3] ~ normal
minimize f(a) + f(b, k=3) + f(b)
""",
    "funcs": """
param x[i: 5] ~ uniform(0.2, 0.8)
minimize sum(i: exp(x[i]) + log(x[i]) + sqrt(x[i]) + sin(x[i])*cos(x[i]) + tan(x[i]) + tanh(x[i])
    + sinh(x[i]) + cosh(x[i]) + arctan(x[i]) + erf(x[i]) + abs(x[i]) + sign(x[i])
    + step(x[i]) + floor(x[i]) + sigmoid(x[i])
    + softplus(x[i]) + log1p(x[i]) + expm1(x[i]))
""",
    "metric_multi": """
example N = 3
input x[N, 4]
input y[N] < 3
z = dense(x, 3)
metric err = mean(n: argmax(c: z[n,c]) != y[n])
metric top = max(n, c: z[n,c])
output z
minimize softmax_cross_entropy(z, y)
""",
    "long_contract": """
param A[i: 2, j: 3] ~ normal
param B[j: 3, k: 4] ~ normal
param C[k: 4, l: 2] ~ normal
D[i, l] = sum(j, k: A[i,j]*B[j,k]*C[k,l])
minimize sum(i, l: D[i,l]**2)
""",
    "bilinear": """
example N = 3
input x[N, 3]
input y[N, 4]
param W[i: 3, j: 4, o: 2] ~ normal
z[n, o] = sum(i, j: x[n,i]*W[i,j,o]*y[n,j])
minimize mean(n, o: z[n,o]**2)
""",
    "param_share_index": """
input T0[2]
param W[i: 3, i2: 3] ~ normal
minimize sum(i, j, k: W[i,j]*W[j,k]*W[k,i])
""",
    "affine_stride_scatter_free": """
param x[i: 10] ~ normal
y[i: 3, j: 3] = x[3*i + j]*x[i + 2*j]
minimize sum(i, j: y[i,j]**2)
""",
    "deep_else": """
input x[5, 5]
param k[p: 3, q: 3] ~ normal
y[i: 5, j: 5] = sum(p, q: k[p,q]*(x[i + p - 1, j + q - 1] else 0))
z[i: 5, j: 5] = max(p < 3, q < 3: (y[i + p - 1, j + q - 1] else -inf))
minimize sum(i, j: z[i,j])
""",
    "min_reduce": """
param x[i: 4, j: 3] ~ normal
minimize sum(i: min(j: x[i,j])*max(j: x[i,j]**2))
""",
    "mean_scalar": """
param x[i: 4] ~ normal
m = mean(i: x[i])
v = mean(i: (x[i] - m)**2)
minimize v/(1 + m**2)
""",
    "only_output": """
input x[3]
output y
y[i] = 2*x[i]
""",
    "no_param": """
input x[3]
minimize sum(i: x[i]**2)
""",
    "const_out": """
output y
y[i: 3] = i
""",
    "out_scalar": """
param a ~ normal
param x[i: 3] ~ normal
s = a*sum(i: x[i])
output s, a, x
minimize s
""",
    "filter_on_free_index": """
param w ~ ones
v[a: 3] = sum(k < 2 if a < 1: 2*w) + mean(k < 2 if a < 2: w)
minimize sum(a: v[a]**2)
""",
    "mixed_else": """
example N = 3
input g[N] < 3
param w[4, 3] ~ normal
v[n: N] = w[2*n - 1, g[n]] else 1
u[n: N, k: 4] = (w[k - 1, g[n]] else 0)*(w[k, g[n] + k - 1] else v[n])
minimize sum(n, k: u[n, k]**2) + sum(n: v[n])
""",
    "long_scalars": """
example N = 3
input x[N]
param w ~ normal
v = x[0] + mean(k1 < N: min(k2 < 4: w))
u = where(v > 0.3, max(k4 < 3: v*v), mean(k5 < 4: mean(k6 < 3 if w > v: w)))
minimize u + v
output u
""",
    "argmax_filtered": """
example N = 3
input x[N, 4]
input lg[N] < 4
param w[i: 4] ~ normal
a[n] = argmax(i if i <= lg[n]: x[n, i]*w[i])
output a
minimize sum(n: (x[n, a[n]]*w[a[n]])**2)
""",
}


# Recurrences: tensors that read their own earlier, or later, elements.
RECURRENCES = {
    "lstm": """
example N = 2
example T = 3
layer lstm(x[n, t: T, i: I], units) -> h[n, t, k], last[n, k]:
    param W[i, g: 4, k: units] ~ normal
    param U[j: units, g: 4, k: units] ~ normal
    param b[g: 4, k: units] ~ zeros
    a[n, t, g, k] = b[g, k] + sum(i: x[n, t, i]*W[i, g, k]) + sum(j: (h[n, t-1, j] else 0)*U[j, g, k])
    c[n, t, k] = sigmoid(a[n, t, 1, k])*(c[n, t-1, k] else 0) + sigmoid(a[n, t, 0, k])*tanh(a[n, t, 2, k])
    h[n, t, k] = sigmoid(a[n, t, 3, k])*tanh(c[n, t, k])
    last[n, k] = h[n, T-1, k]
input x[N, T, 3]
h, last = lstm(x, 2)
minimize mean(n, k: last[n, k]**2)
""",
    "rnn": """
example N = 2
example T = 4
input x[N, T, 3]
param W[i: 3, k: 4] ~ normal
param U[j: 4, k: 4] ~ orthogonal
h[n, t, k] = tanh(sum(i: x[n, t, i]*W[i, k]) + sum(j: (h[n, t-1, j] else 0)*U[j, k]))
minimize mean(n, k: h[n, T-1, k]**2) + sum(n, t, k: h[n,t,k])
""",
    "grid": """
param a ~ normal
param x[i: 4, j: 3] ~ normal
h[i: 4, j: 3] = x[i,j] + a*(h[i-1, j] else 1) + tanh(h[i, j-1] else a)
minimize h[3,2] + sum(i: h[i, 1]**2)
""",
    "backward_rec": """
param x[t: 5] ~ normal
param a ~ normal
h[t: 5] = x[t]*sin(h[t+1] else a)
minimize sum(t: h[t]**2)
""",
    "lag2": """
param x[t: 6] ~ normal
param a ~ normal
h[t: 6] = x[t] + a*(h[t-1] else 0)*(h[t-2] else 1)
minimize sum(t: h[t]**2)
""",
    "coupled": """
param x[t: 5] ~ normal
param a ~ normal
u[t: 5] = x[t] + a*(v[t-1] else 0)
v[t: 5] = tanh(u[t])*(u[t-1] else 1) + (v[t-1] else 2)
minimize sum(t: v[t]**2 + u[t])
""",
    "pieces_rec": """
param x[t: 5] ~ normal
h[t: 0..1] = x[0]
h[t: 1..5] = h[t-1]*x[t] + 1
minimize sum(t: h[t]**2)
""",
    "max_rec": """
param x[t: 4, k: 3] ~ normal
param A[j: 3, k: 3] ~ normal
h[t: 4, k: 3] = x[t,k] + max(j: A[j,k] + (h[t-1, j] else 0))
minimize max(k: h[3,k]) + sum(t, k: h[t,k])
""",
    "logsumexp_rec": """
param x[t: 4, k: 3] ~ normal
param A[j: 3, k: 3] ~ normal
h[t: 4, k: 3] = x[t,k] + log(sum(j: exp(A[j,k] + (h[t-1, j] else 0))))
minimize log(sum(k: exp(h[3,k])))
""",
    "softmax_rec": """
param x[t: 4, k: 3] ~ normal
param A[j: 3, k: 3] ~ normal
e[t: 4, k: 3] = exp(x[t,k] + sum(j: A[j,k]*(p[t-1, j] else 1/3)))
p[t: 4, k: 3] = e[t,k]/sum(c: e[t,c])
minimize -sum(t, k: log(p[t, k])*k)
""",
    "masked_rec": """
example N = 3
input lg[N] < 5
param x[t: 4] ~ normal
h[n: N, t: 4] = where(t < lg[n], tanh((h[n, t-1] else 0) + x[t]), (h[n, t-1] else 0))
minimize sum(n: h[n, 3]**2)
""",
    "cumprod": """
param x[t: 5] ~ normal
h[t: 5] = (h[t-1] else 1)*x[t]
minimize sum(t: h[t])
""",
    "int_rec": """
input g[6] < 3
param w[v: 20] ~ normal
c[t: 6] = (c[t-1] else 0) + g[t]
minimize sum(t: w[c[t]]**2)
""",
    "two_cell": """
param x[t: 4] ~ normal
param a ~ normal
h{0} = x
for l in 0..2:
    h{l+1}[t: 4] = tanh(h{l}[t] + a*(h{l+1}[t-1] else 0))
minimize sum(t: h{2}[t])
""",
    "scan_over_time_and_dep": """
param x[t: 4] ~ normal
m[t: 4] = max((m[t-1] else -inf), x[t])
s[t: 4] = sum(u < 4 if u <= t: exp(x[u] - m[t]))
minimize sum(t: log(s[t]) + m[t])
""",
    "meanrec": """
example N = 3
input x[N]
param a ~ normal
h[t: 4, n: N] = a*x[n] + mean(k < N: (h[t-1, k] else 0)) + prod(k < N: (h[t-1, k] else 1))/10
minimize sum(n: h[3, n]**2)
""",
    "summed_in_one_factor": """
example N = 3
input x[2, N, 2]
param w[i: 2, j: 3, l: 2] ~ normal
t[i, l] = sum(j, k: x[i, j, l]*x[i, j, k])
u[i, l] = sum(j, k: w[i, j, k]*w[i, j, l])
minimize sum(i, l: t[i, l]*u[i, l])
""",
}
