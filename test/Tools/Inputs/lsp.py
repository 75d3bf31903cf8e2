"""lsp.py SERVER: see lsp-server.test."""

import json
import subprocess
import sys

TEXT = """func.func @f(%x: tensor<4xf32>) -> tensor<4x!quant.uniform<u8:f32, 0.5>> {
  %y = lowbit.encode %x : tensor<4xf32> to tensor<4x!quant.uniform<u8:f32, 0.5>>
  return %y : tensor<4x!quant.uniform<u8:f32, 0.5>>
}
"""
URI = "test:///encode.mlir"


def message(method, params, **more):
    body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more})
    return f"Content-Length: {len(body)}\r\n\r\n{body}"


session = "".join([
    message("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, id=1),
    message("textDocument/didOpen", {"textDocument": {
        "uri": URI, "languageId": "mlir", "version": 1, "text": TEXT}}),
    message("textDocument/hover", {"textDocument": {"uri": URI},
                                   "position": {"line": 1, "character": 12}}, id=2),
    message("shutdown", None, id=3),
    message("exit", None),
])
process = subprocess.run([sys.argv[1]], input=session.encode(), stdout=subprocess.PIPE, timeout=60)
rest = process.stdout.decode()
while rest:
    header, rest = rest.split("\r\n\r\n", 1)
    size = int(header.split(":")[1])
    answer, rest = json.loads(rest[:size]), rest[size:]
    name = answer.get("method", f"answer {answer.get('id')}")
    print(f"{name}: {json.dumps(answer.get('params', answer.get('result')))}")
sys.exit(process.returncode)
