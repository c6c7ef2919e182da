// Peer: k6 with its `k6/ws` module. The same load as the other peers, in a k6 script of our own.
//
// Run only if `k6` is on PATH. bench/harness/k6.py takes the CPU of the whole process and subtracts
// that of a run with BENCH_IN_FLIGHT=0 (the same VUs connect and send nothing); the server's counters
// say how many messages passed.
import ws from "k6/ws";

const payload = new Uint8Array(64).fill(120).buffer;
const inFlight = Number(__ENV.BENCH_IN_FLIGHT);
const lifetimeMs = Number(__ENV.BENCH_MS);

export default function () {
  ws.connect(__ENV.BENCH_URL, null, (socket) => {
    socket.on("open", () => {
      for (let i = 0; i < inFlight; i++) socket.sendBinary(payload);
    });
    socket.on("binaryMessage", (data) => socket.sendBinary(data));
    socket.setTimeout(() => socket.close(), lifetimeMs);
  });
}
