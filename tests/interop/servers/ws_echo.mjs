// Echo by Node's `ws`: the package is looked up in the folder that NODE_PATH names. Prints its port.
import { createRequire } from "node:module";
import process from "node:process";

const { WebSocketServer } = createRequire(`${process.env.NODE_PATH}/`)("ws");
const options = process.argv[2] ? { path: undefined, ...JSON.parse(process.argv[2]) } : {};
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, ...options });
server.on("connection", (socket) => {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});
server.on("listening", () => console.log(server.address().port));
