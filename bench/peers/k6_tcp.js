// Peer: k6 with `k6/x/tcp`, in a script of our own: each VU sends a line when the one before has come back.
//
// Run only if a `k6` on PATH has that module. Prints what it did: messages, and the seconds of its longest VU.
import { Socket } from "k6/x/tcp";

const [host, port] = __ENV.BENCH_ADDRESS.split(":");
const each = Number(__ENV.BENCH_EACH);
const line = "x".repeat(63) + "\n";

export const options = { summaryTrendStats: ["max"] };

export default async function () {
  const socket = new Socket();
  let bytes = 0;
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.on("data", (data) => {
    bytes += new Uint8Array(data).length;
    if (bytes % line.length > 0) return;
    if (bytes === each * line.length) socket.destroy();
    else socket.write(line);
  });
  await socket.connect(Number(port), host);
  await socket.write(line);
  await closed;
  if (bytes !== each * line.length) throw new Error(`${bytes} bytes came back`);
}

export function handleSummary(data) {
  const { iterations, iteration_duration } = data.metrics;
  const messages = iterations.values.count * each;
  return { stdout: JSON.stringify({ messages, wall_s: iteration_duration.values.max / 1000 }) };
}
