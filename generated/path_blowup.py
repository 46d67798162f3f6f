"""path_blowup: the network below with its gradients, in NumPy.

    network path_blowup

    const depth = 40

    param x ~ constant(1)

    h{0} = x
    for l in 1..depth+1:
        left{l} = 2*sin(h{l-1})
        right{l} = tanh(h{l-1})
        h{l} = left{l} - right{l}

    output h{depth}
    minimize h{depth}

Gradients checked against central differences: relative error at most 1e-8.
Made by symnet 0.1.0, from a spec with the SHA-256 sum
dfddd17fad5508d19e7311200a453d0066d6343a600aeb2d9a58bfe1b2a1cb36
"""

import math

import numpy as np

# Shapes hold numbers and sizes. Sizes come with the arrays; SIZES has examples of them.
PARAMETERS = {
    "x": {"shape": (), "kind": "real"},
}
INPUTS = {}
OUTPUTS = {
    "h40": {"shape": (), "kind": "real"},
}
STATE = {}
METRICS = ()
SIZES = {}
BATCH = None


# --- initial values ---


def init(rng, dtype=np.float32):
    """Draw the parameters.

    rng    a np.random.Generator, or a seed
    dtype  np.float32 or np.float64
    """
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise TypeError(f"dtype: expected np.float32 or np.float64, got {dtype!r}")
    values = {
        "x": np.full((), 1),
    }
    return {name: np.asarray(value, dtype) for name, value in values.items()}


# --- training mode: values, and gradients for any upstream gradient ---


def forward(params):
    """Calculate the outputs, and what backward needs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64

    Returns (outputs, saved).
    `saved` refers to the inputs: leave them as they are until backward.
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    x = np.asarray(params["x"], dtype)

    # left1 = 2*sin(x)
    left1 = 2 * np.sin(x)
    # right1 = tanh(x)
    right1 = np.tanh(x)
    # h1 = left1 - right1
    h1 = left1 - right1
    # left2 = 2*sin(h1)
    left2 = 2 * np.sin(h1)
    # right2 = tanh(h1)
    right2 = np.tanh(h1)
    # h2 = left2 - right2
    h2 = left2 - right2
    # left3 = 2*sin(h2)
    left3 = 2 * np.sin(h2)
    # right3 = tanh(h2)
    right3 = np.tanh(h2)
    # h3 = left3 - right3
    h3 = left3 - right3
    # left4 = 2*sin(h3)
    left4 = 2 * np.sin(h3)
    # right4 = tanh(h3)
    right4 = np.tanh(h3)
    # h4 = left4 - right4
    h4 = left4 - right4
    # left5 = 2*sin(h4)
    left5 = 2 * np.sin(h4)
    # right5 = tanh(h4)
    right5 = np.tanh(h4)
    # h5 = left5 - right5
    h5 = left5 - right5
    # left6 = 2*sin(h5)
    left6 = 2 * np.sin(h5)
    # right6 = tanh(h5)
    right6 = np.tanh(h5)
    # h6 = left6 - right6
    h6 = left6 - right6
    # left7 = 2*sin(h6)
    left7 = 2 * np.sin(h6)
    # right7 = tanh(h6)
    right7 = np.tanh(h6)
    # h7 = left7 - right7
    h7 = left7 - right7
    # left8 = 2*sin(h7)
    left8 = 2 * np.sin(h7)
    # right8 = tanh(h7)
    right8 = np.tanh(h7)
    # h8 = left8 - right8
    h8 = left8 - right8
    # left9 = 2*sin(h8)
    left9 = 2 * np.sin(h8)
    # right9 = tanh(h8)
    right9 = np.tanh(h8)
    # h9 = left9 - right9
    h9 = left9 - right9
    # left10 = 2*sin(h9)
    left10 = 2 * np.sin(h9)
    # right10 = tanh(h9)
    right10 = np.tanh(h9)
    # h10 = left10 - right10
    h10 = left10 - right10
    # left11 = 2*sin(h10)
    left11 = 2 * np.sin(h10)
    # right11 = tanh(h10)
    right11 = np.tanh(h10)
    # h11 = left11 - right11
    h11 = left11 - right11
    # left12 = 2*sin(h11)
    left12 = 2 * np.sin(h11)
    # right12 = tanh(h11)
    right12 = np.tanh(h11)
    # h12 = left12 - right12
    h12 = left12 - right12
    # left13 = 2*sin(h12)
    left13 = 2 * np.sin(h12)
    # right13 = tanh(h12)
    right13 = np.tanh(h12)
    # h13 = left13 - right13
    h13 = left13 - right13
    # left14 = 2*sin(h13)
    left14 = 2 * np.sin(h13)
    # right14 = tanh(h13)
    right14 = np.tanh(h13)
    # h14 = left14 - right14
    h14 = left14 - right14
    # left15 = 2*sin(h14)
    left15 = 2 * np.sin(h14)
    # right15 = tanh(h14)
    right15 = np.tanh(h14)
    # h15 = left15 - right15
    h15 = left15 - right15
    # left16 = 2*sin(h15)
    left16 = 2 * np.sin(h15)
    # right16 = tanh(h15)
    right16 = np.tanh(h15)
    # h16 = left16 - right16
    h16 = left16 - right16
    # left17 = 2*sin(h16)
    left17 = 2 * np.sin(h16)
    # right17 = tanh(h16)
    right17 = np.tanh(h16)
    # h17 = left17 - right17
    h17 = left17 - right17
    # left18 = 2*sin(h17)
    left18 = 2 * np.sin(h17)
    # right18 = tanh(h17)
    right18 = np.tanh(h17)
    # h18 = left18 - right18
    h18 = left18 - right18
    # left19 = 2*sin(h18)
    left19 = 2 * np.sin(h18)
    # right19 = tanh(h18)
    right19 = np.tanh(h18)
    # h19 = left19 - right19
    h19 = left19 - right19
    # left20 = 2*sin(h19)
    left20 = 2 * np.sin(h19)
    # right20 = tanh(h19)
    right20 = np.tanh(h19)
    # h20 = left20 - right20
    h20 = left20 - right20
    # left21 = 2*sin(h20)
    left21 = 2 * np.sin(h20)
    # right21 = tanh(h20)
    right21 = np.tanh(h20)
    # h21 = left21 - right21
    h21 = left21 - right21
    # left22 = 2*sin(h21)
    left22 = 2 * np.sin(h21)
    # right22 = tanh(h21)
    right22 = np.tanh(h21)
    # h22 = left22 - right22
    h22 = left22 - right22
    # left23 = 2*sin(h22)
    left23 = 2 * np.sin(h22)
    # right23 = tanh(h22)
    right23 = np.tanh(h22)
    # h23 = left23 - right23
    h23 = left23 - right23
    # left24 = 2*sin(h23)
    left24 = 2 * np.sin(h23)
    # right24 = tanh(h23)
    right24 = np.tanh(h23)
    # h24 = left24 - right24
    h24 = left24 - right24
    # left25 = 2*sin(h24)
    left25 = 2 * np.sin(h24)
    # right25 = tanh(h24)
    right25 = np.tanh(h24)
    # h25 = left25 - right25
    h25 = left25 - right25
    # left26 = 2*sin(h25)
    left26 = 2 * np.sin(h25)
    # right26 = tanh(h25)
    right26 = np.tanh(h25)
    # h26 = left26 - right26
    h26 = left26 - right26
    # left27 = 2*sin(h26)
    left27 = 2 * np.sin(h26)
    # right27 = tanh(h26)
    right27 = np.tanh(h26)
    # h27 = left27 - right27
    h27 = left27 - right27
    # left28 = 2*sin(h27)
    left28 = 2 * np.sin(h27)
    # right28 = tanh(h27)
    right28 = np.tanh(h27)
    # h28 = left28 - right28
    h28 = left28 - right28
    # left29 = 2*sin(h28)
    left29 = 2 * np.sin(h28)
    # right29 = tanh(h28)
    right29 = np.tanh(h28)
    # h29 = left29 - right29
    h29 = left29 - right29
    # left30 = 2*sin(h29)
    left30 = 2 * np.sin(h29)
    # right30 = tanh(h29)
    right30 = np.tanh(h29)
    # h30 = left30 - right30
    h30 = left30 - right30
    # left31 = 2*sin(h30)
    left31 = 2 * np.sin(h30)
    # right31 = tanh(h30)
    right31 = np.tanh(h30)
    # h31 = left31 - right31
    h31 = left31 - right31
    # left32 = 2*sin(h31)
    left32 = 2 * np.sin(h31)
    # right32 = tanh(h31)
    right32 = np.tanh(h31)
    # h32 = left32 - right32
    h32 = left32 - right32
    # left33 = 2*sin(h32)
    left33 = 2 * np.sin(h32)
    # right33 = tanh(h32)
    right33 = np.tanh(h32)
    # h33 = left33 - right33
    h33 = left33 - right33
    # left34 = 2*sin(h33)
    left34 = 2 * np.sin(h33)
    # right34 = tanh(h33)
    right34 = np.tanh(h33)
    # h34 = left34 - right34
    h34 = left34 - right34
    # left35 = 2*sin(h34)
    left35 = 2 * np.sin(h34)
    # right35 = tanh(h34)
    right35 = np.tanh(h34)
    # h35 = left35 - right35
    h35 = left35 - right35
    # left36 = 2*sin(h35)
    left36 = 2 * np.sin(h35)
    # right36 = tanh(h35)
    right36 = np.tanh(h35)
    # h36 = left36 - right36
    h36 = left36 - right36
    # left37 = 2*sin(h36)
    left37 = 2 * np.sin(h36)
    # right37 = tanh(h36)
    right37 = np.tanh(h36)
    # h37 = left37 - right37
    h37 = left37 - right37
    # left38 = 2*sin(h37)
    left38 = 2 * np.sin(h37)
    # right38 = tanh(h37)
    right38 = np.tanh(h37)
    # h38 = left38 - right38
    h38 = left38 - right38
    # left39 = 2*sin(h38)
    left39 = 2 * np.sin(h38)
    # right39 = tanh(h38)
    right39 = np.tanh(h38)
    # h39 = left39 - right39
    h39 = left39 - right39
    # left40 = 2*sin(h39)
    left40 = 2 * np.sin(h39)
    # right40 = tanh(h39)
    right40 = np.tanh(h39)
    # h40 = left40 - right40
    h40 = left40 - right40
    # loss = h40
    loss = h40

    outputs = {"h40": np.array(h40, dtype), "loss": np.array(loss, dtype)}
    saved = (
        right1,
        h1,
        right2,
        h2,
        right3,
        h3,
        right4,
        h4,
        right5,
        h5,
        right6,
        h6,
        right7,
        h7,
        right8,
        h8,
        right9,
        h9,
        right10,
        h10,
        right11,
        h11,
        right12,
        h12,
        right13,
        h13,
        right14,
        h14,
        right15,
        h15,
        right16,
        h16,
        right17,
        h17,
        right18,
        h18,
        right19,
        h19,
        right20,
        h20,
        right21,
        h21,
        right22,
        h22,
        right23,
        h23,
        right24,
        h24,
        right25,
        h25,
        right26,
        h26,
        right27,
        h27,
        right28,
        h28,
        right29,
        h29,
        right30,
        h30,
        right31,
        h31,
        right32,
        h32,
        right33,
        h33,
        right34,
        h34,
        right35,
        h35,
        right36,
        h36,
        right37,
        h37,
        right38,
        h38,
        right39,
        h39,
        right40,
    )
    return outputs, saved


def backward(params, saved, grad_outputs):
    """Calculate the gradients of sum(grad_outputs[k] * outputs[k]).

    They are those for the parameters and the real inputs, in a dict.

    params        as given to forward
    saved         as returned by forward
    grad_outputs  a dict of arrays of the outputs' shapes; a missing one counts as zeros
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    (
        right1,
        h1,
        right2,
        h2,
        right3,
        h3,
        right4,
        h4,
        right5,
        h5,
        right6,
        h6,
        right7,
        h7,
        right8,
        h8,
        right9,
        h9,
        right10,
        h10,
        right11,
        h11,
        right12,
        h12,
        right13,
        h13,
        right14,
        h14,
        right15,
        h15,
        right16,
        h16,
        right17,
        h17,
        right18,
        h18,
        right19,
        h19,
        right20,
        h20,
        right21,
        h21,
        right22,
        h22,
        right23,
        h23,
        right24,
        h24,
        right25,
        h25,
        right26,
        h26,
        right27,
        h27,
        right28,
        h28,
        right29,
        h29,
        right30,
        h30,
        right31,
        h31,
        right32,
        h32,
        right33,
        h33,
        right34,
        h34,
        right35,
        h35,
        right36,
        h36,
        right37,
        h37,
        right38,
        h38,
        right39,
        h39,
        right40,
    ) = saved
    _check_keys("grad_outputs", grad_outputs, ("h40", "loss"))
    grad_h40 = _upstream("h40", grad_outputs, (), dtype)
    grad_loss = _upstream("loss", grad_outputs, (), dtype)
    x = np.asarray(params["x"], dtype)

    # dh40 = grad_h40 + grad_loss
    dh40 = grad_h40 + grad_loss
    # dh39 = 2*dh40*cos(h39) + dh40*(right40**2 - 1)
    dh39 = (right40**2 - 1) * dh40 + 2 * dh40 * np.cos(h39)
    # dh38 = 2*dh39*cos(h38) + dh39*(right39**2 - 1)
    dh38 = (right39**2 - 1) * dh39 + 2 * dh39 * np.cos(h38)
    # dh37 = 2*dh38*cos(h37) + dh38*(right38**2 - 1)
    dh37 = (right38**2 - 1) * dh38 + 2 * dh38 * np.cos(h37)
    # dh36 = 2*dh37*cos(h36) + dh37*(right37**2 - 1)
    dh36 = (right37**2 - 1) * dh37 + 2 * dh37 * np.cos(h36)
    # dh35 = 2*dh36*cos(h35) + dh36*(right36**2 - 1)
    dh35 = (right36**2 - 1) * dh36 + 2 * dh36 * np.cos(h35)
    # dh34 = 2*dh35*cos(h34) + dh35*(right35**2 - 1)
    dh34 = (right35**2 - 1) * dh35 + 2 * dh35 * np.cos(h34)
    # dh33 = 2*dh34*cos(h33) + dh34*(right34**2 - 1)
    dh33 = (right34**2 - 1) * dh34 + 2 * dh34 * np.cos(h33)
    # dh32 = 2*dh33*cos(h32) + dh33*(right33**2 - 1)
    dh32 = (right33**2 - 1) * dh33 + 2 * dh33 * np.cos(h32)
    # dh31 = 2*dh32*cos(h31) + dh32*(right32**2 - 1)
    dh31 = (right32**2 - 1) * dh32 + 2 * dh32 * np.cos(h31)
    # dh30 = 2*dh31*cos(h30) + dh31*(right31**2 - 1)
    dh30 = (right31**2 - 1) * dh31 + 2 * dh31 * np.cos(h30)
    # dh29 = 2*dh30*cos(h29) + dh30*(right30**2 - 1)
    dh29 = (right30**2 - 1) * dh30 + 2 * dh30 * np.cos(h29)
    # dh28 = 2*dh29*cos(h28) + dh29*(right29**2 - 1)
    dh28 = (right29**2 - 1) * dh29 + 2 * dh29 * np.cos(h28)
    # dh27 = 2*dh28*cos(h27) + dh28*(right28**2 - 1)
    dh27 = (right28**2 - 1) * dh28 + 2 * dh28 * np.cos(h27)
    # dh26 = 2*dh27*cos(h26) + dh27*(right27**2 - 1)
    dh26 = (right27**2 - 1) * dh27 + 2 * dh27 * np.cos(h26)
    # dh25 = 2*dh26*cos(h25) + dh26*(right26**2 - 1)
    dh25 = (right26**2 - 1) * dh26 + 2 * dh26 * np.cos(h25)
    # dh24 = 2*dh25*cos(h24) + dh25*(right25**2 - 1)
    dh24 = (right25**2 - 1) * dh25 + 2 * dh25 * np.cos(h24)
    # dh23 = 2*dh24*cos(h23) + dh24*(right24**2 - 1)
    dh23 = (right24**2 - 1) * dh24 + 2 * dh24 * np.cos(h23)
    # dh22 = 2*dh23*cos(h22) + dh23*(right23**2 - 1)
    dh22 = (right23**2 - 1) * dh23 + 2 * dh23 * np.cos(h22)
    # dh21 = 2*dh22*cos(h21) + dh22*(right22**2 - 1)
    dh21 = (right22**2 - 1) * dh22 + 2 * dh22 * np.cos(h21)
    # dh20 = 2*dh21*cos(h20) + dh21*(right21**2 - 1)
    dh20 = (right21**2 - 1) * dh21 + 2 * dh21 * np.cos(h20)
    # dh19 = 2*dh20*cos(h19) + dh20*(right20**2 - 1)
    dh19 = (right20**2 - 1) * dh20 + 2 * dh20 * np.cos(h19)
    # dh18 = 2*dh19*cos(h18) + dh19*(right19**2 - 1)
    dh18 = (right19**2 - 1) * dh19 + 2 * dh19 * np.cos(h18)
    # dh17 = 2*dh18*cos(h17) + dh18*(right18**2 - 1)
    dh17 = (right18**2 - 1) * dh18 + 2 * dh18 * np.cos(h17)
    # dh16 = 2*dh17*cos(h16) + dh17*(right17**2 - 1)
    dh16 = (right17**2 - 1) * dh17 + 2 * dh17 * np.cos(h16)
    # dh15 = 2*dh16*cos(h15) + dh16*(right16**2 - 1)
    dh15 = (right16**2 - 1) * dh16 + 2 * dh16 * np.cos(h15)
    # dh14 = 2*dh15*cos(h14) + dh15*(right15**2 - 1)
    dh14 = (right15**2 - 1) * dh15 + 2 * dh15 * np.cos(h14)
    # dh13 = 2*dh14*cos(h13) + dh14*(right14**2 - 1)
    dh13 = (right14**2 - 1) * dh14 + 2 * dh14 * np.cos(h13)
    # dh12 = 2*dh13*cos(h12) + dh13*(right13**2 - 1)
    dh12 = (right13**2 - 1) * dh13 + 2 * dh13 * np.cos(h12)
    # dh11 = 2*dh12*cos(h11) + dh12*(right12**2 - 1)
    dh11 = (right12**2 - 1) * dh12 + 2 * dh12 * np.cos(h11)
    # dh10 = 2*dh11*cos(h10) + dh11*(right11**2 - 1)
    dh10 = (right11**2 - 1) * dh11 + 2 * dh11 * np.cos(h10)
    # dh9 = 2*dh10*cos(h9) + dh10*(right10**2 - 1)
    dh9 = (right10**2 - 1) * dh10 + 2 * dh10 * np.cos(h9)
    # dh8 = 2*dh9*cos(h8) + dh9*(right9**2 - 1)
    dh8 = (right9**2 - 1) * dh9 + 2 * dh9 * np.cos(h8)
    # dh7 = 2*dh8*cos(h7) + dh8*(right8**2 - 1)
    dh7 = (right8**2 - 1) * dh8 + 2 * dh8 * np.cos(h7)
    # dh6 = 2*dh7*cos(h6) + dh7*(right7**2 - 1)
    dh6 = (right7**2 - 1) * dh7 + 2 * dh7 * np.cos(h6)
    # dh5 = 2*dh6*cos(h5) + dh6*(right6**2 - 1)
    dh5 = (right6**2 - 1) * dh6 + 2 * dh6 * np.cos(h5)
    # dh4 = 2*dh5*cos(h4) + dh5*(right5**2 - 1)
    dh4 = (right5**2 - 1) * dh5 + 2 * dh5 * np.cos(h4)
    # dh3 = 2*dh4*cos(h3) + dh4*(right4**2 - 1)
    dh3 = (right4**2 - 1) * dh4 + 2 * dh4 * np.cos(h3)
    # dh2 = 2*dh3*cos(h2) + dh3*(right3**2 - 1)
    dh2 = (right3**2 - 1) * dh3 + 2 * dh3 * np.cos(h2)
    # dh1 = 2*dh2*cos(h1) + dh2*(right2**2 - 1)
    dh1 = (right2**2 - 1) * dh2 + 2 * dh2 * np.cos(h1)
    # dx = 2*dh1*cos(x) + dh1*(right1**2 - 1)
    dx = (right1**2 - 1) * dh1 + 2 * dh1 * np.cos(x)

    return {"x": np.array(dx, dtype)}


# --- training mode: the loss and its gradients ---


def loss(params):
    """The loss as a float."""
    return float(forward(params)[0]["loss"])


def loss_and_grad(params, *, workspace=None):
    """Calculate the loss and its gradients for the parameters.

    params     a dict with an array for each of PARAMETERS, all float32 or all float64
    workspace  a Workspace, whose arrays are used again; None makes fresh ones

    Returns (loss, grads): a float and a dict of arrays.
    With a workspace the arrays live in it, until its next use.
    """
    if workspace is None:
        workspace = Workspace()
    if not workspace.fits(params):
        dtype = _check_arrays("params", params, PARAMETERS)
        workspace.prepare(params, dtype)
    return workspace.run()


def _step(dtype):
    """Make the arrays that depend on sizes and dtype alone. What comes back binds parameters."""
    dx_out = np.empty((), dtype)

    def calculate(x, cos, sin, tanh):
        """The loss and the gradients, with these functions of numbers."""
        # left1 = 2*sin(x)
        left1 = 2 * sin(x)
        # right1 = tanh(x)
        right1 = tanh(x)
        # h1 = left1 - right1
        h1 = left1 - right1
        # left2 = 2*sin(h1)
        left2 = 2 * sin(h1)
        # right2 = tanh(h1)
        right2 = tanh(h1)
        # h2 = left2 - right2
        h2 = left2 - right2
        # left3 = 2*sin(h2)
        left3 = 2 * sin(h2)
        # right3 = tanh(h2)
        right3 = tanh(h2)
        # h3 = left3 - right3
        h3 = left3 - right3
        # left4 = 2*sin(h3)
        left4 = 2 * sin(h3)
        # right4 = tanh(h3)
        right4 = tanh(h3)
        # h4 = left4 - right4
        h4 = left4 - right4
        # left5 = 2*sin(h4)
        left5 = 2 * sin(h4)
        # right5 = tanh(h4)
        right5 = tanh(h4)
        # h5 = left5 - right5
        h5 = left5 - right5
        # left6 = 2*sin(h5)
        left6 = 2 * sin(h5)
        # right6 = tanh(h5)
        right6 = tanh(h5)
        # h6 = left6 - right6
        h6 = left6 - right6
        # left7 = 2*sin(h6)
        left7 = 2 * sin(h6)
        # right7 = tanh(h6)
        right7 = tanh(h6)
        # h7 = left7 - right7
        h7 = left7 - right7
        # left8 = 2*sin(h7)
        left8 = 2 * sin(h7)
        # right8 = tanh(h7)
        right8 = tanh(h7)
        # h8 = left8 - right8
        h8 = left8 - right8
        # left9 = 2*sin(h8)
        left9 = 2 * sin(h8)
        # right9 = tanh(h8)
        right9 = tanh(h8)
        # h9 = left9 - right9
        h9 = left9 - right9
        # left10 = 2*sin(h9)
        left10 = 2 * sin(h9)
        # right10 = tanh(h9)
        right10 = tanh(h9)
        # h10 = left10 - right10
        h10 = left10 - right10
        # left11 = 2*sin(h10)
        left11 = 2 * sin(h10)
        # right11 = tanh(h10)
        right11 = tanh(h10)
        # h11 = left11 - right11
        h11 = left11 - right11
        # left12 = 2*sin(h11)
        left12 = 2 * sin(h11)
        # right12 = tanh(h11)
        right12 = tanh(h11)
        # h12 = left12 - right12
        h12 = left12 - right12
        # left13 = 2*sin(h12)
        left13 = 2 * sin(h12)
        # right13 = tanh(h12)
        right13 = tanh(h12)
        # h13 = left13 - right13
        h13 = left13 - right13
        # left14 = 2*sin(h13)
        left14 = 2 * sin(h13)
        # right14 = tanh(h13)
        right14 = tanh(h13)
        # h14 = left14 - right14
        h14 = left14 - right14
        # left15 = 2*sin(h14)
        left15 = 2 * sin(h14)
        # right15 = tanh(h14)
        right15 = tanh(h14)
        # h15 = left15 - right15
        h15 = left15 - right15
        # left16 = 2*sin(h15)
        left16 = 2 * sin(h15)
        # right16 = tanh(h15)
        right16 = tanh(h15)
        # h16 = left16 - right16
        h16 = left16 - right16
        # left17 = 2*sin(h16)
        left17 = 2 * sin(h16)
        # right17 = tanh(h16)
        right17 = tanh(h16)
        # h17 = left17 - right17
        h17 = left17 - right17
        # left18 = 2*sin(h17)
        left18 = 2 * sin(h17)
        # right18 = tanh(h17)
        right18 = tanh(h17)
        # h18 = left18 - right18
        h18 = left18 - right18
        # left19 = 2*sin(h18)
        left19 = 2 * sin(h18)
        # right19 = tanh(h18)
        right19 = tanh(h18)
        # h19 = left19 - right19
        h19 = left19 - right19
        # left20 = 2*sin(h19)
        left20 = 2 * sin(h19)
        # right20 = tanh(h19)
        right20 = tanh(h19)
        # h20 = left20 - right20
        h20 = left20 - right20
        # left21 = 2*sin(h20)
        left21 = 2 * sin(h20)
        # right21 = tanh(h20)
        right21 = tanh(h20)
        # h21 = left21 - right21
        h21 = left21 - right21
        # left22 = 2*sin(h21)
        left22 = 2 * sin(h21)
        # right22 = tanh(h21)
        right22 = tanh(h21)
        # h22 = left22 - right22
        h22 = left22 - right22
        # left23 = 2*sin(h22)
        left23 = 2 * sin(h22)
        # right23 = tanh(h22)
        right23 = tanh(h22)
        # h23 = left23 - right23
        h23 = left23 - right23
        # left24 = 2*sin(h23)
        left24 = 2 * sin(h23)
        # right24 = tanh(h23)
        right24 = tanh(h23)
        # h24 = left24 - right24
        h24 = left24 - right24
        # left25 = 2*sin(h24)
        left25 = 2 * sin(h24)
        # right25 = tanh(h24)
        right25 = tanh(h24)
        # h25 = left25 - right25
        h25 = left25 - right25
        # left26 = 2*sin(h25)
        left26 = 2 * sin(h25)
        # right26 = tanh(h25)
        right26 = tanh(h25)
        # h26 = left26 - right26
        h26 = left26 - right26
        # left27 = 2*sin(h26)
        left27 = 2 * sin(h26)
        # right27 = tanh(h26)
        right27 = tanh(h26)
        # h27 = left27 - right27
        h27 = left27 - right27
        # left28 = 2*sin(h27)
        left28 = 2 * sin(h27)
        # right28 = tanh(h27)
        right28 = tanh(h27)
        # h28 = left28 - right28
        h28 = left28 - right28
        # left29 = 2*sin(h28)
        left29 = 2 * sin(h28)
        # right29 = tanh(h28)
        right29 = tanh(h28)
        # h29 = left29 - right29
        h29 = left29 - right29
        # left30 = 2*sin(h29)
        left30 = 2 * sin(h29)
        # right30 = tanh(h29)
        right30 = tanh(h29)
        # h30 = left30 - right30
        h30 = left30 - right30
        # left31 = 2*sin(h30)
        left31 = 2 * sin(h30)
        # right31 = tanh(h30)
        right31 = tanh(h30)
        # h31 = left31 - right31
        h31 = left31 - right31
        # left32 = 2*sin(h31)
        left32 = 2 * sin(h31)
        # right32 = tanh(h31)
        right32 = tanh(h31)
        # h32 = left32 - right32
        h32 = left32 - right32
        # left33 = 2*sin(h32)
        left33 = 2 * sin(h32)
        # right33 = tanh(h32)
        right33 = tanh(h32)
        # h33 = left33 - right33
        h33 = left33 - right33
        # left34 = 2*sin(h33)
        left34 = 2 * sin(h33)
        # right34 = tanh(h33)
        right34 = tanh(h33)
        # h34 = left34 - right34
        h34 = left34 - right34
        # left35 = 2*sin(h34)
        left35 = 2 * sin(h34)
        # right35 = tanh(h34)
        right35 = tanh(h34)
        # h35 = left35 - right35
        h35 = left35 - right35
        # left36 = 2*sin(h35)
        left36 = 2 * sin(h35)
        # right36 = tanh(h35)
        right36 = tanh(h35)
        # h36 = left36 - right36
        h36 = left36 - right36
        # left37 = 2*sin(h36)
        left37 = 2 * sin(h36)
        # right37 = tanh(h36)
        right37 = tanh(h36)
        # h37 = left37 - right37
        h37 = left37 - right37
        # left38 = 2*sin(h37)
        left38 = 2 * sin(h37)
        # right38 = tanh(h37)
        right38 = tanh(h37)
        # h38 = left38 - right38
        h38 = left38 - right38
        # left39 = 2*sin(h38)
        left39 = 2 * sin(h38)
        # right39 = tanh(h38)
        right39 = tanh(h38)
        # h39 = left39 - right39
        h39 = left39 - right39
        # left40 = 2*sin(h39)
        left40 = 2 * sin(h39)
        # right40 = tanh(h39)
        right40 = tanh(h39)
        # h40 = left40 - right40
        h40 = left40 - right40
        # loss = h40
        loss = h40
        # dh39 = 2*cos(h39) + right40**2 - 1
        dh39 = 2 * cos(h39) + right40**2 - 1
        # dh38 = 2*dh39*cos(h38) + dh39*(right39**2 - 1)
        dh38 = (right39**2 - 1) * dh39 + 2 * dh39 * cos(h38)
        # dh37 = 2*dh38*cos(h37) + dh38*(right38**2 - 1)
        dh37 = (right38**2 - 1) * dh38 + 2 * dh38 * cos(h37)
        # dh36 = 2*dh37*cos(h36) + dh37*(right37**2 - 1)
        dh36 = (right37**2 - 1) * dh37 + 2 * dh37 * cos(h36)
        # dh35 = 2*dh36*cos(h35) + dh36*(right36**2 - 1)
        dh35 = (right36**2 - 1) * dh36 + 2 * dh36 * cos(h35)
        # dh34 = 2*dh35*cos(h34) + dh35*(right35**2 - 1)
        dh34 = (right35**2 - 1) * dh35 + 2 * dh35 * cos(h34)
        # dh33 = 2*dh34*cos(h33) + dh34*(right34**2 - 1)
        dh33 = (right34**2 - 1) * dh34 + 2 * dh34 * cos(h33)
        # dh32 = 2*dh33*cos(h32) + dh33*(right33**2 - 1)
        dh32 = (right33**2 - 1) * dh33 + 2 * dh33 * cos(h32)
        # dh31 = 2*dh32*cos(h31) + dh32*(right32**2 - 1)
        dh31 = (right32**2 - 1) * dh32 + 2 * dh32 * cos(h31)
        # dh30 = 2*dh31*cos(h30) + dh31*(right31**2 - 1)
        dh30 = (right31**2 - 1) * dh31 + 2 * dh31 * cos(h30)
        # dh29 = 2*dh30*cos(h29) + dh30*(right30**2 - 1)
        dh29 = (right30**2 - 1) * dh30 + 2 * dh30 * cos(h29)
        # dh28 = 2*dh29*cos(h28) + dh29*(right29**2 - 1)
        dh28 = (right29**2 - 1) * dh29 + 2 * dh29 * cos(h28)
        # dh27 = 2*dh28*cos(h27) + dh28*(right28**2 - 1)
        dh27 = (right28**2 - 1) * dh28 + 2 * dh28 * cos(h27)
        # dh26 = 2*dh27*cos(h26) + dh27*(right27**2 - 1)
        dh26 = (right27**2 - 1) * dh27 + 2 * dh27 * cos(h26)
        # dh25 = 2*dh26*cos(h25) + dh26*(right26**2 - 1)
        dh25 = (right26**2 - 1) * dh26 + 2 * dh26 * cos(h25)
        # dh24 = 2*dh25*cos(h24) + dh25*(right25**2 - 1)
        dh24 = (right25**2 - 1) * dh25 + 2 * dh25 * cos(h24)
        # dh23 = 2*dh24*cos(h23) + dh24*(right24**2 - 1)
        dh23 = (right24**2 - 1) * dh24 + 2 * dh24 * cos(h23)
        # dh22 = 2*dh23*cos(h22) + dh23*(right23**2 - 1)
        dh22 = (right23**2 - 1) * dh23 + 2 * dh23 * cos(h22)
        # dh21 = 2*dh22*cos(h21) + dh22*(right22**2 - 1)
        dh21 = (right22**2 - 1) * dh22 + 2 * dh22 * cos(h21)
        # dh20 = 2*dh21*cos(h20) + dh21*(right21**2 - 1)
        dh20 = (right21**2 - 1) * dh21 + 2 * dh21 * cos(h20)
        # dh19 = 2*dh20*cos(h19) + dh20*(right20**2 - 1)
        dh19 = (right20**2 - 1) * dh20 + 2 * dh20 * cos(h19)
        # dh18 = 2*dh19*cos(h18) + dh19*(right19**2 - 1)
        dh18 = (right19**2 - 1) * dh19 + 2 * dh19 * cos(h18)
        # dh17 = 2*dh18*cos(h17) + dh18*(right18**2 - 1)
        dh17 = (right18**2 - 1) * dh18 + 2 * dh18 * cos(h17)
        # dh16 = 2*dh17*cos(h16) + dh17*(right17**2 - 1)
        dh16 = (right17**2 - 1) * dh17 + 2 * dh17 * cos(h16)
        # dh15 = 2*dh16*cos(h15) + dh16*(right16**2 - 1)
        dh15 = (right16**2 - 1) * dh16 + 2 * dh16 * cos(h15)
        # dh14 = 2*dh15*cos(h14) + dh15*(right15**2 - 1)
        dh14 = (right15**2 - 1) * dh15 + 2 * dh15 * cos(h14)
        # dh13 = 2*dh14*cos(h13) + dh14*(right14**2 - 1)
        dh13 = (right14**2 - 1) * dh14 + 2 * dh14 * cos(h13)
        # dh12 = 2*dh13*cos(h12) + dh13*(right13**2 - 1)
        dh12 = (right13**2 - 1) * dh13 + 2 * dh13 * cos(h12)
        # dh11 = 2*dh12*cos(h11) + dh12*(right12**2 - 1)
        dh11 = (right12**2 - 1) * dh12 + 2 * dh12 * cos(h11)
        # dh10 = 2*dh11*cos(h10) + dh11*(right11**2 - 1)
        dh10 = (right11**2 - 1) * dh11 + 2 * dh11 * cos(h10)
        # dh9 = 2*dh10*cos(h9) + dh10*(right10**2 - 1)
        dh9 = (right10**2 - 1) * dh10 + 2 * dh10 * cos(h9)
        # dh8 = 2*dh9*cos(h8) + dh9*(right9**2 - 1)
        dh8 = (right9**2 - 1) * dh9 + 2 * dh9 * cos(h8)
        # dh7 = 2*dh8*cos(h7) + dh8*(right8**2 - 1)
        dh7 = (right8**2 - 1) * dh8 + 2 * dh8 * cos(h7)
        # dh6 = 2*dh7*cos(h6) + dh7*(right7**2 - 1)
        dh6 = (right7**2 - 1) * dh7 + 2 * dh7 * cos(h6)
        # dh5 = 2*dh6*cos(h5) + dh6*(right6**2 - 1)
        dh5 = (right6**2 - 1) * dh6 + 2 * dh6 * cos(h5)
        # dh4 = 2*dh5*cos(h4) + dh5*(right5**2 - 1)
        dh4 = (right5**2 - 1) * dh5 + 2 * dh5 * cos(h4)
        # dh3 = 2*dh4*cos(h3) + dh4*(right4**2 - 1)
        dh3 = (right4**2 - 1) * dh4 + 2 * dh4 * cos(h3)
        # dh2 = 2*dh3*cos(h2) + dh3*(right3**2 - 1)
        dh2 = (right3**2 - 1) * dh3 + 2 * dh3 * cos(h2)
        # dh1 = 2*dh2*cos(h1) + dh2*(right2**2 - 1)
        dh1 = (right2**2 - 1) * dh2 + 2 * dh2 * cos(h1)
        # dx = 2*dh1*cos(x) + dh1*(right1**2 - 1)
        dx = (right1**2 - 1) * dh1 + 2 * dh1 * cos(x)
        return loss, dx

    def bind(params):
        x_given = params["x"]
        x_array = np.asarray(x_given, dtype)

        def fits(params):
            """Whether these are the parameters of the last call, and inputs like those."""
            try:
                return len(params) == 1 and params["x"] is x_given
            except (AttributeError, KeyError, TypeError):
                return False

        def run():
            try:
                loss, dx = calculate(x_array.item(), math.cos, math.sin, math.tanh)
            except (ArithmeticError, ValueError):  # where NumPy gives inf or nan
                loss, dx = calculate(x_array[()], np.cos, np.sin, np.tanh)

            dx_out[()] = dx
            return float(loss), {"x": dx_out}

        return fits, run

    return bind


class Workspace:
    """The arrays of loss_and_grad, used again from call to call. Every thread needs one of its own.

    It keeps those of the last few sizes, since the last batch of an epoch is often smaller.
    """

    KEPT = 4

    def __init__(self):
        self._steps = {}
        self.fits = self.run = self._nothing

    def prepare(self, params, *sizes):
        """Get ready for these parameters, and for inputs of these sizes."""
        bind = self._steps.pop(sizes, None) or _step(*sizes)
        self._steps[sizes] = bind
        if len(self._steps) > self.KEPT:
            del self._steps[next(iter(self._steps))]
        self.fits, self.run = bind(params)

    @staticmethod
    def _nothing(*arguments):
        """What fits before the first call."""
        return False


# --- inference mode ---


def predict(params):
    """Calculate the outputs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    x = np.asarray(params["x"], dtype)

    # left1 = 2*sin(x)
    left1 = 2 * np.sin(x)
    # right1 = tanh(x)
    right1 = np.tanh(x)
    # h1 = left1 - right1
    h1 = left1 - right1
    # left2 = 2*sin(h1)
    left2 = 2 * np.sin(h1)
    # right2 = tanh(h1)
    right2 = np.tanh(h1)
    # h2 = left2 - right2
    h2 = left2 - right2
    # left3 = 2*sin(h2)
    left3 = 2 * np.sin(h2)
    # right3 = tanh(h2)
    right3 = np.tanh(h2)
    # h3 = left3 - right3
    h3 = left3 - right3
    # left4 = 2*sin(h3)
    left4 = 2 * np.sin(h3)
    # right4 = tanh(h3)
    right4 = np.tanh(h3)
    # h4 = left4 - right4
    h4 = left4 - right4
    # left5 = 2*sin(h4)
    left5 = 2 * np.sin(h4)
    # right5 = tanh(h4)
    right5 = np.tanh(h4)
    # h5 = left5 - right5
    h5 = left5 - right5
    # left6 = 2*sin(h5)
    left6 = 2 * np.sin(h5)
    # right6 = tanh(h5)
    right6 = np.tanh(h5)
    # h6 = left6 - right6
    h6 = left6 - right6
    # left7 = 2*sin(h6)
    left7 = 2 * np.sin(h6)
    # right7 = tanh(h6)
    right7 = np.tanh(h6)
    # h7 = left7 - right7
    h7 = left7 - right7
    # left8 = 2*sin(h7)
    left8 = 2 * np.sin(h7)
    # right8 = tanh(h7)
    right8 = np.tanh(h7)
    # h8 = left8 - right8
    h8 = left8 - right8
    # left9 = 2*sin(h8)
    left9 = 2 * np.sin(h8)
    # right9 = tanh(h8)
    right9 = np.tanh(h8)
    # h9 = left9 - right9
    h9 = left9 - right9
    # left10 = 2*sin(h9)
    left10 = 2 * np.sin(h9)
    # right10 = tanh(h9)
    right10 = np.tanh(h9)
    # h10 = left10 - right10
    h10 = left10 - right10
    # left11 = 2*sin(h10)
    left11 = 2 * np.sin(h10)
    # right11 = tanh(h10)
    right11 = np.tanh(h10)
    # h11 = left11 - right11
    h11 = left11 - right11
    # left12 = 2*sin(h11)
    left12 = 2 * np.sin(h11)
    # right12 = tanh(h11)
    right12 = np.tanh(h11)
    # h12 = left12 - right12
    h12 = left12 - right12
    # left13 = 2*sin(h12)
    left13 = 2 * np.sin(h12)
    # right13 = tanh(h12)
    right13 = np.tanh(h12)
    # h13 = left13 - right13
    h13 = left13 - right13
    # left14 = 2*sin(h13)
    left14 = 2 * np.sin(h13)
    # right14 = tanh(h13)
    right14 = np.tanh(h13)
    # h14 = left14 - right14
    h14 = left14 - right14
    # left15 = 2*sin(h14)
    left15 = 2 * np.sin(h14)
    # right15 = tanh(h14)
    right15 = np.tanh(h14)
    # h15 = left15 - right15
    h15 = left15 - right15
    # left16 = 2*sin(h15)
    left16 = 2 * np.sin(h15)
    # right16 = tanh(h15)
    right16 = np.tanh(h15)
    # h16 = left16 - right16
    h16 = left16 - right16
    # left17 = 2*sin(h16)
    left17 = 2 * np.sin(h16)
    # right17 = tanh(h16)
    right17 = np.tanh(h16)
    # h17 = left17 - right17
    h17 = left17 - right17
    # left18 = 2*sin(h17)
    left18 = 2 * np.sin(h17)
    # right18 = tanh(h17)
    right18 = np.tanh(h17)
    # h18 = left18 - right18
    h18 = left18 - right18
    # left19 = 2*sin(h18)
    left19 = 2 * np.sin(h18)
    # right19 = tanh(h18)
    right19 = np.tanh(h18)
    # h19 = left19 - right19
    h19 = left19 - right19
    # left20 = 2*sin(h19)
    left20 = 2 * np.sin(h19)
    # right20 = tanh(h19)
    right20 = np.tanh(h19)
    # h20 = left20 - right20
    h20 = left20 - right20
    # left21 = 2*sin(h20)
    left21 = 2 * np.sin(h20)
    # right21 = tanh(h20)
    right21 = np.tanh(h20)
    # h21 = left21 - right21
    h21 = left21 - right21
    # left22 = 2*sin(h21)
    left22 = 2 * np.sin(h21)
    # right22 = tanh(h21)
    right22 = np.tanh(h21)
    # h22 = left22 - right22
    h22 = left22 - right22
    # left23 = 2*sin(h22)
    left23 = 2 * np.sin(h22)
    # right23 = tanh(h22)
    right23 = np.tanh(h22)
    # h23 = left23 - right23
    h23 = left23 - right23
    # left24 = 2*sin(h23)
    left24 = 2 * np.sin(h23)
    # right24 = tanh(h23)
    right24 = np.tanh(h23)
    # h24 = left24 - right24
    h24 = left24 - right24
    # left25 = 2*sin(h24)
    left25 = 2 * np.sin(h24)
    # right25 = tanh(h24)
    right25 = np.tanh(h24)
    # h25 = left25 - right25
    h25 = left25 - right25
    # left26 = 2*sin(h25)
    left26 = 2 * np.sin(h25)
    # right26 = tanh(h25)
    right26 = np.tanh(h25)
    # h26 = left26 - right26
    h26 = left26 - right26
    # left27 = 2*sin(h26)
    left27 = 2 * np.sin(h26)
    # right27 = tanh(h26)
    right27 = np.tanh(h26)
    # h27 = left27 - right27
    h27 = left27 - right27
    # left28 = 2*sin(h27)
    left28 = 2 * np.sin(h27)
    # right28 = tanh(h27)
    right28 = np.tanh(h27)
    # h28 = left28 - right28
    h28 = left28 - right28
    # left29 = 2*sin(h28)
    left29 = 2 * np.sin(h28)
    # right29 = tanh(h28)
    right29 = np.tanh(h28)
    # h29 = left29 - right29
    h29 = left29 - right29
    # left30 = 2*sin(h29)
    left30 = 2 * np.sin(h29)
    # right30 = tanh(h29)
    right30 = np.tanh(h29)
    # h30 = left30 - right30
    h30 = left30 - right30
    # left31 = 2*sin(h30)
    left31 = 2 * np.sin(h30)
    # right31 = tanh(h30)
    right31 = np.tanh(h30)
    # h31 = left31 - right31
    h31 = left31 - right31
    # left32 = 2*sin(h31)
    left32 = 2 * np.sin(h31)
    # right32 = tanh(h31)
    right32 = np.tanh(h31)
    # h32 = left32 - right32
    h32 = left32 - right32
    # left33 = 2*sin(h32)
    left33 = 2 * np.sin(h32)
    # right33 = tanh(h32)
    right33 = np.tanh(h32)
    # h33 = left33 - right33
    h33 = left33 - right33
    # left34 = 2*sin(h33)
    left34 = 2 * np.sin(h33)
    # right34 = tanh(h33)
    right34 = np.tanh(h33)
    # h34 = left34 - right34
    h34 = left34 - right34
    # left35 = 2*sin(h34)
    left35 = 2 * np.sin(h34)
    # right35 = tanh(h34)
    right35 = np.tanh(h34)
    # h35 = left35 - right35
    h35 = left35 - right35
    # left36 = 2*sin(h35)
    left36 = 2 * np.sin(h35)
    # right36 = tanh(h35)
    right36 = np.tanh(h35)
    # h36 = left36 - right36
    h36 = left36 - right36
    # left37 = 2*sin(h36)
    left37 = 2 * np.sin(h36)
    # right37 = tanh(h36)
    right37 = np.tanh(h36)
    # h37 = left37 - right37
    h37 = left37 - right37
    # left38 = 2*sin(h37)
    left38 = 2 * np.sin(h37)
    # right38 = tanh(h37)
    right38 = np.tanh(h37)
    # h38 = left38 - right38
    h38 = left38 - right38
    # left39 = 2*sin(h38)
    left39 = 2 * np.sin(h38)
    # right39 = tanh(h38)
    right39 = np.tanh(h38)
    # h39 = left39 - right39
    h39 = left39 - right39
    # left40 = 2*sin(h39)
    left40 = 2 * np.sin(h39)
    # right40 = tanh(h39)
    right40 = np.tanh(h39)
    # h40 = left40 - right40
    h40 = left40 - right40

    return {"h40": np.array(h40, dtype)}


def evaluate(params):
    """Calculate the loss and the metrics, as floats.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    x = np.asarray(params["x"], dtype)

    # left1 = 2*sin(x)
    left1 = 2 * np.sin(x)
    # right1 = tanh(x)
    right1 = np.tanh(x)
    # h1 = left1 - right1
    h1 = left1 - right1
    # left2 = 2*sin(h1)
    left2 = 2 * np.sin(h1)
    # right2 = tanh(h1)
    right2 = np.tanh(h1)
    # h2 = left2 - right2
    h2 = left2 - right2
    # left3 = 2*sin(h2)
    left3 = 2 * np.sin(h2)
    # right3 = tanh(h2)
    right3 = np.tanh(h2)
    # h3 = left3 - right3
    h3 = left3 - right3
    # left4 = 2*sin(h3)
    left4 = 2 * np.sin(h3)
    # right4 = tanh(h3)
    right4 = np.tanh(h3)
    # h4 = left4 - right4
    h4 = left4 - right4
    # left5 = 2*sin(h4)
    left5 = 2 * np.sin(h4)
    # right5 = tanh(h4)
    right5 = np.tanh(h4)
    # h5 = left5 - right5
    h5 = left5 - right5
    # left6 = 2*sin(h5)
    left6 = 2 * np.sin(h5)
    # right6 = tanh(h5)
    right6 = np.tanh(h5)
    # h6 = left6 - right6
    h6 = left6 - right6
    # left7 = 2*sin(h6)
    left7 = 2 * np.sin(h6)
    # right7 = tanh(h6)
    right7 = np.tanh(h6)
    # h7 = left7 - right7
    h7 = left7 - right7
    # left8 = 2*sin(h7)
    left8 = 2 * np.sin(h7)
    # right8 = tanh(h7)
    right8 = np.tanh(h7)
    # h8 = left8 - right8
    h8 = left8 - right8
    # left9 = 2*sin(h8)
    left9 = 2 * np.sin(h8)
    # right9 = tanh(h8)
    right9 = np.tanh(h8)
    # h9 = left9 - right9
    h9 = left9 - right9
    # left10 = 2*sin(h9)
    left10 = 2 * np.sin(h9)
    # right10 = tanh(h9)
    right10 = np.tanh(h9)
    # h10 = left10 - right10
    h10 = left10 - right10
    # left11 = 2*sin(h10)
    left11 = 2 * np.sin(h10)
    # right11 = tanh(h10)
    right11 = np.tanh(h10)
    # h11 = left11 - right11
    h11 = left11 - right11
    # left12 = 2*sin(h11)
    left12 = 2 * np.sin(h11)
    # right12 = tanh(h11)
    right12 = np.tanh(h11)
    # h12 = left12 - right12
    h12 = left12 - right12
    # left13 = 2*sin(h12)
    left13 = 2 * np.sin(h12)
    # right13 = tanh(h12)
    right13 = np.tanh(h12)
    # h13 = left13 - right13
    h13 = left13 - right13
    # left14 = 2*sin(h13)
    left14 = 2 * np.sin(h13)
    # right14 = tanh(h13)
    right14 = np.tanh(h13)
    # h14 = left14 - right14
    h14 = left14 - right14
    # left15 = 2*sin(h14)
    left15 = 2 * np.sin(h14)
    # right15 = tanh(h14)
    right15 = np.tanh(h14)
    # h15 = left15 - right15
    h15 = left15 - right15
    # left16 = 2*sin(h15)
    left16 = 2 * np.sin(h15)
    # right16 = tanh(h15)
    right16 = np.tanh(h15)
    # h16 = left16 - right16
    h16 = left16 - right16
    # left17 = 2*sin(h16)
    left17 = 2 * np.sin(h16)
    # right17 = tanh(h16)
    right17 = np.tanh(h16)
    # h17 = left17 - right17
    h17 = left17 - right17
    # left18 = 2*sin(h17)
    left18 = 2 * np.sin(h17)
    # right18 = tanh(h17)
    right18 = np.tanh(h17)
    # h18 = left18 - right18
    h18 = left18 - right18
    # left19 = 2*sin(h18)
    left19 = 2 * np.sin(h18)
    # right19 = tanh(h18)
    right19 = np.tanh(h18)
    # h19 = left19 - right19
    h19 = left19 - right19
    # left20 = 2*sin(h19)
    left20 = 2 * np.sin(h19)
    # right20 = tanh(h19)
    right20 = np.tanh(h19)
    # h20 = left20 - right20
    h20 = left20 - right20
    # left21 = 2*sin(h20)
    left21 = 2 * np.sin(h20)
    # right21 = tanh(h20)
    right21 = np.tanh(h20)
    # h21 = left21 - right21
    h21 = left21 - right21
    # left22 = 2*sin(h21)
    left22 = 2 * np.sin(h21)
    # right22 = tanh(h21)
    right22 = np.tanh(h21)
    # h22 = left22 - right22
    h22 = left22 - right22
    # left23 = 2*sin(h22)
    left23 = 2 * np.sin(h22)
    # right23 = tanh(h22)
    right23 = np.tanh(h22)
    # h23 = left23 - right23
    h23 = left23 - right23
    # left24 = 2*sin(h23)
    left24 = 2 * np.sin(h23)
    # right24 = tanh(h23)
    right24 = np.tanh(h23)
    # h24 = left24 - right24
    h24 = left24 - right24
    # left25 = 2*sin(h24)
    left25 = 2 * np.sin(h24)
    # right25 = tanh(h24)
    right25 = np.tanh(h24)
    # h25 = left25 - right25
    h25 = left25 - right25
    # left26 = 2*sin(h25)
    left26 = 2 * np.sin(h25)
    # right26 = tanh(h25)
    right26 = np.tanh(h25)
    # h26 = left26 - right26
    h26 = left26 - right26
    # left27 = 2*sin(h26)
    left27 = 2 * np.sin(h26)
    # right27 = tanh(h26)
    right27 = np.tanh(h26)
    # h27 = left27 - right27
    h27 = left27 - right27
    # left28 = 2*sin(h27)
    left28 = 2 * np.sin(h27)
    # right28 = tanh(h27)
    right28 = np.tanh(h27)
    # h28 = left28 - right28
    h28 = left28 - right28
    # left29 = 2*sin(h28)
    left29 = 2 * np.sin(h28)
    # right29 = tanh(h28)
    right29 = np.tanh(h28)
    # h29 = left29 - right29
    h29 = left29 - right29
    # left30 = 2*sin(h29)
    left30 = 2 * np.sin(h29)
    # right30 = tanh(h29)
    right30 = np.tanh(h29)
    # h30 = left30 - right30
    h30 = left30 - right30
    # left31 = 2*sin(h30)
    left31 = 2 * np.sin(h30)
    # right31 = tanh(h30)
    right31 = np.tanh(h30)
    # h31 = left31 - right31
    h31 = left31 - right31
    # left32 = 2*sin(h31)
    left32 = 2 * np.sin(h31)
    # right32 = tanh(h31)
    right32 = np.tanh(h31)
    # h32 = left32 - right32
    h32 = left32 - right32
    # left33 = 2*sin(h32)
    left33 = 2 * np.sin(h32)
    # right33 = tanh(h32)
    right33 = np.tanh(h32)
    # h33 = left33 - right33
    h33 = left33 - right33
    # left34 = 2*sin(h33)
    left34 = 2 * np.sin(h33)
    # right34 = tanh(h33)
    right34 = np.tanh(h33)
    # h34 = left34 - right34
    h34 = left34 - right34
    # left35 = 2*sin(h34)
    left35 = 2 * np.sin(h34)
    # right35 = tanh(h34)
    right35 = np.tanh(h34)
    # h35 = left35 - right35
    h35 = left35 - right35
    # left36 = 2*sin(h35)
    left36 = 2 * np.sin(h35)
    # right36 = tanh(h35)
    right36 = np.tanh(h35)
    # h36 = left36 - right36
    h36 = left36 - right36
    # left37 = 2*sin(h36)
    left37 = 2 * np.sin(h36)
    # right37 = tanh(h36)
    right37 = np.tanh(h36)
    # h37 = left37 - right37
    h37 = left37 - right37
    # left38 = 2*sin(h37)
    left38 = 2 * np.sin(h37)
    # right38 = tanh(h37)
    right38 = np.tanh(h37)
    # h38 = left38 - right38
    h38 = left38 - right38
    # left39 = 2*sin(h38)
    left39 = 2 * np.sin(h38)
    # right39 = tanh(h38)
    right39 = np.tanh(h38)
    # h39 = left39 - right39
    h39 = left39 - right39
    # left40 = 2*sin(h39)
    left40 = 2 * np.sin(h39)
    # right40 = tanh(h39)
    right40 = np.tanh(h39)
    # h40 = left40 - right40
    h40 = left40 - right40
    # loss = h40
    loss = h40

    return {"loss": float(loss)}


# --- parameters as one vector ---


def pack(params):
    """The values of params, or of gradients, one after the other in a vector."""
    dtype = _check_arrays("params", params, PARAMETERS)
    return np.concatenate([np.ravel(params[name]) for name in PARAMETERS], dtype=dtype)


def unpack(theta):
    """The inverse of pack: a dict of arrays, which are views of theta."""
    if not isinstance(theta, np.ndarray) or theta.shape != (1,):
        raise ValueError(f"theta: expected shape (1,), got {_describe(theta)}")
    params, start = {}, 0
    for name, row in PARAMETERS.items():
        stop = start + int(np.prod(row["shape"]))
        params[name] = theta[start:stop].reshape(row["shape"])
        start = stop
    return params


# --- helpers ---


def _check_arrays(argument, arrays, table, dtype=None, numbers=True):
    """The dtype of a dict of arrays, whose names and shapes have to be those of the table.

    All have the same dtype, float32 or float64. A number may stand for an array of shape () where
    it is only read.
    """
    if not hasattr(arrays, "keys"):
        raise TypeError(f"{argument}: expected a dict of arrays, got {_describe(arrays)}")
    if arrays.keys() != table.keys():
        raise ValueError(f"{argument}: {_wrong_keys(arrays, table)}")
    if dtype is None:
        dtype = _float_dtype(arrays.values())
    for name, row in table.items():
        array, shape = arrays[name], row["shape"]
        if isinstance(array, np.ndarray) and array.shape == shape and array.dtype is dtype:
            continue
        if numbers and shape == () and isinstance(array, (int, float, np.floating)):
            continue
        if not isinstance(array, np.ndarray):
            raise TypeError(f"{argument}[{name!r}]: expected an array, got {_describe(array)}")
        if array.shape != shape or array.dtype != dtype:
            expected = f"shape {shape} and dtype {dtype}"
            raise ValueError(f"{argument}[{name!r}]: expected {expected}, got {_describe(array)}")
    return dtype


def _check_keys(argument, given, known):
    """Raise an error if a dict has a key that means nothing."""
    if not hasattr(given, "keys"):
        raise TypeError(f"{argument}: expected a dict, got {_describe(given)}")
    unknown = [key for key in given if key not in known]
    if unknown:
        expected = ", ".join(map(repr, known))
        raise ValueError(f"{argument}: unknown {unknown[0]!r}; expected some of {expected}")


def _upstream(name, grad_outputs, shape, dtype):
    """The gradient given for an output; zeros where none is given."""
    value = grad_outputs.get(name)
    if value is None:
        return np.zeros(shape, dtype)
    if shape == () and isinstance(value, (int, float)):
        return np.array(value, dtype)
    if not isinstance(value, np.ndarray) or value.shape != shape or value.dtype != dtype:
        expected = f"an array of shape {shape} and dtype {dtype}"
        raise ValueError(f"grad_outputs[{name!r}]: expected {expected}, got {_describe(value)}")
    return value


def _describe(value):
    """What was given, in words."""
    if isinstance(value, np.ndarray):
        return f"shape {value.shape} and dtype {value.dtype}"
    return f"{type(value).__name__} {value!r}"[:60]


def _wrong_keys(found, expected):
    """What is wrong with the keys of a dict, in words."""
    missing = [name for name in expected if name not in found]
    unknown = [name for name in found if name not in expected]
    words = [f"missing {', '.join(map(repr, missing))}"] if missing else []
    words += [f"unknown {', '.join(map(repr, unknown))}"] if unknown else []
    return f"{' and '.join(words)}; expected {', '.join(map(repr, expected)) or 'nothing'}"


def _float_dtype(values):
    """The dtype to calculate in: that of the first array of float32 or float64, else float64."""
    for value in values:
        if isinstance(value, np.ndarray) and value.dtype.char in "fd":
            return value.dtype
    return np.dtype(np.float64)
