"""A scikit-learn pipeline behind the Open Inference Protocol. Beyond the standard library: scikit-learn and joblib.

    python3 examples/sklearn_server.py pipeline.joblib 8000

serves what `joblib.dump(pipeline, "pipeline.joblib")` wrote; the pipeline is fitted on the features in the order of `features` in

    {"version": "skl-1", "kind": "http", "url": "http://127.0.0.1:8000", "model": "skl", "features": ["rsi14_z", "vol1m_log"]}

and `onay models add skl-1.json` brings it into the shadow. Load no file that you did not write: a pickle is a program.
"""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import joblib

pipeline = joblib.load(sys.argv[1])


class Inference(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept: a room has 60 ms for an answer
    wbufsize = -1  # head and body leave together

    def do_POST(self):
        rows_in = json.loads(self.rfile.read(int(self.headers["content-length"])))["inputs"][0]
        rows, features = rows_in["shape"]
        table = [rows_in["data"][row * features : (row + 1) * features] for row in range(rows)]
        scores = [float(of[1]) for of in pipeline.predict_proba(table)]
        output = {"name": "score", "shape": [rows], "datatype": "FP64", "data": scores}
        body = json.dumps({"model_name": "skl", "outputs": [output]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Inference)
print(f"listens on http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
