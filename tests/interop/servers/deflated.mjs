// A service on Node's `ws` that is asked, pushes and asks back; its argument is what `ws` is told of deflate. The package
// is looked up in the folder that NODE_PATH names. Prints its port, and at its end what it has counted.
import { createRequire } from "node:module";
import process from "node:process";

const { WebSocketServer } = createRequire(`${process.env.NODE_PATH}/`)("ws");
const counted = { connections: 0, deflated: 0, received: 0, sent: 0, asked: 0, pushed: 0, ponged: 0, characters: 0 };
const streams = [];
const perMessageDeflate = JSON.parse(process.argv[2]);
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate });
server.on("connection", (socket, request) => {
  const say = (message) => {
    counted.sent += 1;
    socket.send(JSON.stringify(message));
  };
  counted.connections += 1;
  counted.deflated += socket.extensions.includes("permessage-deflate");
  streams.push(request.socket);
  socket.on("message", (data) => {
    const { id, push = 0, pong, text } = JSON.parse(data);
    counted.received += 1;
    counted.characters += data.length;
    if (pong !== undefined) {
      counted.ponged += 1;
      return;
    }
    counted.asked += 1;
    counted.pushed += push;
    for (let number = 0; number < push; number += 1) say({ news: number, text });
    if (counted.asked % 10 === 0) say({ ping: counted.asked });
    say({ id, text });
  });
});
server.on("listening", () => console.log(server.address().port));
process.on("SIGTERM", () => {
  const bytes = (way) => streams.reduce((sum, stream) => sum + stream[way], 0);
  console.log(JSON.stringify({ ...counted, bytesRead: bytes("bytesRead"), bytesWritten: bytes("bytesWritten") }));
  process.exit();
});
