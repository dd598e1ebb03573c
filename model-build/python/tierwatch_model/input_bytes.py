"""A picture has eight bits already: what rounds its bytes to themselves is left out of an INT8 graph."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .detector import open_session
from .graph import GraphMap, constants_of, kinds_of, replace

SCALING = ("Cast", "Div", "Mul")


def take_bytes(model: onnx.ModelProto) -> None:
    """Hands bytes on where casting, scaling and quantising would give them back.

    Those are three passes over the largest tensor of the graph, a tenth of the default model's time.
    """
    graph, kinds, constants = GraphMap(model), kinds_of(model), constants_of(model)
    bytes_of = {}
    for node in graph.nodes:
        if node.op_type != "QuantizeLinear":
            continue
        chain, source = [node], node.input[0]
        while source in graph.maker and graph.maker[source].op_type in SCALING:
            chain.insert(0, graph.maker[source])
            source = chain[0].input[0]
        if kinds.get(source) == TensorProto.UINT8 and gives_back(chain, source, constants, model):
            bytes_of[node.output[0]] = source
    for node in graph.nodes:
        node.input[:] = [bytes_of.get(name, name) for name in node.input]
    drop_unused(model)


def gives_back(chain: list[onnx.NodeProto], source: str, constants: dict, model: onnx.ModelProto) -> bool:
    """Whether the nodes of a chain, run on each of 256 bytes, answer that byte."""
    taken = [name for node in chain for name in node.input[1:] if name]
    if not all(name in constants for name in taken):
        return False
    weights = [numpy_helper.from_array(numpy_helper.to_array(constants[name]), name) for name in dict.fromkeys(taken)]
    graph = helper.make_graph(
        chain, "bytes", [helper.make_tensor_value_info(source, TensorProto.UINT8, [256])],
        [helper.make_tensor_value_info(chain[-1].output[0], TensorProto.UINT8, None)], weights,
    )
    alone = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    every = np.arange(256, dtype=np.uint8)
    (answers,) = open_session(alone.SerializeToString()).run(None, {source: every})
    return answers.dtype == np.uint8 and np.array_equal(answers, every)


def drop_unused(model: onnx.ModelProto) -> None:
    """Leaves out nodes and weights that nothing takes any more, last first."""
    used = {one.name for one in model.graph.output}
    kept = []
    for node in reversed(model.graph.node):
        if used & set(node.output):
            used |= set(node.input)
            kept.append(node)
    replace(model.graph.node, kept[::-1])
    replace(model.graph.initializer, [one for one in model.graph.initializer if one.name in used])
