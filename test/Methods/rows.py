"""The methods of the page: what each is tested with, and why a mark is missing."""

import dataclasses
import functools

import activations as a
import numpy as np
import reference as r
from reference import rows_of, whole

#: Reasons that several methods share.
TRAINING = "needs a trained network; the float weights here are put on the method's grid"
OWN = "gradients are decoded before they are added up: each has "
RECURRENT = "needs LSTM and GRU, which are not imported yet"
OUTPUTS = "the curvature is that of layers' outputs rather than the loss's"
ENTRIES = "tables hold integers times one step, which the paper's do not"
COPIES = "each term of activations has a copy of the weights; pending [6]"
LARGE = "has more bytes than the formula; pending [6]"
FIRST = "first and last layer have 8 bits, which are floats in the paper"


@dataclasses.dataclass
class Row:
    id: str
    name: str
    citation: str
    recipe: str = ""
    #: A method of reference.py on a matrix: what the recipe encodes float weights as,
    #: or, of imports, what trained weights look like.
    method: object = None
    imports: bool = False
    #: A network of examples/digits that was trained by the method; of imports, the one
    #: that the weights are put into.
    network: str = ""
    #: The recipe leaves the first and the last layer, or only the first, at 8 bits.
    inner: bool = False
    after_first: bool = False
    #: What becomes of activations, and of the input where that is different.
    activations: a.Quantizer = a.Affine()
    first: a.Quantizer = None
    #: The network is one that was trained with quantizers, without these.
    stripped: bool = False
    #: Recipes of the same files on disk for layers of a million weights: why these
    #: take more than the formula.
    large: str = ""
    #: Random: every number is one of the two levels around the weight.
    step: object = None
    #: Tables of vectors: each is the nearest of its table; dimension and stages.
    vectors: tuple = ()
    #: The method takes the curvature of each weight, too.
    curved: bool = False
    #: Weights of the last layer stay where ONNX has them: see checks.py.
    keeps_order: bool = False
    #: The recipe whose errors at the outputs of layers are more.
    worse: str = ""
    #: A gradient codec, instead of a recipe, and why its wires cannot be added up.
    codec: str = ""
    own_scales: str = ""
    #: Beyond what the tests find: why marks are missing, or differ from the paper.
    pending: str = ""
    note: str = ""


def encodes(id, name, citation, recipe, method, **more):
    return Row(id, name, citation, recipe, method, **more)


def imports(id, name, citation, recipe, method, **more):
    return Row(id, name, citation, recipe, method, imports=True, **more)


def trained(id, name, citation, recipe, network, **more):
    return Row(id, name, citation, recipe, network=network, **more)


def pending(id, name, citation, reason):
    return Row(id, name, citation, pending=reason)


def gradients(id, name, citation, codec, **more):
    return Row(id, name, citation, codec=codec, **more)


def groups(method, size):
    """`method` of each `size` inputs in a row. Rows are inputs, last one first to change,
    so that groups of a layer with fewer are all of them."""
    def apply(w, inputs):
        parts = w.reshape(-1, min(size, inputs))
        return np.stack([method(part) for part in parts]).reshape(w.shape)

    apply.takes_inputs = True
    return apply


def curved(method):
    """`method` of a layer's weights and their curvature, as vectors."""
    return lambda w, d: method(w.ravel(), d.ravel()).reshape(w.shape)


def constant(value):
    """Signs times a number that is not of the weights."""
    return lambda w: r.sign(w) * value


def exactly(method):
    """Sums and differences of scales that f32 holds."""
    return lambda w: np.rint(method(w) * 4096) / 4096


def of_entries(method):
    """`method` of a layer with a table of integers times one step: see reference.py."""
    return whole(functools.partial(method, entries=8))


def few(count):
    """As trained weights of a mixture look: `count` numbers and 0."""
    return whole(functools.partial(r.lloyd, centroids=count))


def dorefa(w, bits=2):
    """Zhou 2016: 2 round((2^k - 1) (tanh(w) / 2 max + 1/2)) / (2^k - 1) - 1."""
    top = 2**bits - 1
    t = np.tanh(w)
    return 2 * np.rint(top * (t / (2 * np.abs(t).max()) + 0.5)) / top - 1


def wage(w, bits=2):
    """Wu 2018: clip(step round(w / step), -1 + step, 1 - step), step = 2^(1 - k)."""
    step = 2.0 ** (1 - bits)
    return np.clip(step * np.rint(w / np.abs(w).max() / step), -1 + step, 1 - step)


ROWS = [
    imports("R01", "BinaryConnect", "Courbariaux 2015", "binaryconnect", constant(0.25)),
    trained("R02", "BNN", "Courbariaux 2016", "bnn", "binary",
            note="trained with a scale for each channel, where the paper has none"),
    encodes("R03", "BWN", "Rastegari 2016", "bwn", rows_of(r.bwn), inner=True),
    encodes("R04", "XNOR-Net", "Rastegari 2016", "xnor-net", rows_of(r.bwn), inner=True,
            activations=a.Signs(), first=a.Affine(), stripped=True,
            note=FIRST),
    trained("R05", "QNN", "Hubara 2016", "qnn", "2bit"),
    imports("R06", "DoReFa-Net", "Zhou 2016", "dorefa", dorefa, network="2bit"),
    encodes("R07", "Limited precision", "Gupta 2015", "gupta", None,
            step=lambda w: 2.0 ** np.ceil(np.log2(np.abs(w).max() / 127)),
            activations=a.FixedPoint()),
    imports("R08", "Few multiplications", "Lin 2015", "ternary-connect",
            lambda w: np.clip(np.rint(3 * w), -1, 1)),
    encodes("R09", "LogNet", "Miyashita 2016", "lognet", whole(r.lognet),
            activations=a.Log2(7)),
    encodes("R10", "ShiftCNN", "Gudovskiy 2017", "shiftcnn", whole(r.shiftcnn)),
    encodes("R11", "INQ", "Zhou 2017", "inq", whole(r.inq)),
    encodes("R12", "TWN", "Li 2016", "twn", whole(r.twn)),
    imports("R13", "TTQ", "Zhu 2017", "ttq", whole(r.ttq)),
    encodes("R14", "Ternary fixed point", "Hwang 2014", "hwang-sung", whole(r.ternary)),
    encodes("R15a", "Scalar quantization", "Gong 2014", "kmeans", of_entries(r.kmeans),
            note=ENTRIES),
    encodes("R15b", "Product quantization", "Gong 2014", "product-quantization", None,
            vectors=(4, 1), note=ENTRIES),
    encodes("R15c", "Residual quantization", "Gong 2014", "residual-quantization", None,
            vectors=(4, 2), note=ENTRIES),
    encodes("R16", "Q-CNN", "Wu 2016", "q-cnn", None, vectors=(4, 1),
            worse="product-quantization", keeps_order=True,
            note="layers read exact inputs, where the paper corrects for those before; " + ENTRIES),
    encodes("R17", "Deep Compression", "Han 2016", "deep-compression",
            of_entries(r.deep_compression), note=ENTRIES),
    encodes("R18a", "ECSQ", "Choi 2017", "ecsq", of_entries(r.ecsq),
            note="without the Hessian; " + ENTRIES),
    encodes("R18b", "Hessian-weighted k-means", "Choi 2017", "hessian-kmeans",
            curved(r.hessian_kmeans), curved=True, keeps_order=True,
            note=OUTPUTS + "; a table for each layer; " + ENTRIES),
    imports("R19", "HashedNets", "Chen 2015", "hashednets", few(8)),
    imports("R20", "Soft weight sharing", "Ullrich 2017", "soft-weight-sharing", few(15)),
    encodes("R21a", "Quantized distillation", "Polino 2018", "polino",
            rows_of(functools.partial(r.min_max, bits=4)),
            note="0 is a level, which it need not be in the paper"),
    imports("R21b", "Differentiable quantization", "Polino 2018",
            "differentiable-quantization", few(16)),
    encodes("R22", "Weighted entropy", "Park 2017", "weighted-entropy",
            of_entries(r.weighted_entropy), activations=a.Log2(), note=ENTRIES),
    encodes("R23", "Network Sketching", "Guo 2017", "network-sketching", rows_of(r.sketch)),
    encodes("R24", "ABC-Net", "Lin 2017", "abc-net", whole(r.abc_net),
            activations=a.ShiftedSigns([(2.5, 0.5), (1.5, 0.5), (0.5, 0.5), (-0.5, 0.5), (-1.5, 0.5)]),
            first=a.Affine(), stripped=True,
            note="shifts and scales of activations, which the paper trains, are even"),
    encodes("R25", "HORQ", "Li 2017", "horq", rows_of(r.bwn), inner=True,
            activations=a.ResidualSigns(2), first=a.Dynamic(), stripped=True, note=FIRST),
    encodes("R26", "Alternating multi-bit", "Xu 2018", "alternating", rows_of(r.alternating),
            activations=a.AlternatingSigns(), first=a.Dynamic(), stripped=True),
    encodes("R27", "ADMM", "Leng 2018", "admm", whole(r.admm)),
    encodes("R28", "LAB", "Hou 2017", "lab", curved(r.lab), curved=True, note=OUTPUTS),
    encodes("R29", "LAQ", "Hou 2018", "laq", curved(r.lat), curved=True, note=OUTPUTS),
    imports("R30", "BWNH", "Hu 2018", "bwnh", rows_of(r.bwn)),
    encodes("R31", "FGQ", "Mellempudi 2017", "fgq", groups(r.ternary, 4),
            after_first=True),
    imports("R32", "LQ-Nets", "Zhang 2018", "lq-net",
            exactly(rows_of(functools.partial(r.alternating, count=2, rounds=10)))),
    encodes("R33", "HWGQ", "Cai 2017", "hwgq", rows_of(r.bwn), inner=True,
            activations=a.HalfWave(), first=a.Affine(), stripped=True, note=FIRST),
    encodes("R34", "Balanced quantization", "Zhou 2017", "balanced", whole(r.balanced)),
    trained("R35", "WRPN", "Mishra 2018", "wrpn", "2bit",
            note="the test's network has a scale for each channel"),
    trained("R36", "PACT", "Choi 2018", "pact", "2bit"),
    imports("R37", "Stochastic quantization", "Dong 2017", "stochastic-quantization",
            rows_of(r.bwn)),
    encodes("R38", "Compact BNN", "Tang 2017", "compact-bnn", whole(r.bwn), after_first=True,
            activations=a.ResidualSigns(2), first=a.Dynamic(), stripped=True,
            note="the first layer has 8 bits"),
    imports("R39", "Apprentice", "Mishra 2018", "apprentice", whole(r.ttq)),
    imports("R40", "EBP", "Soudry 2014", "ebp", constant(1.0)),
    imports("R41", "LR-net", "Shayer 2018", "lr-net", lambda w: np.clip(np.rint(3 * w), -1, 1)),
    imports("R42", "VNQ", "Achterhold 2018", "vnq", whole(r.ternary)),
    imports("R43", "Bayesian compression", "Louizos 2017", "bayesian-compression",
            whole(functools.partial(r.fixed_point, bits=5))),
    encodes("R44", "Random rounding", "Muller 2015", "stochastic-rounding", None,
            step=lambda w: np.float64(np.float32(np.abs(w).max() / 127))),
    gradients("R45", "1-bit SGD", "Seide 2014", "onebit", own_scales=OWN + "means of its own"),
    gradients("R46", "QSGD", "Alistarh 2017", "qsgd", note="in fields, or in Elias's gamma code"),
    gradients("R47", "TernGrad", "Wen 2017", "terngrad"),
    gradients("R48", "DoReFa-Net, gradients", "Zhou 2016", "dorefa"),
    gradients("R49a", "ZipML, double sampling", "Zhang 2017", "zipml"),
    gradients("R49b", "ZipML, optimal levels", "Zhang 2017", "zipml:optimal=on",
              own_scales=OWN + "points of its own", note="among 257 candidates"),
    gradients("R50", "Deep gradient compression", "Lin 2018", "dgc",
              own_scales=OWN + "places of its own", note="an exact threshold, not one by sampling"),
    imports("R51a", "WAGE", "Wu 2018", "wage", wage, network="2bit"),
    gradients("R51b", "WAGE, gradients", "Wu 2018", "wage"),
    encodes("R52", "Dynamic fixed point", "Courbariaux 2014", "dynamic-fixed-point",
            whole(r.fixed_point), activations=a.FixedPoint()),
    *(pending(id, name, citation, RECURRENT) for id, name, citation in [
        ("R53", "RNNs of limited precision", "Ott 2016"),
        ("R54", "Effective quantization for RNNs", "He 2016"),
        ("R55", "LAB, LAQ and multi-bit RNNs", "Hou 2018")]),
    trained("R56", "BMXNet", "Yang 2017", "bmxnet", "binary",
            note="as QONNX; its own files are not read"),
    encodes("R57", "Bits by SQNR", "Lin 2016", "sqnr", whole(r.normal_step),
            note="lowbit-compile --sensitivity allots the bits"),
    encodes("R58", "Ristretto", "Gysel 2016", "ristretto",
            whole(functools.partial(r.fixed_point, rounding="away")),
            activations=a.FixedPoint()),
    encodes("R59", "8-bit SIMD", "Vanhoucke 2011", "vanhoucke", whole(r.absmax)),
    encodes("R60", "Integers only", "Jacob 2018", "jacob", whole(r.min_max)),
]
